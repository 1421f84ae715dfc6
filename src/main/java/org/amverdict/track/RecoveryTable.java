package org.amverdict.track;

import java.util.Arrays;
import org.amverdict.packet.Tuple;
import org.amverdict.table.ChargedTable;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;

/**
 * The connections to amidxtape (10083/tcp) of legacy amrecover that are being read: how far each direction has been
 * read, and what was found. A record is keyed like its flow and ends with it at the latest, or as soon as there is
 * nothing more to read: a connection that is not here is not read, and announces nothing.
 *
 * <p>{@link #watches} and {@link #size} may be called by any thread; everything else only by the holder of
 * {@link Tables#recovery()}. A slot number is valid until the lock is given back.
 *
 * <p>Not saved over a restart: bytes may pass meanwhile, and a text with a gap must not be read.
 */
public final class RecoveryTable {
    /** Most connections; one more displaces one of the host that has most. Each is read for less than a second. */
    public static final int CAPACITY = 1024;

    /** No such connection. */
    public static final int NONE = SlotTable.NONE;

    /** Sequence number of the SYN that has not been answered, with {@link #PENDING}; else 0. */
    private static final int PENDING_SYN = 2;
    /** The next sequence number to read, of the requester and, in the next word, of the responder. */
    private static final int NEXT = 3;

    private static final int TEXT = 5;
    private static final int NUMBER = 6;
    /** The sequence numbers that reading began with: of the requester (upper half) and of the responder. */
    private static final int BEGAN = 7;

    private static final int VALUE_WORDS = 8;

    private static final long PENDING = 1L << 32;
    /** In META: the handshake was seen, so that the sequence numbers are known. */
    private static final long READING = 1L << 8;

    private final SlotTable slots;
    private final ChargedTable<Scratch> charged;
    /** Below every transaction number and below {@link ExpectationTable#NOBODY}. */
    private long lastNumber = ExpectationTable.NOBODY;

    /** @param seed of the hash */
    public RecoveryTable(final long seed, final TableCounters counters) {
        slots = new SlotTable(TableKey.WORDS, VALUE_WORDS, CAPACITY, seed);
        charged = new ChargedTable<>(
                slots,
                seed,
                counters.limitsOf(TableName.RECOVERIES),
                ChargedTable.UNLIMITED,
                (slot, scratch, nowNanos) -> false);
    }

    /** Whether the connection between these two ends is, or may soon be, read; the packet may go either way. */
    public boolean watches(final Scratch scratch, final Tuple tuple) {
        if (slots.size() == 0) {
            return false;
        }
        final long[] key = scratch.key;
        TableKey.setBothWays(key, tuple);
        return slots.find(key, slots.hash(key)) != NONE;
    }

    /**
     * Notes a SYN that was let in: reading begins, or begins again, when the responder answers it. Until then nothing
     * known about the connection changes, because a SYN is easy to forge.
     *
     * @param tuple of the SYN: from the requester
     * @param flow as it was just opened: with it the record ends
     */
    public void noteSyn(
            final Scratch scratch, final Tuple tuple, final Segment syn, final Followed flow, final long nowNanos) {
        final long[] key = scratch.key;
        final boolean requesterIsSecond = TableKey.setBothWays(key, tuple);
        int slot = slots.find(key, slots.hash(key));
        if (slot != NONE && slots.expired(slot, nowNanos)) {
            remove(scratch, slot);
            slot = NONE;
        }
        if (slot == NONE) {
            final long[] entry = scratch.entry;
            Arrays.fill(entry, 0, slots.recordWords(), 0);
            System.arraycopy(key, 0, entry, 0, TableKey.WORDS);
            RecordWords.setValue(entry, SlotTable.META, requesterIsSecond ? ChargedTable.CHARGED_TO_SECOND : 0);
            RecordWords.setValue(entry, SlotTable.DEADLINE, flow.flowEndNanos);
            slot = charged.enter(scratch, nowNanos);
        }
        if (slot >= 0) {
            slots.setValue(slot, SlotTable.DEADLINE, flow.flowEndNanos);
            slots.setValue(slot, PENDING_SYN, PENDING | Integer.toUnsignedLong(syn.sequence));
        }
    }

    /**
     * The connection between these two ends, either way round; NONE if it is not watched.
     *
     * @param flow as it was just followed: with it the record ends
     */
    public int find(final Scratch scratch, final Tuple tuple, final Followed flow, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setBothWays(key, tuple);
        final int slot = slots.find(key, slots.hash(key));
        if (slot == NONE || slots.expired(slot, nowNanos)) {
            return NONE;
        }
        slots.setValue(slot, SlotTable.DEADLINE, flow.flowEndNanos);
        return slot;
    }

    /**
     * A SYN/ACK of the responder. If it answers the SYN that was noted last, everything begins again. A repetition of
     * the one that reading began with changes nothing, even if its SYN was repeated too.
     *
     * @param text the initial text state
     */
    public void begin(final int slot, final Segment answer, final long text) {
        if (slots.value(slot, PENDING_SYN) != (PENDING | Integer.toUnsignedLong(answer.acknowledgement - 1))) {
            return;
        }
        slots.setValue(slot, PENDING_SYN, 0);
        final long began = (long) answer.acknowledgement << Integer.SIZE | Integer.toUnsignedLong(answer.sequence + 1);
        if (reading(slot) && slots.value(slot, BEGAN) == began) {
            return; // bytes that were read must not be awaited again
        }
        slots.setValue(slot, BEGAN, began);
        slots.setValue(slot, SlotTable.META, slots.value(slot, SlotTable.META) | READING);
        slots.setValue(slot, NEXT, answer.acknowledgement);
        slots.setValue(slot, NEXT + 1, answer.sequence + 1);
        slots.setValue(slot, TEXT, text);
        slots.setValue(slot, NUMBER, --lastNumber);
    }

    /** Whether the handshake was seen. */
    public boolean reading(final int slot) {
        return (slots.value(slot, SlotTable.META) & READING) != 0;
    }

    /** Sequence number of the next byte to read, of the responder if {@code reply}, else of the requester. */
    public int next(final int slot, final boolean reply) {
        return (int) slots.value(slot, NEXT + (reply ? 1 : 0));
    }

    /** The text state after the bytes so far. */
    public long text(final int slot) {
        return slots.value(slot, TEXT);
    }

    /** Identifies the connection among all owners of expectations; below {@link ExpectationTable#NOBODY}. */
    public long number(final int slot) {
        return slots.value(slot, NUMBER);
    }

    /** Notes what was read. */
    public void advance(final int slot, final boolean reply, final int next, final long text) {
        slots.setValue(slot, NEXT + (reply ? 1 : 0), next);
        slots.setValue(slot, TEXT, text);
    }

    /** Stops watching. */
    public void remove(final Scratch scratch, final int slot) {
        charged.remove(slot, scratch);
    }

    /** Checks the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        charged.expire(scratch, nowNanos, steps);
    }

    public int size() {
        return slots.size();
    }
}
