package org.amverdict.engine;

/** Takes the first few of every second. One per engine; not thread-safe. */
final class Sample {
    /** How many of each second. */
    static final int PER_SECOND = 20;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private long startNanos;
    private int taken;

    /** Whether the one of this moment is among them. */
    boolean take(final long nowNanos) {
        if (taken == 0 || nowNanos - startNanos >= SECOND_NANOS) {
            startNanos = nowNanos;
            taken = 0;
        }
        if (taken == PER_SECOND) {
            return false;
        }
        taken++;
        return true;
    }
}
