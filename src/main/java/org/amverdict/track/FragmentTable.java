package org.amverdict.track;

import org.amverdict.packet.Tuple;
import org.amverdict.table.ChargedTable;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;

/**
 * Which datagrams' first fragments were accepted, so that the later ones, which carry no ports, can follow. Used only
 * where nothing in the kernel puts fragments together. Any worker may call.
 */
public final class FragmentTable {
    /** Most fragmented datagrams under way; a first fragment beyond it displaces one of the host that has most. */
    public static final int CAPACITY = 4096;

    /** Linux gives a datagram this long to become whole (net.ipv4.ipfrag_time). */
    public static final long LIFETIME_NANOS = 30_000_000_000L;

    private static final int COVERED = 2;
    private static final int VALUE_WORDS = 3;
    private static final int REASON_SHIFT = 8;

    private final SlotTable slots;
    private final ChargedTable<Scratch> charged;

    /** @param seed of the hash */
    public FragmentTable(final long seed, final TableCounters counters) {
        slots = new SlotTable(TableKey.WORDS, VALUE_WORDS, CAPACITY, seed);
        charged = new ChargedTable<>(
                slots, seed, counters.limitsOf(TableName.FRAGMENTS), ChargedTable.UNLIMITED, this::givesWay);
    }

    /** The receiver may keep an earlier, longer first fragment: its bytes must not be overlapped either. */
    private boolean givesWay(final int slot, final Scratch scratch, final long nowNanos) {
        if (!slots.expired(slot, nowNanos)) {
            final long end = RecordWords.value(scratch.entry, COVERED);
            RecordWords.setValue(scratch.entry, COVERED, Math.max(end, slots.value(slot, COVERED)));
        }
        return true;
    }

    /**
     * Remembers an accepted first fragment.
     *
     * @param reason ordinal of the reason, given back for the later fragments
     */
    public void accept(
            final Scratch scratch, final Tuple tuple, final Fragment fragment, final int reason, final long nowNanos) {
        final long[] entry = scratch.entry;
        TableKey.set(entry, tuple, fragment.datagram());
        RecordWords.setValue(entry, SlotTable.DEADLINE, nowNanos + LIFETIME_NANOS);
        RecordWords.setValue(entry, SlotTable.META, (long) reason << REASON_SHIFT);
        RecordWords.setValue(entry, COVERED, fragment.end);
        charged.enter(scratch, nowNanos);
    }

    /**
     * Why the first fragment of that datagram was accepted.
     *
     * @param fragment a later one; it must not overlap the first fragment, which was judged by its ports
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

    /** Checks the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        charged.expire(scratch, nowNanos, steps);
    }

    public int size() {
        return slots.size();
    }
}
