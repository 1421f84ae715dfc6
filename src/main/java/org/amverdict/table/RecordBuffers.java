package org.amverdict.table;

/**
 * Where one thread builds the keys and records that it gives to a table, and where the table leaves what it removed.
 * One instance per thread, never shared; its content is valid until the next call of any table with it.
 */
public abstract class RecordBuffers {
    /** Longs in the longest record of any table. */
    private static final int RECORD_MAX = 32;

    /** The key to look up. */
    public final long[] key = new long[TableKey.WORDS];
    /** The record that was just removed, or reported on, key first. */
    public final long[] record = new long[RECORD_MAX];
    /** The record to enter, key first. */
    public final long[] entry = new long[RECORD_MAX];

    /** The address of a host. */
    final long[] host = new long[2];

    /** Everything is 0. */
    protected RecordBuffers() {}
}
