package org.amverdict.events;

/**
 * Gets every record that the workers hand over, in the order of cause and effect. Called by the reader's thread only.
 */
public interface EventListener {
    /** Handles one record; must copy what it keeps, since the argument is reused. */
    void event(EventRecord event);

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
