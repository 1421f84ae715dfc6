package org.amverdict.track;

import java.util.function.LongPredicate;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SlotTable} that charges each record to one of the two hosts in its key: so a host can have a quota, and
 * a full table gives up a record of the host that holds the most. It enters, evicts and expires, and gives the charge
 * back whenever a record goes; only its {@link Owner} knows what a record means. Any thread may call.
 *
 * <p>Callers build a new record in {@link Scratch#entry}; a removed record is left in {@link Scratch#record}.
 */
final class ChargedTable {
    /** In META: the record is charged to the address in key words 2 and 3, not to that in words 0 and 1. */
    static final long CHARGED_TO_SECOND = 1;

    /** A quota that no host reaches. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    /** Of {@link #enter}: there is no room. */
    static final int FULL = SlotTable.NONE;
    /** Of {@link #enter}: an earlier record of that key stays. */
    static final int STANDS = -2;
    /** Of {@link #enter}: the host has as many records as it may. */
    static final int OVER_QUOTA = -3;

    /** Records examined to find one to give up. */
    static final int VICTIM_SAMPLE = 16;
    /** This many are examined before one that is not cheap goes. */
    private static final int CHEAP_SAMPLE = 64;

    private static final int META = TableKey.WORDS + SlotTable.META;

    /** Why a record goes without its owner taking it out. */
    enum Cause {
        /** One of the same key came in its place. */
        REPLACED,
        /** The table was full. */
        EVICTED,
        /** Its time has passed. */
        EXPIRED
    }

    /** Knows what the records mean. */
    interface Owner {
        /** Whether this record yields to the one of the same key in {@link Scratch#entry}. Its stripe is locked. */
        boolean givesWay(int slot, Scratch scratch, long nowNanos);

        /** Whether this record must not be given up for the one in {@link Scratch#entry}. */
        default boolean isSpared(final int slot, final Scratch scratch) {
            return false;
        }

        /** Decides from its META whether a record is given up before all others; null if all are alike. */
        default @Nullable LongPredicate cheap() {
            return null;
        }

        /** The record in {@link Scratch#record} is gone. No stripe is locked. */
        default void gone(final Scratch scratch, final Cause cause) {
            // No one needs to know.
        }
    }

    private final TableName name;
    private final SlotTable slots;
    private final SlotRounds rounds;
    private final HostCounts hosts;
    private final TableCounters counters;
    private final int perHost;
    private final Owner owner;
    private final @Nullable LongPredicate cheap;

    /**
     * @param slots the records, with keys of {@link TableKey}
     * @param perHost most records of one host, or {@link #UNLIMITED}
     */
    ChargedTable(
            final TableName name,
            final SlotTable slots,
            final long seed,
            final TableCounters counters,
            final int perHost,
            final Owner owner) {
        this.name = name;
        this.slots = slots;
        rounds = new SlotRounds(slots.capacity());
        hosts = new HostCounts(slots.capacity(), seed);
        this.counters = counters;
        this.perHost = perHost;
        this.owner = owner;
        cheap = owner.cheap();
    }

    /**
     * Enters the record in {@link Scratch#entry}, key first. One of the same key goes if its owner says so; a full
     * table gives up another one.
     *
     * @return its slot, or {@link #FULL}, {@link #STANDS} or {@link #OVER_QUOTA}
     */
    int enter(final Scratch scratch, final long nowNanos) {
        final long[] entry = scratch.entry;
        final int host = chargedWord(entry[META]);
        if (!hosts.take(entry[host], entry[host + 1], perHost, scratch.host) && perHost != UNLIMITED) {
            counters.countLimit(name, LimitScope.REQUESTER);
            return OVER_QUOTA;
        }
        int slot = insert(scratch, nowNanos);
        if (slot == FULL) {
            counters.countLimit(name, LimitScope.GLOBAL);
            final int victim = victim(scratch);
            if (victim != SlotTable.NONE && remove(victim, scratch)) {
                owner.gone(scratch, Cause.EVICTED);
            }
            slot = insert(scratch, nowNanos);
        }
        if (slot < 0) {
            giveBack(entry, scratch);
        }
        return slot;
    }

    /** As {@link #enter}, but an earlier record of the same key stays. Called while no worker runs. */
    int restore(final Scratch scratch, final long nowNanos) {
        final boolean there = slots.find(scratch.entry, slots.hash(scratch.entry)) != SlotTable.NONE;
        return there ? STANDS : enter(scratch, nowNanos);
    }

    /**
     * All under one lock, since another worker may be entering the same key, for flows from a packet of the other
     * direction.
     */
    private int insert(final Scratch scratch, final long nowNanos) {
        final long[] entry = scratch.entry;
        final long hash = slots.hash(entry);
        final int slot;
        final int earlier;
        slots.lock(hash);
        try {
            earlier = slots.findLocked(entry, hash);
            if (earlier != SlotTable.NONE) {
                if (!owner.givesWay(earlier, scratch, nowNanos)) {
                    return STANDS;
                }
                slots.takeOutLocked(earlier, hash, scratch.record);
            }
            slot = slots.insertRecordLocked(entry, hash);
        } finally {
            slots.unlock(hash);
        }
        if (earlier != SlotTable.NONE) {
            giveBack(scratch.record, scratch);
            owner.gone(scratch, Cause.REPLACED);
        }
        return slot;
    }

    private int victim(final Scratch scratch) {
        final int victim = cheap == null ? SlotTable.NONE : cheapVictim(cheap);
        return victim == SlotTable.NONE ? victimOfMost(scratch) : victim;
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
    private int victimOfMost(final Scratch scratch) {
        int victim = SlotTable.NONE;
        int most = -1;
        for (int i = 0; i < VICTIM_SAMPLE; i++) {
            final int slot = rounds.nextSample();
            if (slots.live(slot) && !owner.isSpared(slot, scratch)) {
                final int host = chargedWord(slots.value(slot, SlotTable.META));
                final int count = hosts.count(slots.key(slot, host), slots.key(slot, host + 1), scratch.host);
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
    boolean remove(final int slot, final Scratch scratch) {
        final boolean removed = slots.removeSlot(slot, false, 0, scratch.record);
        if (removed) {
            giveBack(scratch.record, scratch);
        }
        return removed;
    }

    /** Removes the record with the key in {@link Scratch#key}; false if there is none. */
    boolean removeKey(final Scratch scratch, final long hash) {
        final boolean removed = slots.removeKey(scratch.key, hash, scratch.record);
        if (removed) {
            giveBack(scratch.record, scratch);
        }
        return removed;
    }

    /** Gives back the charge of a record that its owner has taken out. */
    void giveBack(final long[] record, final Scratch scratch) {
        final int host = chargedWord(record[META]);
        scratch.host[0] = record[host];
        scratch.host[1] = record[host + 1];
        hosts.giveBack(scratch.host);
    }

    /** Checks the next {@code steps} slots of a round over the table and removes what has expired. */
    void expire(final Scratch scratch, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            final int slot = rounds.next();
            if (slots.live(slot)
                    && slots.expired(slot, nowNanos)
                    && slots.removeSlot(slot, true, nowNanos, scratch.record)) {
                giveBack(scratch.record, scratch);
                owner.gone(scratch, Cause.EXPIRED);
            }
        }
    }

    /** Whether the quota of the source has room for this many more right now. */
    boolean hasRoom(final Tuple tuple, final int more, final Scratch scratch) {
        return hosts.count(tuple.sourceHigh(), tuple.sourceLow(), scratch.host) + more <= perHost;
    }

    /** Word of the key where the charged host's address begins. */
    private static int chargedWord(final long meta) {
        return (meta & CHARGED_TO_SECOND) == 0 ? 0 : 2;
    }
}
