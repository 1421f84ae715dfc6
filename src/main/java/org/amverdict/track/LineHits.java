package org.amverdict.track;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What each line of {@code allow} let in, by its name, so that the counts survive a reload. Shared by all workers; a count
 * is one atomic addition for each new request, announcement or connection, and none for a packet of a known one. The
 * names come from configurations, not from packets, and there is a limit to them. Any thread.
 */
public final class LineHits {
    /** Names that are counted on their own, over all configurations since the start; the rest shares {@link #OTHERS}. */
    public static final int NAMES_MAX = 256;
    /** Stands for all lines beyond {@link #NAMES_MAX}. */
    public static final String OTHERS = "other lines";

    private static final int KINDS = Hit.values().length;

    private final AtomicLongArray counts = new AtomicLongArray((NAMES_MAX + 1) * KINDS);
    private final Map<String, Integer> places = new HashMap<>();
    private volatile List<String> names = List.of();

    /** What a line lets in. */
    public enum Hit {
        /** A request that opens an exchange; not counted again when it is repeated. */
        REQUEST("request"),
        /** A stream that a reply announced; not counted again when the reply is repeated. */
        STREAM("stream"),
        /** A connection without an announcement: auth bsdtcp, or legacy recovery. */
        CONNECTION("connection");

        private final String label;

        Hit(final String label) {
            this.label = label;
        }

        /** Name in the metrics. */
        public String label() {
            return label;
        }
    }

    /**
     * Where the lines of a configuration are counted; a name that is known keeps its place.
     *
     * @param lines their names, in the order of the configuration
     * @return for each line the argument of {@link #count}
     */
    public synchronized int[] placesOf(final List<String> lines) {
        final List<String> known = new ArrayList<>(names);
        final int[] found = new int[lines.size()];
        for (int i = 0; i < found.length; i++) {
            final String name = lines.get(i);
            final Integer place = places.get(name);
            if (place != null) {
                found[i] = place;
            } else if (known.size() < NAMES_MAX) {
                found[i] = known.size();
                places.put(name, found[i]);
                known.add(name);
            } else {
                found[i] = NAMES_MAX;
                if (known.size() == NAMES_MAX) {
                    known.add(OTHERS);
                }
            }
        }
        names = List.copyOf(known);
        return found;
    }

    /**
     * Counts what a line let in.
     *
     * @param place of the line, of {@link #placesOf}
     * @param amount how many at once
     */
    public void count(final int place, final Hit hit, final int amount) {
        counts.getAndAdd(place * KINDS + hit.ordinal(), amount);
    }

    /** The names that have a count, in the order in which they came; the index of a name is its place. */
    public List<String> names() {
        return names;
    }

    /** What the line at that place let in since the start. */
    public long hits(final int place, final Hit hit) {
        return counts.get(place * KINDS + hit.ordinal());
    }
}
