package org.amverdict.track;

import static org.amverdict.track.FlowRecord.CARRIED_BYTES;
import static org.amverdict.track.FlowRecord.CARRIES;
import static org.amverdict.track.FlowRecord.COUNT;

import org.amverdict.table.SlotTable;

/**
 * Packets and bytes of both directions of a flow, exact whatever number of workers counts. Counting a packet is one
 * atomic addition, since each costs as much as the rest of a look-up: a word holds both numbers of a direction, and is
 * carried into larger ones long before either number can overflow.
 *
 * <pre>
 *   COUNT + direction           63..22  bytes        at most 2 MiB each before the carry
 *                               21..0   packets      bit 21 says that it is time to carry
 *   CARRIED_BYTES + direction           bytes carried
 *   CARRIES                     63..32  carries of the responder, 2^21 packets each
 *                               31..0   carries of the originator
 * </pre>
 */
final class FlowCounts {
    /** Largest packet that may be counted: the kernel merges at most 512 KiB into one (GSO_MAX_SIZE). */
    static final int PACKET_BYTES_MAX = 1 << 20;

    private static final int PACKET_BITS = 22;
    private static final long PACKETS = (1L << PACKET_BITS) - 1;
    private static final int CARRY_BITS = PACKET_BITS - 1;
    private static final long CARRY = 1L << CARRY_BITS;

    private FlowCounts() {}

    /** The word of a direction that has had one packet. */
    static long one(final int bytes) {
        return (long) bytes << PACKET_BITS | 1;
    }

    /** Word of the record. */
    static int word(final boolean reply) {
        return COUNT + direction(reply);
    }

    private static int direction(final boolean reply) {
        return reply ? 1 : 0;
    }

    /**
     * Counts a packet. Any thread, with the lock of the record or without.
     *
     * @param bytes 0 to {@link #PACKET_BYTES_MAX}
     * @return whether {@link #carryLocked} must be called before the next two million packets
     */
    static boolean add(final SlotTable slots, final int slot, final boolean reply, final int bytes) {
        return (slots.addToValue(slot, word(reply), one(bytes)) & CARRY) != 0;
    }

    /** Makes room in the word of the direction, unless another worker has done so. */
    static void carryLocked(final SlotTable slots, final int slot, final boolean reply) {
        final long count = slots.value(slot, word(reply));
        if ((count & CARRY) == 0) {
            return;
        }
        // Other workers go on counting meanwhile: what is taken away here is exactly what is added below.
        final long bytes = bytes(count);
        slots.addToValue(slot, word(reply), -(bytes << PACKET_BITS | CARRY));
        slots.addToValue(slot, CARRIED_BYTES + direction(reply), bytes);
        slots.addToValue(slot, CARRIES, 1L << carriesShift(reply));
    }

    private static int carriesShift(final boolean reply) {
        return reply ? Integer.SIZE : 0;
    }

    private static long bytes(final long count) {
        return count >>> PACKET_BITS;
    }

    /** Packets of a direction. */
    static long packets(final long[] record, final boolean reply) {
        final long carries = RecordWords.value(record, CARRIES) >>> carriesShift(reply) & 0xFFFF_FFFFL;
        return (carries << CARRY_BITS) + (RecordWords.value(record, word(reply)) & PACKETS);
    }

    /** Bytes of a direction. */
    static long bytes(final long[] record, final boolean reply) {
        return RecordWords.value(record, CARRIED_BYTES + direction(reply))
                + bytes(RecordWords.value(record, word(reply)));
    }

    /** Whether this class can have made the words: a sum that is negative has overflowed. */
    static boolean isSound(final long[] record) {
        return packets(record, false) >= 0
                && packets(record, true) >= 0
                && bytes(record, false) >= 0
                && bytes(record, true) >= 0;
    }
}
