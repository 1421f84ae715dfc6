package org.amverdict.packet;

import io.netty.buffer.ByteBuf;

/** The internet checksum (RFC 1071) of UDP and TCP. Stateless. */
final class Checksum {
    private static final int ALL_ONES = 0xffff;

    private Checksum() {}

    /**
     * Verifies the checksum of a whole datagram or segment over pseudo header, header and payload.
     *
     * @param ip the view that it is part of
     * @param offset absolute index of its header in the buffer of {@code ip}
     * @param length bytes of header and payload, all of them present
     * @param acceptPartial accept a sum over the pseudo header alone too (CHECKSUM_PARTIAL)
     * @param field what its checksum field says
     */
    static boolean verify(
            final PacketView ip, final int offset, final int length, final boolean acceptPartial, final int field) {
        final long pseudo = words(ip.sourceHigh())
                + words(ip.sourceLow())
                + words(ip.destinationHigh())
                + words(ip.destinationLow())
                + ip.protocol()
                + length;
        // The ffff of an IPv4 address in mapped form is 0 in ones' complement, so it needs no exception.
        return fold(pseudo + sum(ip.buffer(), offset, offset + length)) == ALL_ONES
                || (acceptPartial && fold(pseudo) == field);
    }

    private static long sum(final ByteBuf buffer, final int from, final int to) {
        long sum = 0;
        int at = from;
        for (; to - at >= Integer.BYTES; at += Integer.BYTES) {
            sum += buffer.getUnsignedInt(at);
        }
        if (to - at >= Short.BYTES) {
            sum += buffer.getUnsignedShort(at);
            at += Short.BYTES;
        }
        return at < to ? sum + (buffer.getUnsignedByte(at) << 8) : sum;
    }

    private static long words(final long value) {
        return (value >>> 32) + (value & 0xffff_ffffL);
    }

    /** Ones' complement sum in 16 bits. */
    private static int fold(final long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}
