package org.amverdict.track;

import static org.amverdict.track.TransactionRecord.ANNOUNCED_UNTIL;
import static org.amverdict.track.TransactionRecord.CLOSED;
import static org.amverdict.track.TransactionRecord.REPLIED;
import static org.amverdict.track.TransactionRecord.STATE;
import static org.amverdict.track.TransactionRecord.STREAM_COUNT;

import org.amverdict.packet.Tuple;
import org.amverdict.table.ChargedTable;
import org.amverdict.table.PairCounts;
import org.amverdict.table.SlotRounds;
import org.amverdict.table.SlotTable;

/**
 * Which transactions make room for others, and which are always kept: the ones that cost least go first, see {@link
 * TransactionTable}. Not thread-safe: guarded by the lock of that table.
 */
final class TransactionTurnover {
    private static final int NONE = SlotTable.NONE;
    /** One part in this many of the quota, and of the table, is closed to kept records. */
    private static final int PART = 8;
    /** Records examined to find one to give up when the first {@link ChargedTable#VICTIM_SAMPLE} have none. */
    private static final int VICTIM_SAMPLE_MAX = 256;
    /** Exchanges of each kind examined to find one that announces. */
    private static final int ANNOUNCERS_MAX = 32;

    private final SlotTable slots;
    private final SlotRounds rounds;
    private final RequesterLists requesters;
    private final PairCounts keptPairs;
    private final int perRequester;
    private final int keptPerRequesterMax;
    private final int keptMax;
    private int kept;

    /**
     * @param slots the transactions
     * @param perRequester most transactions of one requester
     */
    TransactionTurnover(final SlotTable slots, final int perRequester, final long seed) {
        final int capacity = slots.capacity();
        this.slots = slots;
        this.perRequester = perRequester;
        rounds = new SlotRounds(capacity);
        requesters = new RequesterLists(capacity, seed);
        keptPairs = new PairCounts(capacity, seed);
        keptPerRequesterMax = perRequester - Math.max(1, perRequester / PART);
        keptMax = capacity - Math.max(1, capacity / PART);
    }

    /** The next slot to check for expiry. */
    int nextInRound() {
        return rounds.next();
    }

    /** A new record, or one restored after a restart. */
    void add(final int slot) {
        final int state = state(slot);
        final int kind = state == CLOSED
                ? RequesterLists.ENDED
                : state == REPLIED ? RequesterLists.REPLIED : RequesterLists.UNANSWERED;
        requesters.append(slot, slots.key(slot, 0), slots.key(slot, 1), kind);
    }

    void remove(final int slot) {
        forgetKept(slot);
        requesters.remove(slot);
    }

    /** Whether the requester at the start of the key has used up its quota. */
    boolean isAtQuota(final long[] key) {
        return requesters.count(key[0], key[1]) >= perRequester;
    }

    /** What the requester at the start of the key gives up first, or NONE. */
    int victimOf(final long[] key) {
        return requesters.victim(key[0], key[1]);
    }

    /**
     * The record to give up, of the requester with the most to give among a few random records. At least one in eight
     * can be given up, so the search almost always finds one; NONE otherwise.
     */
    int victim() {
        int victim = NONE;
        int most = 0;
        for (int i = 0; i < VICTIM_SAMPLE_MAX && (i < ChargedTable.VICTIM_SAMPLE || victim == NONE); i++) {
            final int slot = rounds.nextSample();
            if (slots.live(slot)) {
                final int spare = requesters.spare(slots.key(slot, 0), slots.key(slot, 1));
                if (spare > most) {
                    victim = slot;
                    most = spare;
                }
            }
        }
        return victim == NONE ? NONE : requesters.victim(slots.key(victim, 0), slots.key(victim, 1));
    }

    /** The record was used. */
    void touch(final int slot) {
        requesters.touch(slot);
    }

    /** Keeps an acknowledged one from now on, unless its responder or its requester has too many of that kind. */
    void keep(final int slot) {
        if (requesters.kind(slot) != RequesterLists.KEPT
                && kept < keptMax
                && requesters.kept(slot) < keptPerRequesterMax
                && keptPairs.add(slots, slot, TransactionTable.KEPT_PER_PAIR_MAX)) {
            requesters.move(slot, RequesterLists.KEPT);
            kept++;
        }
    }

    /** The record is of another kind from now on, and no longer kept. */
    void letGo(final int slot, final int kind) {
        forgetKept(slot);
        requesters.move(slot, kind);
    }

    private void forgetKept(final int slot) {
        if (requesters.kind(slot) == RequesterLists.KEPT) {
            keptPairs.remove(slots, slot);
            kept--;
        }
    }

    /** As {@link TransactionTable#oldestAnnouncer}. */
    int oldestAnnouncer(final Tuple tuple, final long nowNanos) {
        for (int i = 0; i < ANNOUNCERS_MAX; i++) {
            final int oldest = requesters.oldest(tuple.sourceHigh(), tuple.sourceLow(), RequesterLists.REPLIED);
            if (oldest == NONE) {
                break;
            }
            if (announces(oldest, nowNanos)) {
                return oldest;
            }
            requesters.move(oldest, RequesterLists.ENDED);
        }
        for (int i = 0; i < ANNOUNCERS_MAX; i++) {
            final int oldest = requesters.oldest(tuple.sourceHigh(), tuple.sourceLow(), RequesterLists.ENDED);
            if (oldest == NONE || announces(oldest, nowNanos)) {
                return oldest;
            }
            requesters.touch(oldest);
        }
        return NONE;
    }

    /** Whether what the last REP announced may still be expected. */
    private boolean announces(final int slot, final long nowNanos) {
        return TransactionRecord.part(slots.value(slot, SlotTable.META), STREAM_COUNT) > 0
                && slots.value(slot, ANNOUNCED_UNTIL) - nowNanos > 0;
    }

    private int state(final int slot) {
        return TransactionRecord.part(slots.value(slot, SlotTable.META), STATE);
    }

    /** Whether this is the least recently used record of its requester and kind. */
    boolean isOldest(final int slot) {
        return requesters.isOldest(slot);
    }

    /** The record of the same requester and kind that was touched next, or NONE. */
    int newer(final int slot) {
        return requesters.newer(slot);
    }
}
