package org.amverdict.scale;

import java.util.Arrays;

/**
 * The measurements at one size: the median and the range of several measurements.
 *
 * @param size the number on the horizontal axis, at least 1
 * @param nanos median
 * @param least lowest of all
 * @param most highest of all
 */
record Point(long size, double nanos, double least, double most) {
    /** @param measured at least one, in nanoseconds */
    static Point of(final long size, final double[] measured) {
        final double[] sorted = measured.clone();
        Arrays.sort(sorted);
        return new Point(size, sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }
}
