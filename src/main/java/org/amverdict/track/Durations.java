package org.amverdict.track;

/** Moments as durations and back; 0 stands for never in both. */
final class Durations {
    static final long NANOS_PER_MILLI = 1_000_000L;

    private Durations() {}

    /** How long it is until then; 0 if it is over or never. */
    static long left(final long momentNanos, final long nowNanos) {
        return momentNanos == 0 ? 0 : Math.max(0, momentNanos - nowNanos);
    }

    /** The moment that is so far away, at most {@code limitNanos}; 0 if there is nothing left. */
    static long until(final long leftNanos, final long limitNanos, final long nowNanos) {
        if (leftNanos <= 0) {
            return 0;
        }
        final long moment = nowNanos + Math.min(leftNanos, limitNanos);
        return moment == 0 ? 1 : moment;
    }
}
