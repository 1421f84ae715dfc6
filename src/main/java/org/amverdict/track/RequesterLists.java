package org.amverdict.track;

import java.util.Arrays;

/**
 * Chains the records of each requester, the longest untouched first, so that a requester at its quota gives up its own
 * oldest record. Not thread-safe: guarded by the lock of the table that uses it.
 */
final class RequesterLists {
    private static final int NONE = SlotTable.NONE;
    private static final int COUNT = 2;
    private static final int OLDEST = 3;
    private static final int NEWEST = 4;
    private static final int VALUE_WORDS = 5;
    private static final int KEY_WORDS = 2;

    private final SlotTable requesters;
    private final int[] older;
    private final int[] newer;
    private final int[] list;
    private final long[] key = new long[KEY_WORDS];

    RequesterLists(final int capacity, final long seed) {
        requesters = new SlotTable(KEY_WORDS, VALUE_WORDS, capacity, seed);
        older = new int[capacity];
        newer = new int[capacity];
        list = new int[capacity];
        Arrays.fill(list, NONE);
    }

    /** Records of that requester. */
    int count(final long high, final long low) {
        final int requester = find(high, low);
        return requester == NONE ? 0 : (int) requesters.value(requester, COUNT);
    }

    /** The record of that requester that was not touched for longest, or NONE. */
    int oldest(final long high, final long low) {
        final int requester = find(high, low);
        return requester == NONE ? NONE : (int) requesters.value(requester, OLDEST);
    }

    /** Whether no record of the same requester was untouched for longer. */
    boolean isOldest(final int slot) {
        return older[slot] == NONE;
    }

    /** The record of the same requester that was touched next, or NONE. */
    int newer(final int slot) {
        return newer[slot];
    }

    private int find(final long high, final long low) {
        key[0] = high;
        key[1] = low;
        return requesters.findLocked(key, requesters.hash(key));
    }

    /** Puts a record at the newest end of its requester's list. There is room for every record of the table. */
    void append(final int slot, final long high, final long low) {
        int requester = find(high, low);
        if (requester == NONE) {
            requester = requesters.insertLocked(key, requesters.hash(key));
            requesters.setValue(requester, OLDEST, NONE);
            requesters.setValue(requester, NEWEST, NONE);
        }
        link(slot, requester);
        requesters.setValue(requester, COUNT, requesters.value(requester, COUNT) + 1);
    }

    private void link(final int slot, final int requester) {
        final int newest = (int) requesters.value(requester, NEWEST);
        list[slot] = requester;
        older[slot] = newest;
        newer[slot] = NONE;
        if (newest == NONE) {
            requesters.setValue(requester, OLDEST, slot);
        } else {
            newer[newest] = slot;
        }
        requesters.setValue(requester, NEWEST, slot);
    }

    private void unlink(final int slot, final int requester) {
        if (older[slot] == NONE) {
            requesters.setValue(requester, OLDEST, newer[slot]);
        } else {
            newer[older[slot]] = newer[slot];
        }
        if (newer[slot] == NONE) {
            requesters.setValue(requester, NEWEST, older[slot]);
        } else {
            older[newer[slot]] = older[slot];
        }
    }

    /** The record was used: it goes to the newest end. */
    void touch(final int slot) {
        final int requester = list[slot];
        unlink(slot, requester);
        link(slot, requester);
    }

    void remove(final int slot) {
        final int requester = list[slot];
        unlink(slot, requester);
        list[slot] = NONE;
        final long count = requesters.value(requester, COUNT) - 1;
        if (count == 0) {
            requesters.removeLocked(requester, requesters.hashOf(requester));
        } else {
            requesters.setValue(requester, COUNT, count);
        }
    }
}
