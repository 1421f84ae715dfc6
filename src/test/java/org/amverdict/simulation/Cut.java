package org.amverdict.simulation;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which decisions of a plan are left out; the rest stays as it is. Notes which ones were asked for and are kept. */
final class Cut {
    private final Set<Integer> kept = new LinkedHashSet<>();
    private final Set<Integer> ids;
    private final boolean only;

    private Cut(final Collection<Integer> ids, final boolean only) {
        this.ids = new HashSet<>(ids);
        this.only = only;
    }

    /** Everything happens. */
    static Cut nothing() {
        return new Cut(Set.of(), false);
    }

    /** Only these happen. */
    static Cut allBut(final Collection<Integer> kept) {
        return new Cut(kept, true);
    }

    boolean keeps(final int id) {
        final boolean keeps = ids.contains(id) == only;
        if (keeps) {
            kept.add(id);
        }
        return keeps;
    }

    /** What was asked for so far and is kept. */
    Set<Integer> kept() {
        return kept;
    }
}
