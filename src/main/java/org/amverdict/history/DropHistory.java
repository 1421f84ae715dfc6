package org.amverdict.history;

import java.util.List;

/** The drops of late, folded, as many as are kept. Any thread. */
public interface DropHistory {
    /**
     * Copies them.
     *
     * @param max most that are wanted
     * @return newest first
     */
    List<RecentDrop> recent(int max);
}
