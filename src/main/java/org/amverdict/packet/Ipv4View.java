package org.amverdict.packet;

import io.netty.buffer.ByteBuf;

/**
 * Checked IPv4 header (RFC 791). One per {@link PacketView} or {@link IcmpView}; not thread-safe. The fields are copied
 * out by {@link #wrap}, so the accessors never touch the buffer.
 */
public final class Ipv4View {
    /** Shortest header, bytes. */
    public static final int HEADER_LENGTH_MIN = 20;

    private static final int TOTAL_LENGTH_MAX = 65_535;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_OFFSET_MASK = 0x1fff;
    /** RFC 1858: a later fragment of a TCP segment that starts inside the TCP header overwrites its ports or flags. */
    private static final int TCP_HEADER_LENGTH_MIN = 20;

    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_LOOSE_SOURCE_ROUTE = 131;
    private static final int OPTION_STRICT_SOURCE_ROUTE = 137;

    private int headerLength;
    private int totalLength;
    private int protocol;
    private int identification;
    private int fragmentOffsetBytes;
    private boolean moreFragments;
    private int source;
    private int destination;

    /**
     * Checks the header at {@code offset} and copies its fields.
     *
     * @param buffer absolute indexes, its reader index does not matter
     * @param offset of the IP header
     * @param available bytes present from {@code offset}
     * @param originalLength bytes on the wire, at least {@code available}
     * @return a {@link DecodeStatus}; the accessors are meaningful after OK only
     */
    public int wrap(final ByteBuf buffer, final int offset, final int available, final int originalLength) {
        if (available < HEADER_LENGTH_MIN) {
            return DecodeStatus.TRUNCATED;
        }
        // Three wide reads: the buffer checks each, and a read costs less than its check.
        final long front = buffer.getLong(offset);
        final int first = (int) (front >>> 56);
        if (first >>> 4 != 4) {
            return DecodeStatus.BAD_VERSION;
        }
        headerLength = (first & 0xf) * 4;
        protocol = buffer.getUnsignedByte(offset + 9);
        final int fragment = (int) front & 0xffff;
        fragmentOffsetBytes = (fragment & FRAGMENT_OFFSET_MASK) * 8;
        moreFragments = (fragment & MORE_FRAGMENTS) != 0;
        final int declared = (int) (front >>> 32) & 0xffff;
        totalLength = declared == 0 && isBigTcp(originalLength) ? originalLength : declared;
        if (headerLength < HEADER_LENGTH_MIN || headerLength > originalLength) {
            return DecodeStatus.BAD_HEADER_LENGTH;
        }
        if (totalLength < headerLength || totalLength > originalLength) {
            return DecodeStatus.BAD_TOTAL_LENGTH;
        }
        if (headerLength > available) {
            return DecodeStatus.TRUNCATED;
        }
        identification = (int) front >>> 16;
        final long addresses = buffer.getLong(offset + 12);
        source = (int) (addresses >>> 32);
        destination = (int) addresses;
        final int status = checkOptions(buffer, offset);
        return status == DecodeStatus.OK ? checkFragment() : status;
    }

    /** Header length with options, bytes, 20 to 60. */
    public int headerLength() {
        return headerLength;
    }

    /** Header and payload on the wire, bytes; above 65535 for a BIG TCP packet only. */
    public int totalLength() {
        return totalLength;
    }

    /** Transport protocol, 0 to 255. */
    public int protocol() {
        return protocol;
    }

    /** Identification, 0 to 65535. */
    public int identification() {
        return identification;
    }

    /** Place of the first payload byte in the reassembled payload. */
    public int fragmentOffsetBytes() {
        return fragmentOffsetBytes;
    }

    /** Whether other fragments of the datagram follow this one. */
    public boolean moreFragments() {
        return moreFragments;
    }

    /** Source address, network order read as big endian. */
    public int source() {
        return source;
    }

    /** Destination address, network order read as big endian. */
    public int destination() {
        return destination;
    }

    /** The kernel writes total length 0 into an aggregated TCP packet above 64 KiB (iph_set_totlen, linux/ip.h). */
    private boolean isBigTcp(final int originalLength) {
        return originalLength > TOTAL_LENGTH_MAX
                && protocol == PacketView.PROTOCOL_TCP
                && fragmentOffsetBytes == 0
                && !moreFragments;
    }

    private int checkFragment() {
        if (fragmentOffsetBytes == 0 && !moreFragments) {
            return DecodeStatus.OK;
        }
        if (protocol == PacketView.PROTOCOL_TCP
                && fragmentOffsetBytes != 0
                && fragmentOffsetBytes < TCP_HEADER_LENGTH_MIN) {
            return DecodeStatus.BAD_FRAGMENT;
        }
        return Fragments.check(fragmentOffsetBytes, moreFragments, totalLength - headerLength);
    }

    /** At most 40 steps: the header has 60 bytes. */
    private int checkOptions(final ByteBuf buffer, final int offset) {
        int at = HEADER_LENGTH_MIN;
        while (at < headerLength) {
            final int type = buffer.getUnsignedByte(offset + at);
            if (type == OPTION_END) {
                return DecodeStatus.OK;
            }
            if (type == OPTION_NOP) {
                at++;
                continue;
            }
            if (type == OPTION_LOOSE_SOURCE_ROUTE || type == OPTION_STRICT_SOURCE_ROUTE || at + 1 >= headerLength) {
                return DecodeStatus.BAD_OPTION;
            }
            final int length = buffer.getUnsignedByte(offset + at + 1);
            if (length < 2 || at + length > headerLength) {
                return DecodeStatus.BAD_OPTION;
            }
            at += length;
        }
        return DecodeStatus.OK;
    }
}
