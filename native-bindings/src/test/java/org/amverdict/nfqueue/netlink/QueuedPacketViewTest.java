package org.amverdict.nfqueue.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import org.amverdict.inputs.BadInput;
import org.junit.jupiter.api.Test;

class QueuedPacketViewTest {
    private static final int QUEUE = 0x1234;

    private final NetlinkMessageView message = new NetlinkMessageView();
    private final QueuedPacketView packet = new QueuedPacketView();

    @Test
    void shouldReadEveryFieldFromKnownBytes() {
        final ByteBuf bytes = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("5d000000" + "0003" + "0000" + "00000000"
                + "00000000" // nlmsghdr
                + "02001234" // nfgenmsg: IPv4, version 0, queue
                + "0b000100" + "80000001" + "86dd" + "02" + "00" // packet header: id, protocol, hook
                + "08000500" + "00000003" // in
                + "08000600" + "00000004" // out
                + "08000700" + "00000005" // bridge port in
                + "08000800" + "00000006" // bridge port out
                + "08000300" + "cafe0001" // mark
                + "08000e00" + "00000005" // skb info
                + "08000d00" + "000005dc" // 1500 bytes in all
                + "05000a00" + "45")); // payload, unpadded

        assertEquals(NetlinkStatus.OK, parse(bytes));

