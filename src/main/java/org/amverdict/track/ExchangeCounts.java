package org.amverdict.track;

import org.amverdict.packet.Tuple;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;

/**
 * How many transactions exist between two ends: for an ICMP error, which quotes addresses and ports but maybe no
 * HANDLE. Changed under the lock of the table that uses it; any thread may look, without a lock.
 */
final class ExchangeCounts {
    private static final int COUNT = 2;
    private static final int VALUE_WORDS = 3;
    private static final long PORTS_MASK = 0xFFFF_FFFFL;

    private final SlotTable exchanges;
    private final long[] key = new long[TableKey.WORDS];

    /** @param capacity of the table of transactions, and so the most exchanges */
    ExchangeCounts(final int capacity, final long seed) {
        exchanges = new SlotTable(TableKey.WORDS, VALUE_WORDS, capacity, seed);
    }

    void add(final SlotTable transactions, final int transaction) {
        setKey(transactions, transaction);
        final long hash = exchanges.hash(key);
        exchanges.lock(hash);
        try {
            int slot = exchanges.findLocked(key, hash);
            if (slot == SlotTable.NONE) {
                slot = exchanges.insertLocked(key, hash);
            }
            if (slot != SlotTable.NONE) {
                exchanges.setValue(slot, COUNT, exchanges.value(slot, COUNT) + 1);
            }
        } finally {
            exchanges.unlock(hash);
        }
    }

    void remove(final SlotTable transactions, final int transaction) {
        setKey(transactions, transaction);
        final long hash = exchanges.hash(key);
        exchanges.lock(hash);
        try {
            final int slot = exchanges.findLocked(key, hash);
            if (slot == SlotTable.NONE) {
                return;
            }
            final long count = exchanges.value(slot, COUNT) - 1;
            if (count <= 0) {
                exchanges.removeLocked(slot, hash);
            } else {
                exchanges.setValue(slot, COUNT, count);
            }
        } finally {
            exchanges.unlock(hash);
        }
    }

    /** The key of a transaction begins with both addresses; the lower half of its fifth word is the ports. */
    private void setKey(final SlotTable transactions, final int transaction) {
        for (int word = 0; word < TableKey.WORDS; word++) {
            key[word] = transactions.key(transaction, word);
        }
        key[TableKey.LAST] &= PORTS_MASK;
    }

    /**
     * Whether these two ends, the requester first, have one.
     *
     * @param scratch of the calling thread
     */
    boolean contains(final Scratch scratch, final Tuple tuple) {
        TableKey.setDirected(scratch.key, tuple);
        return exchanges.find(scratch.key, exchanges.hash(scratch.key)) != SlotTable.NONE;
    }
}
