package org.amverdict.events;

import org.amverdict.engine.Cause;

/** Says what stood in the way of a packet. Called by the reader's thread alone. */
public interface Explanations {
    /**
     * What stood in the way of a packet, as it was when the packet was judged.
     *
     * @param text one sentence without its full stop
     */
    record Explanation(Cause cause, String text) {}

    /** Explains a record that {@link EventRecord#isTrouble}. */
    Explanation explain(EventRecord event);
}
