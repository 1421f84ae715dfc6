package org.amverdict.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A histogram of nanoseconds with fixed bounds, written by one thread and read by any.
 */
public final class LatencyRecorder {
    private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] upperBounds;
    private final long[] counts;
    private final long[] sum = new long[1];

    /** @param upperBounds inclusive, ascending; one more bucket takes values above the last */
    LatencyRecorder(final long... upperBounds) {
        this.upperBounds = upperBounds.clone();
        counts = new long[upperBounds.length + 1];
    }

    void record(final long value) {
        int bucket = 0;
        while (bucket < upperBounds.length && value > upperBounds[bucket]) {
            bucket++;
        }
        VALUE.setOpaque(counts, bucket, counts[bucket] + 1);
        VALUE.setOpaque(sum, 0, sum[0] + value);
    }

    /** The bounds, ascending. */
    public long[] upperBounds() {
        return upperBounds.clone();
    }

    /** Values in that bucket alone; bucket {@code upperBounds().length} is for values above the last bound. */
    public long count(final int bucket) {
        return (long) VALUE.getOpaque(counts, bucket);
    }

    /** Sum of all values. */
    public long sum() {
        return (long) VALUE.getOpaque(sum, 0);
    }
}
