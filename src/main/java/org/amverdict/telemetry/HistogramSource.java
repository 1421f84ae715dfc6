package org.amverdict.telemetry;

import org.amverdict.amanda.StreamName;
import org.amverdict.track.TableCounters;
import org.amverdict.worker.LatencyRecorder;

/**
 * Durations counted in fixed buckets, as a scrape reads them. Written by one thread or several, read by any; the
 * figures may differ by events between two reads. Nothing here is called per packet.
 */
public interface HistogramSource {
    /**
     * Inclusive upper bounds in nanoseconds, ascending; never changes. Longer durations fall into one additional
     * bucket.
     */
    long[] bucketUpperNanos();

    /**
     * Durations in this bucket only, not cumulative.
     *
     * @param bucket 0 to {@code bucketUpperNanos().length}, the last being what exceeds every bound
     */
    long count(int bucket);

    /** Sum of all durations in nanoseconds. */
    long sumNanos();

    /** The durations of a worker. */
    static HistogramSource of(final LatencyRecorder recorder) {
        return new HistogramSource() {
            @Override
            public long[] bucketUpperNanos() {
                return recorder.upperBounds();
            }

            @Override
            public long count(final int bucket) {
                return recorder.count(bucket);
            }

            @Override
            public long sumNanos() {
                return recorder.sum();
            }
        };
    }

    /** From the announcement of a stream to the SYN that took the expectation. */
    static HistogramSource waits(final TableCounters counters, final StreamName stream) {
        return new HistogramSource() {
            @Override
            public long[] bucketUpperNanos() {
                return TableCounters.waitBoundsNanos();
            }

            @Override
            public long count(final int bucket) {
                return counters.waits(stream, bucket);
            }

            @Override
            public long sumNanos() {
                return counters.waitSumNanos(stream);
            }
        };
    }

    /**
     * Upper bound of the bucket in which that share of all values is reached, the last bound for everything above it;
     * {@link Figure#UNKNOWN} if there is no value.
     */
    default long quantile(final double share) {
        final long[] bounds = bucketUpperNanos();
        final long[] counts = new long[bounds.length + 1];
        long total = 0;
        for (int i = 0; i < counts.length; i++) {
            counts[i] = count(i);
            total += counts[i];
        }
        if (total == 0) {
            return Figure.UNKNOWN;
        }
        long seen = 0;
        int bucket = 0;
        while (bucket < bounds.length - 1 && seen + counts[bucket] < share * total) {
            seen += counts[bucket];
            bucket++;
        }
        return bounds[bucket];
    }
}
