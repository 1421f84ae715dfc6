package org.amverdict.table;

/**
 * How many records of a table each pair of hosts holds, by a hash of the pair. Pairs with hashes that share a place are
 * counted together, so a limit may apply early, but never late. Not thread-safe: guarded by the lock of the table that
 * uses it.
 */
public final class PairCounts {
    /** Few enough for a core's own caches. */
    private static final int PLACES_MAX = 16_384;

    private final int[] counts;
    private final long seed;

    /**
     * @param capacity of the table
     * @param seed secret from hosts on the wire
     */
    public PairCounts(final int capacity, final long seed) {
        counts = new int[Math.min(PLACES_MAX, Integer.highestOneBit(Math.max(2, capacity)))];
        this.seed = seed;
    }

    /** Counts one more; false if its pair already holds that many. */
    public boolean add(final SlotTable records, final int slot, final int limit) {
        final int place = place(records, slot);
        if (counts[place] >= limit) {
            return false;
        }
        counts[place]++;
        return true;
    }

    /** Counts one less for the pair of that record. */
    public void remove(final SlotTable records, final int slot) {
        counts[place(records, slot)]--;
    }

    /** The key of a record begins with both addresses. */
    private int place(final SlotTable records, final int slot) {
        final long first = Long.rotateLeft(records.key(slot, 0), Integer.SIZE) ^ records.key(slot, 1);
        final long second = Long.rotateLeft(records.key(slot, 2), Integer.SIZE) ^ records.key(slot, 3);
        return (int) SlotHints.with(SlotHints.with(seed, first), second) & counts.length - 1;
    }
}
