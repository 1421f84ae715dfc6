package org.amverdict.track;

import org.amverdict.packet.Tuple;

/**
 * Which datagrams' first fragments were accepted, so that the later ones, which carry no ports, can follow. Used only
 * where nothing in the kernel puts fragments together. Any worker may call.
 */
public final class FragmentTable {
    /** Most fragmented datagrams under way; a first fragment beyond it displaces one of the host that has most. */
    public static final int CAPACITY = 4096;

    /** Linux gives a datagram as long to become whole (net.ipv4.ipfrag_time). */
    public static final long LIFETIME_NANOS = 30_000_000_000L;

    private static final int COVERED = 2;
    private static final int VALUE_WORDS = 3;
    private static final int REASON_SHIFT = 8;

    private static final int ENTERED = 0;
    private static final int REPLACED = 1;
    private static final int FULL = 2;

    private final SlotTable slots;
    private final HostCounts senders;
    private final TableCounters counters;

    /** @param seed of the hash */
    public FragmentTable(final long seed, final TableCounters counters) {
        slots = new SlotTable(TableKey.WORDS, VALUE_WORDS, CAPACITY, seed);
        senders = new HostCounts(CAPACITY, seed);
        this.counters = counters;
    }

    /**
     * Remembers an accepted first fragment.
     *
     * @param reason ordinal of the reason, given back for the later fragments
     */
    public void accept(
            final Scratch scratch, final Tuple tuple, final Fragment fragment, final int reason, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.set(key, tuple, fragment.datagram());
        final long hash = slots.hash(key);
        senders.take(key[0], key[1], Integer.MAX_VALUE, scratch.host);
        int outcome = insert(key, hash, fragment, reason, nowNanos);
        if (outcome == FULL) {
            counters.countLimit(TableName.FRAGMENTS, LimitScope.GLOBAL);
            if (slots.evict(senders, scratch)) {
                senders.giveBack(scratch.host);
            }
            outcome = insert(key, hash, fragment, reason, nowNanos);
        }
        if (outcome != ENTERED) {
            scratch.host[0] = key[0];
            scratch.host[1] = key[1];
            senders.giveBack(scratch.host);
        }
    }

    /** @return {@link #ENTERED}, {@link #REPLACED} or {@link #FULL} */
    private int insert(
            final long[] key, final long hash, final Fragment fragment, final int reason, final long nowNanos) {
        slots.lock(hash);
        try {
            final int earlier = slots.findLocked(key, hash);
            final int slot = earlier == SlotTable.NONE ? slots.insertLocked(key, hash) : earlier;
            if (slot == SlotTable.NONE) {
                return FULL;
            }
            // The receiver may keep an earlier, longer first fragment: its bytes must not be overlapped either.
            final long covered = earlier == SlotTable.NONE || slots.expired(slot, nowNanos)
                    ? fragment.end
                    : Math.max(fragment.end, slots.value(slot, COVERED));
            slots.setValue(slot, SlotTable.DEADLINE, nowNanos + LIFETIME_NANOS);
            slots.setValue(slot, SlotTable.META, (long) reason << REASON_SHIFT);
            slots.setValue(slot, COVERED, covered);
            return earlier == SlotTable.NONE ? ENTERED : REPLACED;
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * Why the first fragment of that datagram was accepted.
     *
     * @param fragment a later one; it must not overlap the first fragment, whose ports were what was judged
     * @return ordinal of the reason, or -1 if it was not accepted, not seen, or is overlapped
     */
    public int reason(final Scratch scratch, final Tuple tuple, final Fragment fragment, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.set(key, tuple, fragment.datagram());
        final int slot = slots.find(key, slots.hash(key));
        if (slot == SlotTable.NONE || slots.expired(slot, nowNanos) || fragment.start < slots.value(slot, COVERED)) {
            return -1;
        }
        return (int) (slots.value(slot, SlotTable.META) >>> REASON_SHIFT);
    }

    /** Looks at the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            if (slots.expireNext(nowNanos, scratch)) {
                senders.giveBack(scratch.host);
            }
        }
    }

    public int size() {
        return slots.size();
    }
}
