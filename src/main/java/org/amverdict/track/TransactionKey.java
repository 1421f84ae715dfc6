package org.amverdict.track;

import io.netty.buffer.ByteBuf;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.packet.Tuple;
import org.amverdict.table.SlotHints;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;

/**
 * The key of a transaction, as longs; HANDLE and SEQ are padded with zeros.
 *
 * <pre>
 *   0,1     address of the requester
 *   2,3     address of the responder
 *   4       length of SEQ 63..48, length of HANDLE 47..32, port of the requester 31..16, port of the responder 15..0
 *   5..12   HANDLE
 *   13,14   SEQ
 * </pre>
 */
final class TransactionKey {
    static final int WORDS = 15;

    private static final int LENGTHS_AND_PORTS = 4;
    private static final int HANDLE = 5;
    private static final int SEQUENCE = 13;
    private static final int PORT_BITS = 16;
    private static final int PORT_MASK = 0xFFFF;

    private TransactionKey() {}

    /** @param tuple from the requester */
    static void set(final long[] key, final Tuple tuple, final ByteBuf buffer, final ControlHeader header) {
        TableKey.setDirected(key, tuple);
        key[LENGTHS_AND_PORTS] |=
                (long) header.handleLength() << (2 * PORT_BITS) | (long) header.sequenceLength() << (3 * PORT_BITS);
        final int handle = header.handleOffset();
        for (int word = HANDLE; word < SEQUENCE; word++) {
            key[word] = pack(buffer, handle + (word - HANDLE) * Long.BYTES, handle + header.handleLength());
        }
        final int sequence = header.sequenceOffset();
        for (int word = SEQUENCE; word < WORDS; word++) {
            key[word] = pack(buffer, sequence + (word - SEQUENCE) * Long.BYTES, sequence + header.sequenceLength());
        }
    }

    /** Up to eight bytes from there, none past the end. */
    private static long pack(final ByteBuf buffer, final int from, final int end) {
        long packed = 0;
        for (int i = from; i < from + Long.BYTES && i < end; i++) {
            packed = packed << Byte.SIZE | buffer.getUnsignedByte(i);
        }
        return packed;
    }

    /** The tuple from the requester. */
    static Tuple getTuple(final SlotTable slots, final int slot, final Tuple tuple) {
        final int ports = (int) slots.key(slot, LENGTHS_AND_PORTS);
        return tuple.set(
                slots.key(slot, 0),
                slots.key(slot, 1),
                ports >>> PORT_BITS,
                slots.key(slot, 2),
                slots.key(slot, 3),
                ports & PORT_MASK);
    }

    /** Enough of what tells requests apart for a hint: requester, ports, and the first bytes of HANDLE and SEQ. */
    static long requestHash(final long[] key, final long start) {
        long part = SlotHints.with(start, Long.rotateLeft(key[0], Integer.SIZE) ^ key[1]);
        part = SlotHints.with(part, key[LENGTHS_AND_PORTS] ^ Long.rotateLeft(key[SEQUENCE], 1));
        return SlotHints.with(part, key[HANDLE] ^ Long.rotateLeft(key[HANDLE + 1], 1));
    }

    /** Whether the record is of the same request, perhaps to another responder. */
    static boolean isSameRequest(final SlotTable slots, final int slot, final long[] key) {
        for (int word = 0; word < WORDS; word++) {
            final boolean ofResponder = word == 2 || word == 3;
            if (!ofResponder && slots.key(slot, word) != key[word]) {
                return false;
            }
        }
        return true;
    }
}
