package org.amverdict.packet;

import io.netty.buffer.ByteBuf;

/**
 * Checked TCP header (RFC 9293). One per {@link PacketView}, reused for each packet, not thread-safe; valid until the
 * next decode. The fields are copied out by {@link #wrap}, so the accessors never touch the buffer; only
 * {@link #verifyChecksum} does.
 */
public final class TcpView {
    /** Shortest header, bytes. */
    public static final int HEADER_LENGTH_MIN = 20;

    /** Bits of {@link #flags()}. */
    public static final int FIN = 0x01;

    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    /** Bit n is set if the flags n (without PSH, ECE and CWR) may occur: tcp_valid_flags, nf_conntrack_proto_tcp.c. */
    private static final long VALID_FLAGS = 1L << SYN
            | 1L << (SYN | URG)
            | 1L << (SYN | ACK)
            | 1L << RST
            | 1L << (RST | ACK)
            | 1L << (FIN | ACK)
            | 1L << (FIN | ACK | URG)
            | 1L << ACK
            | 1L << (ACK | URG);

    private int offset;
    private int sourcePort;
    private int destinationPort;
    private int sequence;
    private int acknowledgement;
    private int flags;
    private int window;
    private int checksum;
    private int dataOffset;
    private int payloadLength;
    private int availablePayload;

    /**
     * Checks the header at {@code offset} and copies its fields.
     *
     * @param source absolute indexes
     * @param headerOffset of the TCP header
     * @param available bytes present from there, at most {@code ipPayload}
     * @param ipPayload bytes that the IP length leaves for TCP in this packet
     * @param firstFragment whether a header that the packet cuts is a fragment trick (RFC 1858)
     * @return a {@link DecodeStatus}; the accessors are meaningful after OK only
     */
    public int wrap(
            final ByteBuf source,
            final int headerOffset,
            final int available,
            final int ipPayload,
            final boolean firstFragment) {
        final int beyond = firstFragment ? DecodeStatus.BAD_FRAGMENT : DecodeStatus.BAD_HEADER_LENGTH;
        if (ipPayload < HEADER_LENGTH_MIN) {
            return beyond;
        }
        if (available < HEADER_LENGTH_MIN) {
            return DecodeStatus.TRUNCATED;
        }
        // Wide reads: the buffer checks each, and a read costs less than its check.
        final long back = source.getLong(headerOffset + 8);
        dataOffset = ((int) back >>> 28) * 4;
        if (dataOffset < HEADER_LENGTH_MIN) {
            return DecodeStatus.BAD_HEADER_LENGTH;
        }
        if (dataOffset > ipPayload) {
            return beyond;
        }
        if (dataOffset > available) {
            return DecodeStatus.TRUNCATED;
        }
        flags = (int) back >>> 16 & 0xff;
        if ((VALID_FLAGS >>> (flags & ~(PSH | ECE | CWR)) & 1) == 0) {
            return DecodeStatus.BAD_FLAGS;
        }
        offset = headerOffset;
        final long front = source.getLong(headerOffset);
        sourcePort = (int) (front >>> 48);
        destinationPort = (int) (front >>> 32) & 0xffff;
        sequence = (int) front;
        acknowledgement = (int) (back >>> 32);
        window = (int) back & 0xffff;
        checksum = source.getUnsignedShort(headerOffset + 16);
        payloadLength = ipPayload - dataOffset;
        availablePayload = available - dataOffset;
        return DecodeStatus.OK;
    }

    /** 0 to 65535. */
    public int sourcePort() {
        return sourcePort;
    }

    /** 0 to 65535. */
    public int destinationPort() {
        return destinationPort;
    }

    /** Sequence number, 32 bits unsigned in an int. */
    public int sequence() {
        return sequence;
    }

    /** Acknowledgment number, 32 bits unsigned in an int; without meaning unless {@link #ack()}. */
    public int acknowledgement() {
        return acknowledgement;
    }

    /** The eight flags from CWR (bit 7) to FIN (bit 0). */
    public int flags() {
        return flags;
    }

    public boolean syn() {
        return (flags & SYN) != 0;
    }

    public boolean ack() {
        return (flags & ACK) != 0;
    }

    public boolean fin() {
        return (flags & FIN) != 0;
    }

    public boolean rst() {
        return (flags & RST) != 0;
    }

    /** Window field, unscaled, 0 to 65535. */
    public int window() {
        return window;
    }

    /** Header with options, bytes, 20 to 60. */
    public int dataOffset() {
        return dataOffset;
    }

    /** Absolute index of the first payload byte in the buffer. */
    public int payloadOffset() {
        return offset + dataOffset;
    }

    /** Payload of this packet on the wire, bytes, even if the copy is truncated. */
    public int payloadLength() {
        return payloadLength;
    }

    /** Payload bytes that are present, at most {@link #payloadLength()}. */
    public int availablePayload() {
        return availablePayload;
    }

    /**
     * A SYN that opens a connection and nothing else: ECE and CWR may be set (RFC 3168), no data (no TCP fast open).
     */
    public boolean plainSyn() {
        return (flags & ~(ECE | CWR)) == SYN && payloadLength == 0;
    }

    /** Whether the whole payload is present; a first fragment counts as whole if all of the fragment is. */
    public boolean complete() {
        return availablePayload == payloadLength;
    }

    /**
     * Verifies the checksum over pseudo header, header and payload; reads the whole segment, so use it only for
     * segments with text to read.
     *
     * @param ip the view that holds this one, no fragment
     * @param acceptPartial accept a sum over the pseudo header alone too: what the kernel writes when the network card
     *     finishes it (CHECKSUM_PARTIAL), seen in captures on the sending host
     * @return false if it is wrong or the segment is not {@link #complete()}
     */
    public boolean verifyChecksum(final PacketView ip, final boolean acceptPartial) {
        return complete() && Checksum.verify(ip, offset, dataOffset + payloadLength, acceptPartial, checksum);
    }
}
