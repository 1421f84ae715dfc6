package org.amverdict.events;

import org.amverdict.engine.Cause;
import org.jspecify.annotations.Nullable;

/** What is known of a record besides its own numbers. Called by the reader's thread only. */
public interface Explanations {
    /**
     * What went wrong, as it was when it happened.
     *
     * @param text one sentence without its full stop
     * @param remedy the part of it that says what to do, or more of it; null if there is nothing to do
     * @param fault where the cause is
     */
    record Explanation(String text, @Nullable String remedy, Fault fault) {}

    /** Why a packet was dropped, or opened nothing. */
    record Trouble(Cause cause, Explanation explanation) {}

    /** Explains a record that {@link EventRecord#isTrouble}. */
    Trouble explain(EventRecord event);

    /** Explains an answer by which the responder refuses or fails; null for any other. */
    @Nullable Explanation refusal(EventRecord event);

    /** Explains the end of a request, of an expectation or of a stream that came to nothing; null if nothing is wrong. */
    @Nullable Explanation ending(EventRecord event);

    /** {@link #ending(EventRecord)} of a stream whose end connection tracking reports. */
    @Nullable Explanation ending(TrackedEnd end);

    /**
     * The name of the line of {@code allow} behind a record: the one that let the exchange in, or that was nearest to it;
     * null if there is none. Names come from the configuration, which gives each line its own, of at most 64 characters.
     */
    @Nullable String line(EventRecord event);

    /** {@link #line(EventRecord)} of a stream whose end connection tracking reports. */
    @Nullable String line(TrackedEnd end);
}
