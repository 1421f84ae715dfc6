package org.amverdict.events;

import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;

/**
 * Gets every record that the workers hand over, in the order of cause and effect. Called by the reader's thread only.
 */
public interface EventListener {
    /** Handles one record; must copy what it keeps, since the argument is reused. */
    void event(EventRecord event);

    /**
     * Packets were refused that came too fast to be reported one by one.
     *
     * @param decided not ACCEPT
     * @param verdict what the kernel was told
     * @param count how many since the last call with these
     */
    default void counted(final Verdict decided, final Verdict verdict, final Reason reason, final long count) {}

    /**
     * Time passes; after the records of each round, at most a tenth of a second apart.
     *
     * @param nowNanos of {@link System#nanoTime}
     */
    default void tick(final long nowNanos) {}

    /** No more records follow. */
    default void end(final long nowNanos) {
        tick(nowNanos);
    }
}
