package org.amverdict.history;

import java.util.List;
import java.util.function.Predicate;

/** The recent transactions, as many as are kept. Any thread. */
public interface SessionHistory {
    /**
     * Copies them.
     *
     * @param max most to return
     * @return newest first
     */
    List<Session> recent(int max);

    /**
     * Copies some of them, and no more than it takes to find as many.
     *
     * @param max most to return
     * @param wanted which ones
     * @return newest first
     */
    default List<Session> recent(final int max, final Predicate<Session> wanted) {
        return recent(Integer.MAX_VALUE).stream().filter(wanted).limit(max).toList();
    }
}
