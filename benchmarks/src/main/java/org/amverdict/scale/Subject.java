package org.amverdict.scale;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture, and what is in it.
 *
 * @param file name of the picture
 * @param title above it
 * @param axis what the sizes count
 * @param entryBytes memory for each of them
 */
record Subject(String file, String title, String axis, int entryBytes, List<Curve> curves) {
    String picture(final List<Caches.Cache> caches) {
        final List<Mark> marks = new ArrayList<>();
        for (final Caches.Cache cache : caches) {
            marks.add(new Mark(cache.label(), (double) cache.bytes() / entryBytes));
        }
        return Picture.svg(title, axis, series(), marks);
    }

    /** The numbers of the picture, in Markdown: median, and least to most. */
    String table() {
        final StringBuilder head = new StringBuilder("| " + axis + " |");
        final StringBuilder line = new StringBuilder("|---|");
        final StringBuilder rows = new StringBuilder();
        for (final Series one : series()) {
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

    private List<Series> series() {
        return curves.stream().map(Curve::series).toList();
    }
}
