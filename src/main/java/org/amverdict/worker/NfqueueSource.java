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

    NfqueueSource(final QueueSocket socket, final ReceiveBatch datagrams, final QueueCounters counters) {
        this.socket = socket;
        this.datagrams = datagrams;
        counters.add(QueueCounters.FOREIGN, socket.foreignDatagrams());
        messages = new QueuedMessages(datagrams.slab(), socket.queue(), counters);
    }

    @Override
    public int receive(final PacketBatch batch, final int timeoutMillis) {
        messages.begin(batch);
        final int count = socket.receive(datagrams, timeoutMillis);
        for (int i = 0; i < count; i++) {
            if (datagrams.truncated(i)) {
                messages.addTruncated(batch, datagrams.offset(i), datagrams.length(i));
            } else {
                messages.add(batch, datagrams.offset(i), datagrams.length(i));
            }
        }
        return batch.count();
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
