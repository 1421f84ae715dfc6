package org.amverdict.packet;

import io.netty.buffer.ByteBuf;

/**
 * Checked UDP header (RFC 768). One per {@link PacketView}, reused for each packet, not thread-safe; valid until the
 * next decode. The accessors never touch the buffer; only {@link #verifyChecksum} does.
 */
public final class UdpView {
    /** Bytes. */
    public static final int HEADER_LENGTH = 8;

    private int offset;
    private int sourcePort;
    private int destinationPort;
    private int length;
    private int checksum;
    private int availablePayload;
    private boolean complete;

    /**
     * Checks the header at {@code offset} and copies its fields.
     *
     * @param source absolute indexes
     * @param headerOffset of the UDP header
     * @param available bytes present from there, at most {@code ipPayload}
     * @param ipPayload bytes that the IP length leaves for UDP in this packet
     * @param ipv6 whether a checksum of 0 is an error (RFC 8200 8.1)
     * @param firstFragment whether the UDP length may exceed {@code ipPayload}
     * @return a {@link DecodeStatus}; the accessors are meaningful after OK only
     */
    public int wrap(
            final ByteBuf source,
            final int headerOffset,
            final int available,
            final int ipPayload,
            final boolean ipv6,
            final boolean firstFragment) {
        complete = false;
        if (ipPayload < HEADER_LENGTH) {
            return firstFragment ? DecodeStatus.BAD_FRAGMENT : DecodeStatus.BAD_LENGTH;
        }
        if (available < HEADER_LENGTH) {
            return DecodeStatus.TRUNCATED;
        }
        length = source.getUnsignedShort(headerOffset + 4);
        if (length < HEADER_LENGTH || (length > ipPayload && !firstFragment)) {
            return DecodeStatus.BAD_LENGTH;
        }
        checksum = source.getUnsignedShort(headerOffset + 6);
        if (checksum == 0 && ipv6 && !firstFragment) {
            return DecodeStatus.BAD_CHECKSUM;
        }
        sourcePort = source.getUnsignedShort(headerOffset);
        destinationPort = source.getUnsignedShort(headerOffset + 2);
        offset = headerOffset;
        availablePayload = Math.min(length, available) - HEADER_LENGTH;
        complete = !firstFragment && length <= available;
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

    /** Length field: header and payload of the whole datagram, bytes, 8 to 65535. */
    public int length() {
        return length;
    }

    /** Checksum field, 0 to 65535; 0 is "none" (IPv4 only). */
    public int checksum() {
        return checksum;
    }

    /** Absolute index of the first payload byte in the buffer. */
    public int payloadOffset() {
        return offset + HEADER_LENGTH;
    }

    /** Payload of the whole datagram by the UDP length, bytes; all of it is present only if {@link #complete()}. */
    public int payloadLength() {
        return length - HEADER_LENGTH;
    }

    /** Payload bytes that are present, at most {@link #payloadLength()}. */
    public int availablePayload() {
        return availablePayload;
    }

    /** Whether the whole payload is present: false for a truncated copy and for a first fragment. */
    public boolean complete() {
        return complete;
    }

    /** As {@link #verifyChecksum(PacketView, boolean)} without partial checksums. */
    public boolean verifyChecksum(final PacketView ip) {
        return verifyChecksum(ip, false);
    }

    /**
     * Verifies the checksum over pseudo header, header and payload; reads the whole datagram, so use it only for
     * control datagrams. With a routing header that has segments left the addresses are not the final ones and the
     * answer is false.
     *
     * @param ip the view that holds this one
     * @param acceptPartial accept a sum over the pseudo header alone too: what the kernel writes when the network card
     *     finishes it (CHECKSUM_PARTIAL), seen in captures on the sending host
     * @return true if it is right or absent (0 on IPv4); false if wrong or the datagram is not {@link #complete()}
     */
    public boolean verifyChecksum(final PacketView ip, final boolean acceptPartial) {
        if (!complete) {
            return false;
        }
        if (checksum == 0) {
            return true; // over IPv6 wrap refused it
        }
        return Checksum.verify(ip, offset, length, acceptPartial, checksum);
    }
}
