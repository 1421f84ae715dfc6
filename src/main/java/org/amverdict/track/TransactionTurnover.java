package org.amverdict.track;

import static org.amverdict.track.TransactionRecord.ANNOUNCED_UNTIL;
import static org.amverdict.track.TransactionRecord.CLOSED;
import static org.amverdict.track.TransactionRecord.REPLIED;
import static org.amverdict.track.TransactionRecord.STATE;
import static org.amverdict.track.TransactionRecord.STREAM_COUNT;

import org.amverdict.packet.Tuple;

/**
 * Which transactions make room for others, and which are kept whatever comes: what is given up is what costs least, see
 * {@link TransactionTable}. Not thread-safe: guarded by the lock of that table.
 */
final class TransactionTurnover {
    private static final int NONE = SlotTable.NONE;
    /** Of the quota, and of the table, one part in so many is never for records that are kept. */
    private static final int PART = 8;
    /** Records looked at to find one to give up, where the first {@link ChargedTable#VICTIM_SAMPLE} have nothing to give. */
    private static final int VICTIM_SAMPLE_MAX = 256;
    /** Exchanges of each kind looked at to find one that announces. */
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

    /** The next slot to look at whether it has expired. */
    int nextInRound() {
        return rounds.next();
    }

    /** A new record, or one that was taken up from before a restart. */
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

    /** Whether the requester whose address begins the key has as many as it may. */
    boolean isAtQuota(final long[] key) {
        return requesters.count(key[0], key[1]) >= perRequester;
    }

    /** What the requester whose address begins the key gives up first, or NONE. */
    int victimOf(final long[] key) {
        return requesters.victim(key[0], key[1]);
    }

    /**
     * What the requester gives up that has most to give, among those of a few random records. One in eight can be given up
     * at least, so it is found almost always; NONE otherwise.
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

    /** Keeps an acknowledged one from now on, if its responder and its requester have not too many of that kind. */
    void keep(final int slot) {
        if (requesters.kind(slot) != RequesterLists.KEPT
                && kept < keptMax
                && requesters.kept(slot) < keptPerRequesterMax
                && keptPairs.add(slots, slot, TransactionTable.KEPT_PER_PAIR_MAX)) {
            requesters.move(slot, RequesterLists.KEPT);
            kept++;
        }
    }

    /** The record is of another kind from now on, and kept no longer. */
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

    /** Whether no record of the same requester and kind was untouched for longer. */
    boolean isOldest(final int slot) {
        return requesters.isOldest(slot);
    }

    /** The record of the same requester and kind that was touched next, or NONE. */
    int newer(final int slot) {
        return requesters.newer(slot);
    }
}
