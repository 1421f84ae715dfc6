package org.amverdict.table;

/**
 * How many records each host holds in one table. A host is here while it holds at least one. Any thread may call.
 */
final class HostCounts {
    private static final int COUNT = 2;
    private static final int VALUE_WORDS = 3;
    private static final int KEY_WORDS = 2;
    /** A record is counted before the one it replaces is uncounted: at most one more host for each worker. */
    private static final int SPARE = 1024;

    private final SlotTable hosts;

    /** @param capacity most records of the table that is counted, and so most hosts */
    HostCounts(final int capacity, final long seed) {
        hosts = new SlotTable(KEY_WORDS, VALUE_WORDS, Math.min(capacity + SPARE, SlotTable.CAPACITY_MAX), seed);
    }

    /** Counts one more for the host; false if it holds {@code limit} already, or if no more hosts can be counted. */
    boolean take(final long high, final long low, final int limit, final long[] scratch) {
        scratch[0] = high;
        scratch[1] = low;
        final long hash = hosts.hash(scratch);
        hosts.lock(hash);
        try {
            int slot = hosts.findLocked(scratch, hash);
            if (slot == SlotTable.NONE) {
                slot = hosts.insertLocked(scratch, hash);
                if (slot == SlotTable.NONE) {
                    return false;
                }
            }
            final long count = hosts.value(slot, COUNT);
            if (count >= limit) {
                return false;
            }
            hosts.setValue(slot, COUNT, count + 1);
            return true;
        } finally {
            hosts.unlock(hash);
        }
    }

    /** Counts one less for the host with the address in {@code host}. */
    void giveBack(final long[] host) {
        final long hash = hosts.hash(host);
        hosts.lock(hash);
        try {
            final int slot = hosts.findLocked(host, hash);
            if (slot == SlotTable.NONE) {
                return;
            }
            final long count = hosts.value(slot, COUNT) - 1;
            if (count == 0) {
                hosts.removeLocked(slot, hash);
            } else {
                hosts.setValue(slot, COUNT, count);
            }
        } finally {
            hosts.unlock(hash);
        }
    }

    /** Records that the host holds. */
    int count(final long high, final long low, final long[] scratch) {
        scratch[0] = high;
        scratch[1] = low;
        final int slot = hosts.find(scratch, hosts.hash(scratch));
        return slot == SlotTable.NONE ? 0 : (int) hosts.value(slot, COUNT);
    }
}
