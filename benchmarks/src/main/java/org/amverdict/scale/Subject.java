package org.amverdict.scale;

import java.util.ArrayList;
import java.util.List;

/**
 * A picture and its contents.
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

    /** The numbers of the picture, in Markdown. */
    String table() {
        return Series.table(axis, series());
    }

    private List<Series> series() {
        return curves.stream().map(Curve::series).toList();
    }
}
