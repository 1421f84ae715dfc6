package org.amverdict.track;

import org.amverdict.table.SlotTable;

/** Cache memory that looking up each entry takes, see {@link SlotTable}. Stateless. */
public final class EntryBytes {
    private static final int SEED = 20_261_127;
    /** The link of a record's chain, and the heads of chains: 4 to 7 for each entry of a table that is half full. */
    private static final int LINKS = (1 + 5) * Integer.BYTES;

    private EntryBytes() {}

    /** Of an expectation in a table that is half full, about. */
    public static int expectation() {
        return LINKS + Long.BYTES * new ExpectationTable(1, 1, SEED, new TableCounters()).rowWords();
    }

    /** Of a flow in a table that is half full, about. */
    public static int flow() {
        return LINKS + Long.BYTES * new FlowTable(new TableLimits.Flows(1, 1), SEED, new TableCounters()).rowWords();
    }
}
