package org.amverdict.track;

/**
 * How the records of a table outlive a restart: as rows of longs in which times are durations, so that they mean the same
 * on another clock. Called while no worker runs. What the policy of today forbids is not asked here: it is taken back
 * afterwards, as after a reload.
 */
public interface SavedRows {
    /** No table has more rows. */
    int ROWS_MAX = SlotTable.CAPACITY_MAX;

    /** Longs in a row. */
    int rowWords();

    /** Hands every record that has not ended to the sink, one after the other, in the order to enter them again. */
    void save(long nowNanos, Sink sink);

    /**
     * Enters a record again. A table with less room than it had, or a smaller quota, gives up what it would have given up
     * if it had met its records in this order.
     *
     * @param row as {@link #save} gave it; any other content is refused or harmless
     * @param elapsedNanos how much time has passed since, 0 to {@link Durations#ELAPSED_MAX_NANOS}
     * @param keepSides whether interfaces have the same numbers as then
     * @return whether it was entered: there was time left, room, and nothing wrong with it
     */
    boolean restore(Scratch scratch, long[] row, long elapsedNanos, boolean keepSides, long nowNanos);

    /** Takes the rows. */
    @FunctionalInterface
    interface Sink {
        /** Takes one row, which is only valid during the call. */
        void accept(long[] row);
    }
}
