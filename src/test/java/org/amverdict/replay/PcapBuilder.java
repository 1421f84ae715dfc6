package org.amverdict.replay;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes captures byte by byte, so that the reader is not tested against a writer that shares its mistakes. */
final class PcapBuilder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteOrder order;

    PcapBuilder(final ByteOrder order) {
        this.order = order;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    PcapBuilder raw(final byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    PcapBuilder u16(final int... values) {
        for (final int value : values) {
            raw(ByteBuffer.allocate(2).order(order).putShort((short) value).array());
        }
        return this;
    }

    PcapBuilder u32(final long... values) {
        for (final long value : values) {
            raw(ByteBuffer.allocate(4).order(order).putInt((int) value).array());
        }
        return this;
    }

    PcapBuilder u64(final long value) {
        return raw(ByteBuffer.allocate(8).order(order).putLong(value).array());
    }

    /** The header of a pcap file, version 2.4. */
    PcapBuilder pcap(final long magic, final int linkType) {
        return u32(magic).u16(2, 4).u32(0, 0, 262144, linkType);
    }

    PcapBuilder record(final long seconds, final long fraction, final byte[] frame, final int originalLength) {
        return u32(seconds, fraction, frame.length, originalLength).raw(frame);
    }

    PcapBuilder record(final long seconds, final long fraction, final byte[] frame) {
        return record(seconds, fraction, frame, frame.length);
    }

    /** A pcapng block with its length at both ends; the body is padded. */
    PcapBuilder block(final int type, final byte[] body) {
        final int padding = -body.length & 3;
        final int length = 12 + body.length + padding;
        return u32(type, length).raw(body).raw(new byte[padding]).u32(length);
    }

    PcapBuilder section() {
        return block(0x0a0d0d0a, part().u32(0x1a2b3c4d).u16(1, 0).u64(-1).bytes());
    }

    PcapBuilder describeInterface(final int linkType, final byte... options) {
        return block(1, part().u16(linkType, 0).u32(0).raw(options).bytes());
    }

    byte[] resolution(final int value) {
        return part().u16(9, 1)
                .raw((byte) value, (byte) 0, (byte) 0, (byte) 0)
                .u32(0)
                .bytes();
    }

    PcapBuilder enhanced(final int number, final long ticks, final byte[] frame, final int originalLength) {
        return block(
                6,
                part().u32(number, ticks >>> 32, ticks, frame.length, originalLength)
                        .raw(frame)
                        .raw(new byte[-frame.length & 3])
                        .bytes());
    }

    PcapBuilder enhanced(final int number, final long ticks, final byte[] frame) {
        return enhanced(number, ticks, frame, frame.length);
    }

    /** An empty builder of the same byte order, for bodies. */
    PcapBuilder part() {
        return new PcapBuilder(order);
    }
}
