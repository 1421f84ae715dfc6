package org.amverdict.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Frames of every link layer around small IP packets. */
final class Frames {
    static final int IPV4_LENGTH = 28;
    static final int IPV6_LENGTH = 48;

    private Frames() {}

    /** IPv4 and UDP headers, 28 bytes, identification {@code id}. */
    static byte[] ipv4(final int id) {
        return ByteBuffer.allocate(IPV4_LENGTH)
                .put((byte) 0x45)
                .put((byte) 0)
                .putShort((short) IPV4_LENGTH)
                .putShort((short) id)
                .putShort((short) 0)
                .put((byte) 64)
                .put((byte) 17)
                .putShort((short) 0)
                .putInt(0x0a500102)
                .putInt(0x0a500202)
                .putShort((short) 850)
                .putShort((short) 10080)
                .putShort((short) 8)
                .array();
    }

    /** IPv6 and UDP headers, 48 bytes. */
    static byte[] ipv6() {
        return ByteBuffer.allocate(IPV6_LENGTH)
                .putInt(0x60000000)
                .putShort((short) 8)
                .put((byte) 17)
                .put((byte) 64)
                .putLong(0xfd80000100000000L)
                .putLong(2)
                .putLong(0xfd80000200000000L)
                .putLong(2)
                .putShort((short) 850)
                .putShort((short) 10080)
                .putShort((short) 8)
                .array();
    }

    static byte[] ethernet(final int type, final byte[] payload) {
        return join(new byte[12], be16(type), payload);
    }

    /** A PPPoE session frame after its EtherType: session 5, then PPP. */
    static byte[] pppoe(final int protocol, final byte[] payload) {
        return join(be16(0x1100, 5, payload.length + 2, protocol), payload);
    }

    /** As NFLOG logs it: family IPv4, group 5; packet header, prefix "x", the packet. */
    static byte[] nflog(final ByteOrder order, final byte[] packet) {
        final PcapBuilder frame = new PcapBuilder(order);
        frame.raw((byte) 2, (byte) 0, (byte) 0, (byte) 5);
        frame.u16(8, 1).raw((byte) 8, (byte) 0, (byte) 2, (byte) 0);
        frame.u16(6, 10).raw((byte) 'x', (byte) 0, (byte) 0, (byte) 0);
        frame.u16(4 + packet.length, 9).raw(packet).raw(new byte[-packet.length & 3]);
        return frame.bytes();
    }

    static byte[] join(final byte[]... parts) {
        int length = 0;
        for (final byte[] part : parts) {
            length += part.length;
        }
        final ByteBuffer all = ByteBuffer.allocate(length);
        for (final byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    static byte[] be16(final int... values) {
        final ByteBuffer bytes = ByteBuffer.allocate(2 * values.length);
        for (final int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }
}
