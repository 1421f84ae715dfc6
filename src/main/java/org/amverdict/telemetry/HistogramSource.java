package org.amverdict.telemetry;

/**
 * Durations counted in fixed buckets, as a scrape reads them. Written by one thread or several, read by any; the figures
 * may differ by what happened between two reads. Nothing here is called per packet.
 */
public interface HistogramSource {
    /** Inclusive upper bounds in nanoseconds, ascending; never changes. What is longer falls into one bucket more. */
    long[] bucketUpperNanos();

    /**
     * Durations in this bucket alone, not cumulated.
     *
     * @param bucket 0 to {@code bucketUpperNanos().length}, the last being what exceeds every bound
     */
    long count(int bucket);

    /** Sum of all durations in nanoseconds. */
    long sumNanos();
}
