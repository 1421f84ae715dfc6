package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Builds netlink messages the way the kernel does, and in ways it never would. */
final class MessageBuilder {
    private final ByteBuf bytes = Unpooled.buffer(256);

    /** A message of a queue, without attributes. */
    static MessageBuilder packet(final int queue) {
        return message(NfqueueProtocol.MSG_PACKET).raw(0, 0, queue >> 8, queue);
    }

    static MessageBuilder message(final int type) {
        final MessageBuilder builder = new MessageBuilder();
        builder.bytes
                .writeIntLE(0)
                .writeShortLE(type)
                .writeShortLE(0)
                .writeIntLE(7)
                .writeIntLE(4711);
        return builder;
    }

    MessageBuilder raw(final int... values) {
        for (final int value : values) {
            bytes.writeByte(value);
        }
        return this;
    }

    /** An attribute, preceded by the padding of the one before it, itself unpadded. */
    MessageBuilder attribute(final int type, final int... value) {
        pad();
        bytes.writeShortLE(4 + value.length).writeShortLE(type);
        return raw(value);
    }

    MessageBuilder packetHeader(final int id) {
        return attribute(
                NfqueueProtocol.NFQA_PACKET_HDR, id >>> 24, id >>> 16 & 0xff, id >>> 8 & 0xff, id & 0xff, 8, 0, 1);
    }

    MessageBuilder word(final int type, final int value) {
        return attribute(type, value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff);
    }

    MessageBuilder pad() {
        while ((bytes.writerIndex() & 3) != 0) {
            bytes.writeByte(0);
        }
        return this;
    }

    /** The message with its length filled in. */
    ByteBuf build() {
        return bytes.setIntLE(0, bytes.writerIndex());
    }
}
