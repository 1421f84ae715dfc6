package org.amverdict.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program under measurement.
 *
 * @param name in reports, unique
 * @param kind what it is
 * @param command shell words to which the queue number is added; empty except for {@link Kind#PROGRAM}
 * @param queues that the kernel picks from by address; 1 except for {@link Kind#AMVERDICT}
 */
public record Contestant(String name, Kind kind, String command, int queues) {
    /** Most queues of one contestant. */
    public static final int QUEUES_MAX = 16;

    /** The same path with an ACCEPT rule in place of the queue. */
    static final Contestant ACCEPT = new Contestant("accept", Kind.ACCEPT, "", 1);
    /** {@code amverdict run}. */
    static final Contestant AMVERDICT = amverdict(1);

    private static final Pattern AGAINST = Pattern.compile("([A-Za-z0-9._+-]{1,24})=(.*\\S.*)");

    /** What a contestant is. */
    enum Kind {
        ACCEPT,
        AMVERDICT,
        PROGRAM
    }

    /**
     * The same with several queues, each with its own thread.
     *
     * @param queues 1 to {@link #QUEUES_MAX}
     */
    static Contestant amverdict(final int queues) {
        return new Contestant(queues == 1 ? "amverdict" : "amverdict-" + queues, Kind.AMVERDICT, "", queues);
    }

    /**
     * Reads {@code NAME=COMMAND}.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    public static Contestant parse(final String text) {
        final Matcher matcher = AGAINST.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not NAME=COMMAND; a name is 1 to 24 letters, digits or one of . _ + -");
        }
        final String name = matcher.group(1);
        if (name.equals(ACCEPT.name) || name.equals(AMVERDICT.name)) {
            throw new IllegalArgumentException("the name '" + name + "' is taken: it is always measured");
        }
        return new Contestant(name, Kind.PROGRAM, matcher.group(2), 1);
    }
}