        assertTrue(packet.packetIdKnown());
        assertEquals(0x80000001, packet.packetId());
        assertEquals(0x86dd, packet.hwProtocol());
        assertEquals(2, packet.hook());
        assertEquals(3, packet.inInterface());
        assertEquals(4, packet.outInterface());
        assertEquals(5, packet.physicalInInterface());
        assertEquals(6, packet.physicalOutInterface());
        assertEquals(0xcafe0001, packet.mark());
        assertEquals(NfqueueProtocol.SKB_CSUM_NOT_READY | NfqueueProtocol.SKB_CSUM_NOT_VERIFIED, packet.skbInfo());
        assertEquals(1500, packet.capLength());
        assertEquals(92, packet.payloadOffset());
        assertEquals(1, packet.payloadLength());
    }

    @Test
    void shouldForgetTheMessageBefore() {
        final MessageBuilder full = start().word(NfqueueProtocol.NFQA_MARK, 9)
                .word(NfqueueProtocol.NFQA_IFINDEX_INDEV, 9)
                .word(NfqueueProtocol.NFQA_IFINDEX_OUTDEV, 9)
                .word(NfqueueProtocol.NFQA_SKB_INFO, 7)
                .word(NfqueueProtocol.NFQA_CAP_LEN, 90)
                .attribute(NfqueueProtocol.NFQA_PAYLOAD, 1, 2, 3);
        assertEquals(NetlinkStatus.OK, parse(full.build()));

        assertEquals(
                NetlinkStatus.OK,
                parse(MessageBuilder.packet(QUEUE).packetHeader(6).build()));

        assertEquals(6, packet.packetId());
        assertEquals(0, packet.mark());
        assertEquals(0, packet.inInterface());
        assertEquals(0, packet.outInterface());
        assertEquals(0, packet.skbInfo());
        assertEquals(0, packet.capLength());
        assertEquals(0, packet.payloadLength());
    }

    /** Control messages among the packets. */
    @Test
    @BadInput({5, 6})
    void shouldNotTakeAControlMessageForAPacket() {
        for (int type = 0; type <= NfqueueProtocol.NLMSG_OVERRUN; type++) {
            assertEquals(
                    NetlinkStatus.NOT_A_PACKET,
                    parse(MessageBuilder.message(type).raw(0, 0, 0, 0).build()));
            assertFalse(packet.packetIdKnown());
        }
    }

    @Test
    @BadInput(7)
    void shouldRefuseAnotherSubsystemOrType() {
        for (final int type : new int[] {0x0100, 0x0301, 0x0302, 0x0303, 0x0304, 0xff00, 0xffff}) {
            final ByteBuf bytes = start().build();
            bytes.setShortLE(4, type);
            assertEquals(NetlinkStatus.NOT_A_PACKET, parse(bytes));
            assertFalse(packet.packetIdKnown());
        }
    }

    @Test
    @BadInput(8)
    void shouldRefuseAPacketWithoutNfgenmsg() {
        for (int extra = 0; extra < 4; extra++) {
            final ByteBuf bytes = MessageBuilder.message(NfqueueProtocol.MSG_PACKET)
                    .raw(new int[extra])
                    .build();
            assertEquals(NetlinkStatus.NO_NFGENMSG, parse(bytes));
        }
    }

    @Test
    @BadInput(9)
    void shouldRefuseAPacketOfAnotherQueue() {
        assertEquals(
                NetlinkStatus.WRONG_QUEUE,
                parse(MessageBuilder.packet(0x3412).packetHeader(1).build()));
        assertFalse(packet.packetIdKnown(), "its id means a packet of the other queue");
    }

    @Test
    @BadInput(10)
    void shouldRefuseAnAttributeShorterThanItsHeader() {
        for (int length = 0; length < 4; length++) {
            final ByteBuf bytes =
                    start().attribute(NfqueueProtocol.NFQA_PAYLOAD, 1, 2, 3, 4).build();
            bytes.setShortLE(32, length);
            assertEquals(NetlinkStatus.BAD_ATTRIBUTE, parse(bytes), "length " + length);
            assertTrue(packet.packetIdKnown(), "the packet is held and can still be answered");
            assertEquals(5, packet.packetId());
        }
    }

    @Test
    @BadInput(11)
    void shouldRefuseAnAttributeBeyondTheMessage() {
        for (final int length : new int[] {9, 12, 0x7fff, 0xffff}) {
            final ByteBuf bytes =
                    start().attribute(NfqueueProtocol.NFQA_PAYLOAD, 1, 2, 3, 4).build();
            bytes.setShortLE(32, length);
            assertEquals(NetlinkStatus.BAD_ATTRIBUTE, parse(bytes), "length " + length);
        }
    }

    /** Quite normal, and other programs have refused it. */
    @Test
    @BadInput(12)
    void shouldAcceptALastAttributeWithoutPadding() {
        for (int length = 0; length < 9; length++) {
            final ByteBuf bytes = start().attribute(NfqueueProtocol.NFQA_PAYLOAD, new int[length])
                    .build();
            assertEquals(36 + length, bytes.readableBytes());
            assertEquals(NetlinkStatus.OK, parse(bytes));
            assertEquals(length, packet.payloadLength());
            assertEquals(36, packet.payloadOffset());
        }
    }

    @Test
    @BadInput(13)
    void shouldRefuseAPacketWithoutHeader() {
        assertEquals(
                NetlinkStatus.NO_PACKET_HEADER,
                parse(MessageBuilder.packet(QUEUE).build()));
        final ByteBuf bytes = MessageBuilder.packet(QUEUE)
                .attribute(NfqueueProtocol.NFQA_PAYLOAD, 1)
                .build();
        assertEquals(NetlinkStatus.NO_PACKET_HEADER, parse(bytes));
        assertFalse(packet.packetIdKnown());
    }

    @Test
    @BadInput(14)
    void shouldRefuseAShortPacketHeader() {
        for (int length = 0; length < 7; length++) {
            final ByteBuf bytes = MessageBuilder.packet(QUEUE)
                    .attribute(NfqueueProtocol.NFQA_PACKET_HDR, new int[length])
                    .build();
            assertEquals(NetlinkStatus.SHORT_ATTRIBUTE, parse(bytes), "length " + length);
            assertFalse(packet.packetIdKnown());
        }
    }

    @Test
    void shouldRefuseShortWords() {
        for (final int type : new int[] {3, 5, 6, 7, 8, 13, 14}) {
            for (int length = 0; length < 4; length++) {
                assertEquals(
                        NetlinkStatus.SHORT_ATTRIBUTE,
                        parse(start().attribute(type, new int[length]).build()),
                        "type " + type);
            }
        }
    }

    @Test
    @BadInput(15)
    void shouldRefuseDuplicates() {
        for (final int type : new int[] {3, 5, 6, 7, 8, 10, 13, 14}) {
            final ByteBuf bytes = start().word(type, 4).word(type, 4).build();
            assertEquals(NetlinkStatus.DUPLICATE_ATTRIBUTE, parse(bytes), "type " + type);
        }
        assertEquals(
                NetlinkStatus.DUPLICATE_ATTRIBUTE, parse(start().packetHeader(6).build()));
        assertEquals(5, packet.packetId(), "the first one counts");
    }

    @Test
    @BadInput({16, 17})
    void shouldReportNoPayload() {
        assertEquals(NetlinkStatus.OK, parse(start().pad().build()));
        assertEquals(0, packet.payloadLength());
        assertEquals(32, packet.payloadOffset());

        assertEquals(
                NetlinkStatus.OK,
                parse(start().attribute(NfqueueProtocol.NFQA_PAYLOAD).build()));
        assertEquals(0, packet.payloadLength());
        assertEquals(36, packet.payloadOffset());
        assertEquals(0, packet.capLength());
    }

    @Test
    @BadInput(18)
    void shouldReportTheWholeLengthOfACutPacket() {
        final ByteBuf bytes = start().word(NfqueueProtocol.NFQA_CAP_LEN, 65_535)
                .attribute(NfqueueProtocol.NFQA_PAYLOAD, 1, 2, 3)
                .build();
        assertEquals(NetlinkStatus.OK, parse(bytes));
        assertEquals(65_535, packet.capLength());
        assertEquals(3, packet.payloadLength());
    }

    @Test
    @BadInput(19)
    void shouldRefuseALengthShorterThanThePayload() {
        for (final int length : new int[] {0, 2, -1, Integer.MIN_VALUE}) {
            final ByteBuf bytes = start().word(NfqueueProtocol.NFQA_CAP_LEN, length)
                    .attribute(NfqueueProtocol.NFQA_PAYLOAD, 1, 2, 3)
                    .build();
            assertEquals(NetlinkStatus.BAD_CAP_LENGTH, parse(bytes), "length " + length);
            assertTrue(packet.packetIdKnown());
        }
    }

    @Test
    @BadInput(20)
    void shouldIgnoreUnknownAttributesAndFlagBits() {
        final MessageBuilder builder = MessageBuilder.packet(QUEUE);
        for (int type = 22; type <= 200; type++) {
            builder.attribute(type, 1, 2, 3).attribute(type, 1);
        }
        builder.attribute(0x8000 | 19, 1, 2, 3, 4); // a nested one
        builder.attribute(0x4000 | NfqueueProtocol.NFQA_PACKET_HDR, 0, 0, 0, 8, 8, 0, 1);
        builder.attribute(0xc000 | NfqueueProtocol.NFQA_PAYLOAD, 0x45);

        assertEquals(NetlinkStatus.OK, parse(builder.build()));

        assertEquals(8, packet.packetId());
        assertEquals(1, packet.payloadLength());
    }

    @Test
    void shouldNotReadOutsideATruncatedMessage() {
        final ByteBuf whole = start().word(NfqueueProtocol.NFQA_MARK, 1)
                .attribute(NfqueueProtocol.NFQA_PAYLOAD, 0x45, 2, 3, 4, 5)
                .build();
        for (int length = 0; length < whole.readableBytes(); length++) {
            // A buffer of exactly that size: a read beyond it throws.
            final ByteBuf cut = Unpooled.copiedBuffer(whole.slice(0, length));
            assertNotEquals(NetlinkStatus.OK, message.wrap(cut, 0, length), "length " + length);
            assertEquals(length >= 31, packet.wrapTruncated(cut, 0, length, QUEUE), "length " + length);
            if (length >= 16) {
                cut.setIntLE(0, length);
                assertEquals(NetlinkStatus.OK, message.wrap(cut, 0, length));
                // Cuts between two attributes leave a message that is complete in itself.
                final boolean complete = length == 31 || length == 32 || length == 40;
                assertEquals(complete, packet.wrap(message, QUEUE) == NetlinkStatus.OK, "length " + length);
            }
        }
    }

    @Test
    void shouldNotReadOutsideRandomBytes() {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200_000; round++) {
            final ByteBuf bytes = start().word(random.nextInt(24), random.nextInt(64))
                    .attribute(NfqueueProtocol.NFQA_PAYLOAD, new int[random.nextInt(9)])
                    .build();
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                bytes.setByte(random.nextInt(bytes.readableBytes()), random.nextInt(256));
            }
            final ByteBuf exact = Unpooled.copiedBuffer(bytes);
            final int length = exact.readableBytes();
            final int status = parse(exact);
            assertTrue(status >= 0 && status < NetlinkStatus.COUNT, "seed " + seed);
            if (status == NetlinkStatus.OK) {
                assertTrue(
                        packet.packetIdKnown()
                                && packet.payloadOffset() >= 20
                                && packet.payloadOffset() + packet.payloadLength() <= length,
                        "seed " + seed);
                assertTrue(packet.capLength() >= packet.payloadLength(), "seed " + seed);
            }
        }
    }

    @Test
    void shouldNameEveryStatusOnce() {
        for (int i = 0; i < NetlinkStatus.COUNT; i++) {
            assertNotEquals("unknown", NetlinkStatus.label(i));
            for (int j = 0; j < i; j++) {
                assertNotEquals(NetlinkStatus.label(j), NetlinkStatus.label(i));
            }
        }
        assertEquals("unknown", NetlinkStatus.label(NetlinkStatus.COUNT));
    }

    private static MessageBuilder start() {
        return MessageBuilder.packet(QUEUE).packetHeader(5);
    }

    private int parse(final ByteBuf bytes) {
        final int status = message.wrap(bytes, 0, bytes.readableBytes());
        return status == NetlinkStatus.OK ? packet.wrap(message, QUEUE) : status;
    }
}
