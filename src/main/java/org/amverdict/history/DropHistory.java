package org.amverdict.history;

import java.util.List;

/** The recent drops, folded, as many as are kept. Any thread. */
public interface DropHistory {
    /**
     * Copies them.
     *
     * @param max most to return
     * @return newest first
     */
    List<RecentDrop> recent(int max);
}
