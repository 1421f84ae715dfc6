package org.amverdict.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;

/** Order statistics of few numbers. NaN means unknown: no numbers, or a ratio to zero. */
final class Statistics {
    private static final double NANOS_PER_MICRO = 1e3;

    private Statistics() {}

    /** The middle number, or the mean of the two in the middle. */
    static double median(final Collection<Double> values) {
        final double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Largest minus smallest, as a fraction of the median. */
    static double spread(final Collection<Double> values) {
        final double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : divide(sorted[sorted.length - 1] - sorted[0], median(values));
    }

    /**
     * The median of the ratios of each round, which slow changes of the machine do not affect.
     *
     * @param values by round
     * @param base by round; rounds that only one of the two has are left out
     */
    static double ratio(final Map<Integer, Double> values, final Map<Integer, Double> base) {
        return median(values.entrySet().stream()
                .filter(entry -> base.containsKey(entry.getKey()))
                .map(entry -> divide(entry.getValue(), base.getOrDefault(entry.getKey(), Double.NaN)))
                .filter(ratio -> !ratio.isNaN())
                .toList());
    }

    /** The median of the differences of each round; parameters as {@link #ratio}. */
    static double difference(final Map<Integer, Double> values, final Map<Integer, Double> base) {
        return median(values.entrySet().stream()
                .filter(entry -> base.containsKey(entry.getKey()))
                .map(entry -> entry.getValue() - base.getOrDefault(entry.getKey(), Double.NaN))
                .toList());
    }

    /**
     * The smallest number with at least this fraction of all numbers at or below it (nearest rank).
     *
     * @param sorted ascending
     * @param part above 0, at most 1
     */
    static double percentile(final long[] sorted, final double part) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        final int rank = (int) Math.ceil(part * sorted.length);
        return sorted[Math.max(0, rank - 1)];
    }

    /** {@link #percentile} of nanoseconds, in microseconds. */
    static double micros(final long[] sorted, final double part) {
        return percentile(sorted, part) / NANOS_PER_MICRO;
    }

    /** Adds p50, p90, p99, p99.9 and the greatest of times in nanoseconds, by the names of the JSON document. */
    static void putMicros(final Map<String, Double> values, final String prefix, final long[] sorted) {
        values.put(prefix + "p50_us", micros(sorted, 0.5));
        values.put(prefix + "p90_us", micros(sorted, 0.9));
        values.put(prefix + "p99_us", micros(sorted, 0.99));
        values.put(prefix + "p999_us", micros(sorted, 0.999));
        values.put(prefix + "max_us", micros(sorted, 1));
    }

    /** A sorted copy of the first numbers. */
    static long[] sorted(final long[] values, final int count) {
        final long[] copy = Arrays.copyOf(values, count);
        Arrays.sort(copy);
        return copy;
    }

    private static double divide(final double above, final double below) {
        return below == 0 ? Double.NaN : above / below;
    }
}
