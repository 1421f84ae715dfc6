package org.amverdict.events;

import org.amverdict.engine.Cause;

/** Explains what was wrong with a packet. Called by the reader's thread only. */
public interface Explanations {
    /**
     * What was wrong with a packet at the time it was judged.
     *
     * @param text one sentence without its full stop
     */
    record Explanation(Cause cause, String text) {}

    /** Explains a record that {@link EventRecord#isTrouble}. */
    Explanation explain(EventRecord event);
}
