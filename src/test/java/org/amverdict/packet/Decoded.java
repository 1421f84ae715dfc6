package org.amverdict.packet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Shorthand of this package's tests. */
final class Decoded {
    private Decoded() {}

    /** Name of the status of a whole packet. */
    static String status(final PacketView view, final byte[] packet) {
        return status(view, packet, packet.length);
    }

    /** Name of the status of the first bytes of a packet of {@code originalLength}. */
    static String status(final PacketView view, final byte[] packet, final int originalLength) {
        final ByteBuf buffer = Unpooled.wrappedBuffer(packet);
        return DecodeStatus.name(view.decode(buffer, 0, packet.length, originalLength));
    }

    /** The packet with one byte replaced. */
    static byte[] with(final byte[] packet, final int at, final int value) {
        final byte[] changed = packet.clone();
        changed[at] = (byte) value;
        return changed;
    }

    /** The packet with a 16 bit field replaced. */
    static byte[] withShort(final byte[] packet, final int at, final int value) {
        final byte[] changed = packet.clone();
        PacketBuilder.putShort(changed, at, value);
        return changed;
    }
}
