package org.amverdict.worker;

import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.PacketSource;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ReceiveBatch;

/** Packets from a kernel queue, see {@link QueuedMessages}. Worker thread only. */
final class NfqueueSource implements PacketSource {
    private final QueueSocket socket;
    private final ReceiveBatch datagrams;
    private final QueuedMessages messages;
    private int received = -1;

    NfqueueSource(final QueueSocket socket, final ReceiveBatch datagrams, final QueueCounters counters) {
        this(socket, datagrams, counters, true);
    }

    /** @param firstReader whether no process has read from the queue before */
    NfqueueSource(
            final QueueSocket socket,
            final ReceiveBatch datagrams,
            final QueueCounters counters,
            final boolean firstReader) {
        this.socket = socket;
        this.datagrams = datagrams;
        counters.add(QueueCounters.FOREIGN, socket.foreignDatagrams());
        messages = new QueuedMessages(datagrams.slab(), socket.queue(), counters, firstReader);
    }

    @Override
    public int receive(final PacketBatch batch, final int timeoutMillis) {
        messages.begin(batch);
        final int count = socket.receive(datagrams, timeoutMillis);
        received = count;
        for (int i = 0; i < count; i++) {
            if (datagrams.truncated(i)) {
                messages.addTruncated(batch, datagrams.offset(i), datagrams.length(i));
            } else {
                messages.add(batch, datagrams.offset(i), datagrams.length(i));
            }
        }
        return batch.count();
    }

    /** Datagrams of the last receive, with a packet or without; -1 before the first. */
    int received() {
        return received;
    }

    /** See {@link QueuedMessages#everyIdKnown}, for the last receive. */
    boolean everyIdKnown() {
        return messages.everyIdKnown();
    }

    /** See {@link QueuedMessages#takeUnknownBefore}. */
    boolean takeUnknownBefore(final int firstId) {
        return messages.takeUnknownBefore(firstId);
    }
}
