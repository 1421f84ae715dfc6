package org.amverdict.track;

import org.amverdict.amanda.StreamName;

/** Lets tests of other packages write what only the tables write. */
public final class TrackTestAccess {
    private TrackTestAccess() {}

    public static void countCreated(final TableCounters counters, final StreamName stream) {
        counters.countCreated(stream);
    }

    public static void countRemoved(final TableCounters counters, final Removal cause) {
        counters.countRemoved(cause);
    }

    public static void countLimit(final TableCounters counters, final TableName table, final LimitScope scope) {
        counters.countLimit(table, scope);
    }
}
