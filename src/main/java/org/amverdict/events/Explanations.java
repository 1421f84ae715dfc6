package org.amverdict.events;

import org.amverdict.engine.Cause;
import org.jspecify.annotations.Nullable;

/** What is known of a record besides its own numbers. Called by the reader's thread only. */
public interface Explanations {
    /**
     * What was wrong with a packet at the time it was judged.
     *
     * @param text one sentence without its full stop
     */
    record Explanation(Cause cause, String text) {}

    /** Explains a record that {@link EventRecord#isTrouble}. */
    Explanation explain(EventRecord event);

    /**
     * The name of the line of {@code allow} behind a record: the one that let the exchange in, or that was nearest to it;
     * null if there is none. Names come from the configuration, which gives each line its own, of at most 64 characters.
     */
    @Nullable String line(EventRecord event);

    /** {@link #line(EventRecord)} of a stream whose end connection tracking reports. */
    @Nullable String line(TrackedEnd end);
}
