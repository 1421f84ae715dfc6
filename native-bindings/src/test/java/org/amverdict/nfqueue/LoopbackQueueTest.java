package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.amverdict.nfqueue.netlink.NetlinkMessageView;
import org.amverdict.nfqueue.netlink.NetlinkStatus;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.nfqueue.netlink.PacketMessageHeader;
import org.amverdict.nfqueue.netlink.PacketMessageWriter;
import org.amverdict.nfqueue.netlink.QueuedPacketView;
import org.amverdict.nfqueue.netlink.VerdictWriter;
import org.junit.jupiter.api.Test;

class LoopbackQueueTest {
    private static final ByteBuf BYTES = Unpooled.wrappedBuffer(new byte[] {9, 9, 0x45, 1, 2, 3, 4, 9});
    private static final int ID = 0x80000001;

    @Test
    void shouldDeliverEveryFormAsTheKernelWould() {
        final PacketMessageHeader header = new PacketMessageHeader();
        header.packetId = ID;
        header.hook = 2;
        header.inInterface = 3;
        header.outInterface = 4;
        final NetlinkMessageView message = new NetlinkMessageView();
        final QueuedPacketView packet = new QueuedPacketView();
        final ReceiveBatch batch = new ReceiveBatch(PacketMessageWriter.FORMS, 2048);
        try (LoopbackQueue loop = LoopbackQueue.open()) {
            for (int form = 0; form < PacketMessageWriter.FORMS; form++) {
                header.form = form;
                loop.deliver(header, BYTES, 2, 5);
            }

            assertEquals(PacketMessageWriter.FORMS, loop.queue().receive(batch, 100));

            for (int form = 0; form < PacketMessageWriter.FORMS; form++) {
                assertEquals(NetlinkStatus.OK, message.wrap(batch.slab(), batch.offset(form), batch.length(form)));
                assertEquals(NetlinkStatus.OK, packet.wrap(message, LoopbackQueue.NUMBER));
                assertEquals(ID, packet.packetId());
                assertEquals(2, packet.hook());
                assertEquals(3, packet.inInterface());
                assertEquals(4, packet.outInterface());
                assertEquals((form & PacketMessageWriter.MARK) == 0 ? 0 : ID, packet.mark());
                assertEquals(
                        (form & PacketMessageWriter.SKB_INFO) == 0 ? 0 : NfqueueProtocol.SKB_CSUM_NOT_READY,
                        packet.skbInfo());
                assertEquals(
                        "4501020304",
                        ByteBufUtil.hexDump(batch.slab(), packet.payloadOffset(), packet.payloadLength()));
            }
        }
    }

    @Test
    void shouldThrowAnswersAway() {
        try (LoopbackQueue loop = LoopbackQueue.open()) {
            final SendBuffer answer = new SendBuffer(64);
            for (int i = 0; i < 40; i++) {
                answer.writer().verdict(0, i, 1, VerdictWriter.NO_MARK);
                loop.queue().send(answer);
            }
            loop.discardAnswers();
            loop.deliver(new PacketMessageHeader(), BYTES, 2, 5);
            assertEquals(1, loop.queue().receive(new ReceiveBatch(4, 2048), 100));
        }
    }
}
