package org.amverdict.track;

import org.amverdict.table.SlotTable;

/**
 * How the records of a table outlive a restart: as rows of longs in which times are durations, so that they mean the
 * same on another clock. Called while no worker runs. The current policy is not checked here: what it forbids is taken
 * back afterward, as after a reload.
 */
public interface SavedRows {
    /** No table has more rows. */
    int ROWS_MAX = SlotTable.CAPACITY_MAX;

    /** Longs in a row. */
    int rowWords();

    /** Hands every unfinished record to the sink, one by one, in the order to enter them again. */
    void save(long nowNanos, Sink sink);

    /**
     * Enters a record again. A table with less room or a smaller quota than before gives up what it would have given up
     * had its records arrived in this order.
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
