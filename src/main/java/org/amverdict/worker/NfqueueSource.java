package org.amverdict.worker;

import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.PacketSource;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ReceiveBatch;
import org.amverdict.nfqueue.netlink.NetlinkMessageView;
import org.amverdict.nfqueue.netlink.NetlinkStatus;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.nfqueue.netlink.QueuedPacketView;

/**
 * Packets from a kernel queue: netlink messages become columns of a {@link PacketBatch} over the slab they were received
 * in. Every packet whose id can be read gets into the batch, a malformed one without bytes, since the kernel holds it
 * until it has a verdict. Worker thread only.
 */
final class NfqueueSource implements PacketSource {
    private final QueueSocket socket;
    private final ReceiveBatch datagrams;
    private final QueueCounters counters;
    private final NetlinkMessageView message = new NetlinkMessageView();
    private final QueuedPacketView packet = new QueuedPacketView();
    private boolean everyIdKnown = true;
    private boolean idSeen;
    private int lastId;

    NfqueueSource(final QueueSocket socket, final ReceiveBatch datagrams, final QueueCounters counters) {
        this.socket = socket;
        this.datagrams = datagrams;
        this.counters = counters;
    }

    @Override
    public int receive(final PacketBatch batch, final int timeoutMillis) {
        batch.reset(datagrams.slab());
        everyIdKnown = true;
        final int count = socket.receive(datagrams, timeoutMillis);
        for (int i = 0; i < count; i++) {
            if (datagrams.senderPortId(i) != 0) {
                counters.add(QueueCounters.FOREIGN, 1);
            } else if (datagrams.truncated(i)) {
                addTruncated(batch, datagrams.offset(i), datagrams.length(i));
            } else {
                addMessages(batch, datagrams.offset(i), datagrams.length(i));
            }
        }
        return batch.count();
    }

    /**
     * Whether every packet of the last receive is in the batch, so that a batch verdict, which covers all packets held up
     * to an id, covers none that is not.
     */
    boolean everyIdKnown() {
        return everyIdKnown;
    }

    private void addTruncated(final PacketBatch batch, final int offset, final int length) {
        counters.add(QueueCounters.MALFORMED, 1);
        if (packet.wrapTruncated(datagrams.slab(), offset, length, socket.queue())) {
            addWithoutBytes(batch, offset);
        } else {
            everyIdKnown = false;
        }
    }

    /** A datagram of this socket holds one message, but nothing in netlink says so. */
    private void addMessages(final PacketBatch batch, final int datagram, final int datagramLength) {
        int offset = datagram;
        int available = datagramLength;
        while (available > 0) {
            final int status = message.wrap(datagrams.slab(), offset, available);
            if (status != NetlinkStatus.OK) {
                counters.add(QueueCounters.MALFORMED, 1);
                everyIdKnown = false;
                return;
            }
            addMessage(batch, offset);
            offset = message.nextOffset();
            available = message.remainingAfter();
        }
    }

    private void addMessage(final PacketBatch batch, final int offset) {
        if (message.type() == NfqueueProtocol.NLMSG_ERROR) {
            counters.add(QueueCounters.KERNEL_ERRORS, message.errorNumber() == 0 ? 0 : 1);
            return;
        }
        final int status = packet.wrap(message, socket.queue());
        if (status == NetlinkStatus.OK && batch.count() < batch.capacity()) {
            batch.add(
                    packet.packetId(),
                    packet.payloadOffset(),
                    packet.payloadLength(),
                    packet.capLength(),
                    packet.hook(),
                    packet.inInterface(),
                    packet.outInterface(),
                    (packet.skbInfo() & NfqueueProtocol.SKB_CSUM_NOT_READY) == 0 ? 0 : PacketBatch.CHECKSUM_NOT_READY,
                    packet.mark());
            noteId(packet.packetId());
        } else if (status == NetlinkStatus.NOT_A_PACKET || status == NetlinkStatus.WRONG_QUEUE) {
            counters.add(QueueCounters.MALFORMED, 1);
        } else {
            counters.add(QueueCounters.MALFORMED, 1);
            if (packet.packetIdKnown() && batch.count() < batch.capacity()) {
                addWithoutBytes(batch, offset);
            } else {
                everyIdKnown = false;
            }
        }
    }

    private void addWithoutBytes(final PacketBatch batch, final int offset) {
        batch.add(packet.packetId(), offset, 0, 0, -1, 0, 0, 0, 0);
        noteId(packet.packetId());
    }

    /** The kernel numbers packets one by one; what is missing was lost before it could be received. */
    private void noteId(final int id) {
        final int gap = id - lastId - 1;
        if (idSeen && gap > 0) {
            counters.add(QueueCounters.ID_GAPS, gap);
        }
        idSeen = true;
        lastId = id;
    }
}
