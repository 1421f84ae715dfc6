package org.amverdict.worker;

import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictSink;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.SendBuffer;
import org.amverdict.nfqueue.netlink.VerdictMerger;

/** Verdicts to a kernel queue: as few messages as say it, in one {@code send}. Worker thread only. */
final class NfqueueSink implements VerdictSink {
    private final QueueSocket socket;
    private final NfqueueSource source;
    private final SendBuffer buffer;

    /** @param source of the same queue: it knows whether verdicts may be merged */
    NfqueueSink(final QueueSocket socket, final NfqueueSource source, final int batchSlots) {
        this.socket = socket;
        this.source = source;
        this.buffer = new SendBuffer(batchSlots);
    }

    @Override
    public void send(final VerdictBatch verdicts) {
        final int queue = socket.queue();
        if (source.everyIdKnown()) {
            VerdictMerger.write(
                    buffer.writer(), queue, verdicts.ids(), verdicts.verdicts(), verdicts.marks(), verdicts.count());
        } else {
            VerdictMerger.writeSingles(
                    buffer.writer(), queue, verdicts.ids(), verdicts.verdicts(), verdicts.marks(), verdicts.count());
        }
        socket.send(buffer);
    }
}
