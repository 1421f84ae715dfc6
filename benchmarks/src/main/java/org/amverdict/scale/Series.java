package org.amverdict.scale;

import java.util.List;
import java.util.Locale;

/**
 * Points that belong together.
 *
 * @param label what they are, in the legend
 * @param points by rising size, at least one
 */
record Series(String label, List<Point> points) {
    /** The numbers of series with the same sizes, in Markdown: median, and least to most. */
    static String table(final String axis, final List<Series> series) {
        final StringBuilder head = new StringBuilder("| " + axis + " |");
        final StringBuilder line = new StringBuilder("|---|");
        final StringBuilder rows = new StringBuilder();
        for (final Series one : series) {
            final boolean first = rows.isEmpty();
            rows.append("| ").append(one.label()).append(" |");
            for (final Point point : one.points()) {
                if (first) {
                    head.append(String.format(Locale.ROOT, " %,d |", point.size()));
                    line.append("---|");
                }
                rows.append(
                        String.format(Locale.ROOT, " %.1f (%.1f–%.1f) |", point.nanos(), point.least(), point.most()));
            }
            rows.append('\n');
        }
        return head + "\n" + line + "\n" + rows;
    }
}
