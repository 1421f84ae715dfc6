package org.amverdict.track;

/**
 * How many records of a table each pair of hosts holds, by a hash of the pair. Pairs whose hashes share a place are counted
 * together, so a limit may be met early, but never late. Not thread-safe: guarded by the lock of the table that uses it.
 */
final class PairCounts {
    private final int[] counts;
    private final long seed;

    /**
     * @param capacity of the table
     * @param seed unknown to whoever is on the wire
     */
    PairCounts(final int capacity, final long seed) {
        counts = new int[Integer.highestOneBit(Math.max(2, capacity))];
        this.seed = seed;
    }

    void add(final SlotTable records, final int record) {
        counts[place(records, record)]++;
    }

    void remove(final SlotTable records, final int record) {
        counts[place(records, record)]--;
    }

    int count(final SlotTable records, final int record) {
        return counts[place(records, record)];
    }

    /** The key of a record begins with both addresses. */
    private int place(final SlotTable records, final int record) {
        long hash = seed;
        for (int word = 0; word < 2 * 2; word++) {
            hash = SlotHints.with(hash, records.key(record, word));
        }
        return (int) hash & counts.length - 1;
    }
}
