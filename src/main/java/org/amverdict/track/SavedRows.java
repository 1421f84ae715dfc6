package org.amverdict.track;

/**
 * How the records of a table outlive a restart: as rows of longs in which times are durations, so that they mean the same
 * on another clock. Called while no worker runs.
 */
public interface SavedRows {
    /** Longs in a row. */
    int rowWords();

    /** Most rows. */
    int capacity();

    /** Hands every record that has not ended to the sink, one after the other. */
    void save(long nowNanos, Sink sink);

    /**
     * Enters a record again.
     *
     * @param row as {@link #save} gave it; any other content is refused or harmless
     * @param elapsedNanos how much time has passed since, at least 0
     * @param keepSides whether interfaces have the same numbers as then
     * @param filter what may come back
     * @return whether it was entered: there was time left, room, and nothing wrong with it
     */
    boolean restore(long[] row, long elapsedNanos, boolean keepSides, Filter filter, long nowNanos);

    /** Takes the rows. */
    @FunctionalInterface
    interface Sink {
        /** Takes one row, which is only valid during the call. */
        void accept(long[] row);
    }

    /** Whether the policy of today still knows these hosts. */
    @FunctionalInterface
    interface Filter {
        boolean permits(long requesterHigh, long requesterLow, long responderHigh, long responderLow, int port);
    }
}
