package org.amverdict.table;

import java.util.function.LongPredicate;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SlotTable} that charges each record to one of the two hosts in its key: so a host can have a quota, and
 * a full table gives up a record of the host that holds the most. It enters, evicts and expires, and gives the charge
 * back whenever a record goes; only its {@link Owner} knows what a record means. Any thread may call.
 *
 * <p>Callers build a new record in {@link RecordBuffers#entry}; a removed record is left in
 * {@link RecordBuffers#record}.
 *
 * @param <B> the buffers that calls bring and the owner gets
 */
public final class ChargedTable<B extends RecordBuffers> {
    /** In META: the record is charged to the address in key words 2 and 3, not to that in words 0 and 1. */
    public static final long CHARGED_TO_SECOND = 1;

    /** A quota that no host reaches. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Of {@link #enter}: there is no room. */
    public static final int FULL = SlotTable.NONE;
    /** Of {@link #enter}: an earlier record of that key stays. */
    public static final int STANDS = -2;
    /** Of {@link #enter}: the host has as many records as it may. */
    public static final int OVER_QUOTA = -3;

    /** Records examined to find one to give up. */
    public static final int VICTIM_SAMPLE = 16;
    /** This many are examined before one that is not cheap goes. */
    private static final int CHEAP_SAMPLE = 64;

    private static final int META = TableKey.WORDS + SlotTable.META;

    /** Why a record goes without its owner taking it out. */
    public enum Cause {
        /** One of the same key came in its place. */
        REPLACED,
        /** The table was full. */
        EVICTED,
        /** Its time has passed. */
        EXPIRED
    }

    /** Knows what the records mean. */
    public interface Owner<B extends RecordBuffers> {
        /** Whether this record yields to the one of the same key in {@link RecordBuffers#entry}. Its stripe is locked. */
        boolean givesWay(int slot, B buffers, long nowNanos);

        /** Whether this record must not be given up for the one in {@link RecordBuffers#entry}. */
        default boolean isSpared(final int slot, final B buffers) {
            return false;
        }

        /** Decides from its META whether a record is given up before all others; null if all are alike. */
        default @Nullable LongPredicate cheap() {
            return null;
        }

        /** The record in {@link RecordBuffers#record} is gone. No stripe is locked. */
        default void gone(final B buffers, final Cause cause) {
            // No one needs to know.
        }
    }

    /** Counts which limit was reached. Any thread may call. */
    public interface LimitCounter {
        /** A host has as many records as it may. */
        void quotaReached();

        /** The table has no room. */
        void tableFull();
    }

    private final SlotTable slots;
    private final SlotRounds rounds;
    private final HostCounts hosts;
    private final LimitCounter limits;
    private final int perHost;
    private final Owner<B> owner;
    private final @Nullable LongPredicate cheap;

    /**
     * @param slots the records, with keys of {@link TableKey}
     * @param perHost most records of one host, or {@link #UNLIMITED}
     */
    public ChargedTable(
            final SlotTable slots,
            final long seed,
            final LimitCounter limits,
            final int perHost,
            final Owner<B> owner) {
        this(slots, new HostCounts(slots.capacity(), seed), limits, perHost, owner);
    }

    ChargedTable(
            final SlotTable slots,
            final HostCounts hosts,
            final LimitCounter limits,
            final int perHost,
            final Owner<B> owner) {
        this.slots = slots;
        rounds = new SlotRounds(slots.capacity());
        this.hosts = hosts;
        this.limits = limits;
        this.perHost = perHost;
        this.owner = owner;
        cheap = owner.cheap();
    }

    /**
     * Enters the record in {@link RecordBuffers#entry}, key first. One of the same key goes if its owner says so; a full
     * table gives up another one.
     *
     * @return its slot, or {@link #FULL}, {@link #STANDS} or {@link #OVER_QUOTA}
     */
    public int enter(final B buffers, final long nowNanos) {
        final long[] entry = buffers.entry;
        final int host = chargedWord(entry[META]);
        if (!hosts.take(entry[host], entry[host + 1], perHost, buffers.host)) {
            if (hosts.count(entry[host], entry[host + 1], buffers.host) >= perHost) {
                limits.quotaReached();
                return OVER_QUOTA;
            }
            // No more hosts can be counted, and no record goes uncharged: giving it back would uncharge another one.
            evict(buffers);
            if (!hosts.take(entry[host], entry[host + 1], perHost, buffers.host)) {
                return FULL;
            }
        }
        int slot = insert(buffers, nowNanos);
        if (slot == FULL) {
            evict(buffers);
            slot = insert(buffers, nowNanos);
        }
        if (slot < 0) {
            giveBack(entry, buffers);
        }
        return slot;
    }

    /** As {@link #enter}, but an earlier record of the same key stays. Called while no worker runs. */
    public int restore(final B buffers, final long nowNanos) {
        final boolean there = slots.find(buffers.entry, slots.hash(buffers.entry)) != SlotTable.NONE;
        return there ? STANDS : enter(buffers, nowNanos);
    }

    /**
     * All under one lock, since another worker may be entering the same key, for flows from a packet of the other
     * direction.
     */
    private int insert(final B buffers, final long nowNanos) {
        final long[] entry = buffers.entry;
        final long hash = slots.hash(entry);
        final int slot;
        final int earlier;
        slots.lock(hash);
        try {
            earlier = slots.findLocked(entry, hash);
            if (earlier != SlotTable.NONE) {
                if (!owner.givesWay(earlier, buffers, nowNanos)) {
                    return STANDS;
                }
                slots.takeOutLocked(earlier, hash, buffers.record);
            }
            slot = slots.insertRecordLocked(entry, hash);
        } finally {
            slots.unlock(hash);
        }
        if (earlier != SlotTable.NONE) {
            giveBack(buffers.record, buffers);
            owner.gone(buffers, Cause.REPLACED);
        }
        return slot;
    }

    private void evict(final B buffers) {
        limits.tableFull();
        final int victim = victim(buffers);
        if (victim != SlotTable.NONE && remove(victim, buffers)) {
            owner.gone(buffers, Cause.EVICTED);
        }
    }

    private int victim(final B buffers) {
        final int victim = cheap == null ? SlotTable.NONE : cheapVictim(cheap);
        return victim == SlotTable.NONE ? victimOfMost(buffers) : victim;
    }

    /**
     * Among a few cheap live slots, the one that ends first, whichever host it is charged to: the host could be forged,
     * and what has just begun needs time.
     */
    private int cheapVictim(final LongPredicate isCheap) {
        int victim = SlotTable.NONE;
        for (int i = 0; i < (victim == SlotTable.NONE ? CHEAP_SAMPLE : VICTIM_SAMPLE); i++) {
            final int slot = rounds.nextSample();
            if (slots.live(slot)
                    && isCheap.test(slots.value(slot, SlotTable.META))
                    && (victim == SlotTable.NONE || endsBefore(slot, victim))) {
                victim = slot;
            }
        }
        return victim;
    }

    /**
     * Among a few live slots, the one of the host that holds the most; among equals, the one that ends first. So a host
     * that fills the table pays for it itself.
     */
    private int victimOfMost(final B buffers) {
        int victim = SlotTable.NONE;
        int most = -1;
        for (int i = 0; i < VICTIM_SAMPLE; i++) {
            final int slot = rounds.nextSample();
            if (slots.live(slot) && !owner.isSpared(slot, buffers)) {
                final int host = chargedWord(slots.value(slot, SlotTable.META));
                final int count = hosts.count(slots.key(slot, host), slots.key(slot, host + 1), buffers.host);
                if (count > most || (count == most && endsBefore(slot, victim))) {
                    victim = slot;
                    most = count;
                }
            }
        }
        return victim;
    }

    private boolean endsBefore(final int slot, final int other) {
        return slots.value(slot, SlotTable.DEADLINE) - slots.value(other, SlotTable.DEADLINE) < 0;
    }

    /** Removes what the slot holds; false if it is gone already. */
    public boolean remove(final int slot, final B buffers) {
        final boolean removed = slots.removeSlot(slot, false, 0, buffers.record);
        if (removed) {
            giveBack(buffers.record, buffers);
        }
        return removed;
    }

    /** Removes the record with the key in {@link RecordBuffers#key}; false if there is none. */
    public boolean removeKey(final B buffers, final long hash) {
        final boolean removed = slots.removeKey(buffers.key, hash, buffers.record);
        if (removed) {
            giveBack(buffers.record, buffers);
        }
        return removed;
    }

    /** Gives back the charge of a record that its owner has taken out. */
    public void giveBack(final long[] record, final B buffers) {
        final int host = chargedWord(record[META]);
        buffers.host[0] = record[host];
        buffers.host[1] = record[host + 1];
        hosts.giveBack(buffers.host);
    }

    /** Checks the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final B buffers, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            final int slot = rounds.next();
            if (slots.live(slot)
                    && slots.expired(slot, nowNanos)
                    && slots.removeSlot(slot, true, nowNanos, buffers.record)) {
                giveBack(buffers.record, buffers);
                owner.gone(buffers, Cause.EXPIRED);
            }
        }
    }

    /** Whether the quota of the source has room for this many more right now. */
    public boolean hasRoom(final Tuple tuple, final int more, final B buffers) {
        return hosts.count(tuple.sourceHigh(), tuple.sourceLow(), buffers.host) + more <= perHost;
    }

    /** Word of the key where the charged host's address begins. */
    private static int chargedWord(final long meta) {
        return (meta & CHARGED_TO_SECOND) == 0 ? 0 : 2;
    }
}
