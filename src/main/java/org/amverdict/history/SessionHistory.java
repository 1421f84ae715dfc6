package org.amverdict.history;

import java.util.List;

/** The transactions of late, as many as are kept. Any thread. */
public interface SessionHistory {
    /**
     * Copies them.
     *
     * @param max most that are wanted
     * @return newest first
     */
    List<Session> recent(int max);
}
