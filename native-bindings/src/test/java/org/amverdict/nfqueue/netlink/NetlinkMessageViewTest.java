package org.amverdict.nfqueue.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.amverdict.inputs.BadInput;
import org.junit.jupiter.api.Test;

class NetlinkMessageViewTest {
    private final NetlinkMessageView view = new NetlinkMessageView();

    @Test
    void shouldReadAHeaderFromKnownBytes() {
        final ByteBuf bytes = hex("ffff" + "14000000" + "0003" + "0100" + "01020304" + "0a0b0c0d" + "00000007");

        assertEquals(NetlinkStatus.OK, view.wrap(bytes, 2, 20));

        assertEquals(NfqueueProtocol.MSG_PACKET, view.type());
        assertEquals(1, view.flags());
        assertEquals(0x04030201, view.sequence());
        assertEquals(0x0d0c0b0a, view.portId());
        assertEquals(18, view.payloadOffset());
        assertEquals(4, view.payloadLength());
        assertEquals(22, view.nextOffset());
        assertEquals(0, view.remainingAfter());
    }

    @Test
    @BadInput(1)
    void shouldRefuseLessThanAHeader() {
        final ByteBuf bytes = MessageBuilder.message(NfqueueProtocol.NLMSG_NOOP).build();
        for (int available = -1; available < 16; available++) {
            assertEquals(NetlinkStatus.TOO_SHORT, view.wrap(bytes, 0, available), "available " + available);
        }
        assertEquals(NetlinkStatus.OK, view.wrap(bytes, 0, 16));
    }

    @Test
    @BadInput(2)
    void shouldRefuseALengthSmallerThanTheHeader() {
        final ByteBuf bytes = MessageBuilder.packet(0).build();
        for (int length = 0; length < 16; length++) {
            bytes.setIntLE(0, length);
            assertEquals(NetlinkStatus.BAD_LENGTH, view.wrap(bytes, 0, 20), "length " + length);
        }
    }

    @Test
    @BadInput(3)
    void shouldRefuseALengthBeyondTheDatagram() {
        final ByteBuf bytes = MessageBuilder.packet(0).build();
        for (final int length : new int[] {21, 24, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
            bytes.setIntLE(0, length);
            assertEquals(NetlinkStatus.TRUNCATED, view.wrap(bytes, 0, 20), "length " + length);
        }
    }

    @Test
    @BadInput(4)
    void shouldWalkTwoMessagesTheSecondTruncated() {
        final ByteBuf first = MessageBuilder.packet(0).packetHeader(1).build();
        final ByteBuf second = MessageBuilder.packet(0).packetHeader(2).build();
        assertEquals(31, first.readableBytes(), "unpadded, so that the walk has to align");
        final ByteBuf both = Unpooled.buffer().writeBytes(first).writeByte(0).writeBytes(second, 0, 30);

        assertEquals(NetlinkStatus.OK, view.wrap(both, 0, both.readableBytes()));
        assertEquals(32, view.nextOffset());
        assertEquals(30, view.remainingAfter());
        assertEquals(NetlinkStatus.TRUNCATED, view.wrap(both, view.nextOffset(), view.remainingAfter()));
    }

    @Test
    void shouldEndTheWalkAtAnUnpaddedLastMessage() {
        final ByteBuf bytes = MessageBuilder.packet(0).packetHeader(1).build();

        assertEquals(NetlinkStatus.OK, view.wrap(bytes, 0, 31));

        assertEquals(31, view.nextOffset());
        assertEquals(0, view.remainingAfter());
    }

    @Test
    @BadInput(5)
    void shouldTellAnErrorFromAnAcknowledgement() {
        final int[] stored = {-2, 0, 5, Integer.MIN_VALUE};
        final int[] read = {2, 0, -1, -1};
        for (int i = 0; i < stored.length; i++) {
            final ByteBuf bytes = MessageBuilder.message(NfqueueProtocol.NLMSG_ERROR)
                    .raw(0, 0, 0, 0)
                    .build();
            bytes.setIntLE(16, stored[i]);
            assertEquals(NetlinkStatus.OK, view.wrap(bytes, 0, 20));
            assertEquals(NfqueueProtocol.NLMSG_ERROR, view.type());
            assertEquals(read[i], view.errorNumber());
        }
    }

    @Test
    void shouldNotReadAnErrorThatIsNotThere() {
        final ByteBuf error =
                MessageBuilder.message(NfqueueProtocol.NLMSG_ERROR).raw(0, 0, 0).build();
        assertEquals(NetlinkStatus.OK, view.wrap(error, 0, 19));
        assertEquals(-1, view.errorNumber());
        assertEquals(NetlinkStatus.OK, view.wrap(MessageBuilder.packet(0).build(), 0, 20));
        assertEquals(-1, view.errorNumber());
    }

    private static ByteBuf hex(final String text) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(text));
    }
}
