package org.amverdict.history;

import java.util.List;
import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** Answers "was it the firewall?" from the history and the tables. Any thread. */
public interface Why {
    /** Stands for any port. */
    int ANY_PORT = -1;

    /** Was it? */
    enum Was {
        /** This program stopped it. */
        YES("yes", "Yes"),
        /** It let everything through that came. */
        NO("no", "No"),
        /** It has no record of these hosts. */
        NOT_SEEN("not-seen", "Not seen here");

        private final String label;
        private final String words;

        Was(final String label, final String words) {
            this.label = label;
            this.words = words;
        }

        /** Name in JSON. */
        public String label() {
            return label;
        }

        /** The beginning of the answer. */
        public String words() {
            return words;
        }
    }

    /**
     * The answer. Immutable.
     *
     * @param cause what happened, or what is known: a sentence without its full stop
     * @param remedy what to do; null if there is nothing to do
     * @param sentences all that is known, newest first, at least one; the first ones are what {@code was} rests on
     */
    record Answer(Was was, String cause, @Nullable String remedy, List<String> sentences) {
        public Answer {
            sentences = List.copyOf(sentences);
        }
    }

    /**
     * Tells what happened between two hosts, and what would happen to a connection now.
     *
     * @param source the host that connects or asks
     * @param destination the other host
     * @param port of the destination, or {@link #ANY_PORT}
     * @throws IllegalArgumentException if an address is not a host's or the port does not exist, with a message for
     *     the user
     */
    Answer answer(IpAddress source, IpAddress destination, int port);
}
