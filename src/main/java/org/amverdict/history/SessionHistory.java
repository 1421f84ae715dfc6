package org.amverdict.history;

import java.util.List;

/** The recent transactions, as many as are kept. Any thread. */
public interface SessionHistory {
    /**
     * Copies them.
     *
     * @param max most to return
     * @return newest first
     */
    List<Session> recent(int max);
}
