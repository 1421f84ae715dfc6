package org.amverdict.track;

import java.util.Arrays;
import org.amverdict.table.SlotTable;

/**
 * Chains the records of each requester by kind, least recently used first, so that a requester at its quota gives up a
 * record of its own: the one that costs least to lose, found without a search. Not thread-safe: guarded by the lock of
 * the table that uses it.
 *
 * <p>Of the three kinds that can be given up, the ended ones go first; then one of the more numerous kind, so that
 * unanswered questions do not push out unacknowledged answers, nor the reverse.
 */
final class RequesterLists {
    /** Over; kept for late packets. */
    static final int ENDED = 0;
    /** Waits for an answer. */
    static final int UNANSWERED = 1;
    /** Its answer went to the requester, which has not acknowledged it. */
    static final int REPLIED = 2;
    /** Never given up. */
    static final int KEPT = 3;

    private static final int KINDS = 4;
    private static final int NONE = SlotTable.NONE;
    private static final int KEY_WORDS = 2;
    /** First of the words with the length of each list. */
    private static final int COUNTS = 2;
    /** First of the words with the ends of each list: the oldest in the upper half, the newest in the lower. */
    private static final int ENDS = COUNTS + KINDS;

    private static final int VALUE_WORDS = ENDS + KINDS;
    private static final long EMPTY = ends(NONE, NONE);

    private final SlotTable requesters;
    private final int[] older;
    private final int[] newer;
    private final int[] list;
    private final byte[] kinds;
    private final long[] key = new long[KEY_WORDS];

    RequesterLists(final int capacity, final long seed) {
        requesters = new SlotTable(KEY_WORDS, VALUE_WORDS, capacity, seed);
        older = new int[capacity];
        newer = new int[capacity];
        list = new int[capacity];
        kinds = new byte[capacity];
        Arrays.fill(list, NONE);
    }

    private static long ends(final int oldest, final int newest) {
        return (long) oldest << Integer.SIZE | Integer.toUnsignedLong(newest);
    }

    /** Records of that requester. */
    int count(final long high, final long low) {
        final int requester = find(high, low);
        return requester == NONE ? 0 : count(requester, KEPT) + spare(requester);
    }

    /** Kept records of the same requester. */
    int kept(final int slot) {
        return count(list[slot], KEPT);
    }

    /** Records of that requester that can be given up. */
    int spare(final long high, final long low) {
        final int requester = find(high, low);
        return requester == NONE ? 0 : spare(requester);
    }

    private int spare(final int requester) {
        return count(requester, ENDED) + count(requester, UNANSWERED) + count(requester, REPLIED);
    }

    private int count(final int requester, final int kind) {
        return (int) requesters.value(requester, COUNTS + kind);
    }

    /** The record that this requester gives up first, or NONE. */
    int victim(final long high, final long low) {
        final int requester = find(high, low);
        if (requester == NONE) {
            return NONE;
        }
        if (count(requester, ENDED) > 0) {
            return oldest(requester, ENDED);
        }
        return oldest(requester, count(requester, REPLIED) > count(requester, UNANSWERED) ? REPLIED : UNANSWERED);
    }

    private int oldest(final int requester, final int kind) {
        return (int) (requesters.value(requester, ENDS + kind) >>> Integer.SIZE);
    }

    private int newest(final int requester, final int kind) {
        return (int) requesters.value(requester, ENDS + kind);
    }

    /** The least recently used record of that requester and kind, or NONE. */
    int oldest(final long high, final long low, final int kind) {
        final int requester = find(high, low);
        return requester == NONE ? NONE : oldest(requester, kind);
    }

    /** Whether this is the least recently used record of its requester. */
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

    /** Puts a record at the newest end of its requester's list of that kind. There is room for every record. */
    void append(final int slot, final long high, final long low, final int kind) {
        int requester = find(high, low);
        if (requester == NONE) {
            requester = requesters.insertLocked(key, requesters.hash(key));
            for (int i = 0; i < KINDS; i++) {
                requesters.setValue(requester, ENDS + i, EMPTY);
            }
        }
        link(slot, requester, kind);
    }

    private void link(final int slot, final int requester, final int kind) {
        final int newest = newest(requester, kind);
        list[slot] = requester;
        kinds[slot] = (byte) kind;
        older[slot] = newest;
        newer[slot] = NONE;
        if (newest != NONE) {
            newer[newest] = slot;
        }
        setEnds(requester, kind, newest == NONE ? slot : oldest(requester, kind), slot);
        addToCount(requester, kind, 1);
    }

    private void unlink(final int slot, final int requester, final int kind) {
        final int before = older[slot];
        final int after = newer[slot];
        if (before != NONE) {
            newer[before] = after;
        }
        if (after != NONE) {
            older[after] = before;
        }
        setEnds(
                requester,
                kind,
                before == NONE ? after : oldest(requester, kind),
                after == NONE ? before : newest(requester, kind));
        addToCount(requester, kind, -1);
    }

    private void setEnds(final int requester, final int kind, final int oldest, final int newest) {
        requesters.setValue(requester, ENDS + kind, ends(oldest, newest));
    }

    private void addToCount(final int requester, final int kind, final int amount) {
        requesters.setValue(requester, COUNTS + kind, requesters.value(requester, COUNTS + kind) + amount);
    }

    int kind(final int slot) {
        return kinds[slot];
    }

    /** The record was used: moves it to the newest end. */
    void touch(final int slot) {
        if (newer[slot] != NONE) {
            move(slot, kinds[slot]);
        }
    }

    /** The record is of another kind now: moves it to the newest end of that list. */
    void move(final int slot, final int kind) {
        final int requester = list[slot];
        unlink(slot, requester, kinds[slot]);
        link(slot, requester, kind);
    }

    void remove(final int slot) {
        final int requester = list[slot];
        unlink(slot, requester, kinds[slot]);
        list[slot] = NONE;
        if (count(requester, KEPT) + spare(requester) == 0) {
            requesters.removeLocked(requester, requesters.hashOf(requester));
        }
    }
}
