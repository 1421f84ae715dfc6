package org.amverdict.worker;

import io.netty.buffer.ByteBuf;
import org.amverdict.engine.PacketBatch;
import org.amverdict.nfqueue.netlink.NetlinkMessageView;
import org.amverdict.nfqueue.netlink.NetlinkStatus;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.nfqueue.netlink.QueuedPacketView;

/**
 * Turns the datagrams of one receive into columns of a {@link PacketBatch} over the slab they were received in. Every
 * packet with a readable id gets into the batch, a malformed one without bytes, since the kernel holds it until it has
 * a verdict. Uses no socket. Worker thread only.
 */
final class QueuedMessages {
    private final ByteBuf slab;
    private final int queue;
    private final QueueCounters counters;
    private final NetlinkMessageView message = new NetlinkMessageView();
    private final QueuedPacketView packet = new QueuedPacketView();
    private boolean everyIdKnown = true;
    /** A packet of an earlier receive, whose id could not be read, may be held. */
    private boolean unknownBefore;
    /** Packets since the last one with an id that came without a readable one. */
    private int unknown;
    /** A queue numbers its packets from 1, so its first reader knows what comes next. Others do not. */
    private boolean lastIdKnown;

    private int lastId;
    /** The same before this receive. */
    private int lastIdBefore;

    /**
     * @param slab where the datagrams are
     * @param queue the queue they must belong to
     */
    QueuedMessages(final ByteBuf slab, final int queue, final QueueCounters counters) {
        this(slab, queue, counters, true);
    }

    /**
     * As the other one.
     *
     * @param firstReader whether no process has read from the queue before
     */
    QueuedMessages(final ByteBuf slab, final int queue, final QueueCounters counters, final boolean firstReader) {
        lastIdKnown = firstReader;
        this.slab = slab;
        this.queue = queue;
        this.counters = counters;
    }

    /** Empties the batch for the next receive. */
    void begin(final PacketBatch batch) {
        batch.reset(slab);
        unknownBefore |= !everyIdKnown;
        everyIdKnown = true;
        lastIdBefore = lastId;
    }

    /**
     * Whether a packet of an earlier receive, whose id could not be read, may still be held. Then a batch verdict that
     * drops everything before the first packet of this batch must come first: the next one that accepts would cover it.
     * True once for all such packets.
     *
     * @param firstId of this batch; if it came before, the batch says nothing about what is still held
     */
    boolean takeUnknownBefore(final int firstId) {
        final boolean before = unknownBefore && firstId - lastIdBefore > 0;
        unknownBefore &= !before;
        return before;
    }

    /**
     * Whether every packet up to the last one since {@link #begin} is in the batch or answered, so that a batch verdict,
     * which covers all packets held up to an id, covers none that is not.
     */
    boolean everyIdKnown() {
        return everyIdKnown && !unknownBefore;
    }

    /** Adds the packet of a truncated datagram: only its id is usable. */
    void addTruncated(final PacketBatch batch, final int offset, final int length) {
        counters.add(QueueCounters.MALFORMED, 1);
        if (packet.wrapTruncated(slab, offset, length, queue)) {
            addWithoutBytes(batch, offset);
        } else {
            noteUnknown();
        }
    }

    private void noteUnknown() {
        everyIdKnown = false;
        unknown++;
    }

    /** Adds the packets of a datagram. It holds one message, but nothing in netlink says so. */
    void add(final PacketBatch batch, final int datagram, final int datagramLength) {
        int offset = datagram;
        int available = datagramLength;
        while (available > 0) {
            final int status = message.wrap(slab, offset, available);
            if (status != NetlinkStatus.OK) {
                counters.add(QueueCounters.MALFORMED, 1);
                noteUnknown();
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
        final int status = packet.wrap(message, queue);
        if (status == NetlinkStatus.OK && batch.count() < batch.capacity()) {
            batch.add(packet.packetId())
                    .setBytes(packet.payloadOffset(), packet.payloadLength())
                    .setOriginalLength(packet.capLength())
                    .setHook(packet.hook())
                    .setInInterface(packet.inInterface())
                    .setOutInterface(packet.outInterface())
                    .setFlags(flags(packet.skbInfo()))
                    .setMark(packet.mark());
            noteId(packet.packetId());
        } else if (status == NetlinkStatus.NOT_A_PACKET || status == NetlinkStatus.WRONG_QUEUE) {
            counters.add(QueueCounters.MALFORMED, 1);
        } else {
            counters.add(QueueCounters.MALFORMED, 1);
            if (packet.packetIdKnown() && batch.count() < batch.capacity()) {
                addWithoutBytes(batch, offset);
            } else {
                noteUnknown();
            }
        }
    }

    private static int flags(final int skbInfo) {
        return ((skbInfo & NfqueueProtocol.SKB_CSUM_NOT_READY) == 0 ? 0 : PacketBatch.CHECKSUM_NOT_READY)
                | ((skbInfo & NfqueueProtocol.SKB_GSO) == 0 ? 0 : PacketBatch.MERGED);
    }

    private void addWithoutBytes(final PacketBatch batch, final int offset) {
        batch.add(packet.packetId()).setBytes(offset, 0);
        noteId(packet.packetId());
    }

    /**
     * The kernel numbers packets one by one; a gap means packets lost before they could be received, except those that
     * came without a readable id. An id that came before counts as none.
     */
    private void noteId(final int id) {
        final int gap = id - lastId - 1;
        if (!lastIdKnown) {
            lastIdKnown = true;
            lastId = id;
            unknown = 0;
            return;
        }
        if (gap < 0) {
            return;
        }
        if (gap > unknown) {
            counters.add(QueueCounters.ID_GAPS, (long) gap - unknown);
        }
        unknown = 0;
        lastId = id;
    }
}
