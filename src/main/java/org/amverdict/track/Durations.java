package org.amverdict.track;

/** Moments as durations and back. */
public final class Durations {
    /** No record outlives a year; a longer absence is as good as this. */
    public static final long ELAPSED_MAX_NANOS = 366L * 86_400 * 1_000_000_000L;

    static final long NANOS_PER_MILLI = 1_000_000L;

    private Durations() {}

    /** The rest of a duration from a file, which may be any number; 0 or less if nothing is left. */
    static long leftAfter(final long savedNanos, final long elapsedNanos) {
        return savedNanos <= 0 ? 0 : savedNanos - elapsedNanos;
    }

    /** The moment this long before the file was written, whatever number the file has. */
    static long before(final long savedNanos, final long elapsedNanos, final long nowNanos) {
        return nowNanos - elapsedNanos - Math.max(0, Math.min(savedNanos, ELAPSED_MAX_NANOS));
    }

    /** How long it is until then; 0 if it is over, or 0 for never. */
    static long left(final long momentNanos, final long nowNanos) {
        return momentNanos == 0 ? 0 : Math.max(0, momentNanos - nowNanos);
    }

    /** The moment this far away, at most {@code limitNanos}; 0, for never, if nothing is left. */
    static long until(final long leftNanos, final long limitNanos, final long nowNanos) {
        if (leftNanos <= 0) {
            return 0;
        }
        final long moment = nowNanos + Math.min(leftNanos, limitNanos);
        return moment == 0 ? 1 : moment;
    }
}
