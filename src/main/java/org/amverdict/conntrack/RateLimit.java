package org.amverdict.conntrack;

/** Whether a counter grows faster than it may, measured over a second at least. One thread. */
final class RateLimit {
    private static final long WINDOW_NANOS = 1_000_000_000L;

    private final long perSecond;
    private long windowNanos;
    private long windowCount;

    RateLimit(final long perSecond, final long nowNanos) {
        this.perSecond = perSecond;
        windowNanos = nowNanos;
    }

    /** @param count as it is now; never shrinks */
    boolean exceeded(final long count, final long nowNanos) {
        final long elapsed = nowNanos - windowNanos;
        if (elapsed < WINDOW_NANOS) {
            return false;
        }
        final double rate = (count - windowCount) * (double) WINDOW_NANOS / elapsed;
        windowNanos = nowNanos;
        windowCount = count;
        return rate > perSecond;
    }
}
