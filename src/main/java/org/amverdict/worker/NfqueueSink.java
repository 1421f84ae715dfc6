package org.amverdict.worker;

import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictSink;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.SendBuffer;
import org.amverdict.nfqueue.netlink.VerdictMerger;

/**
 * Verdicts to a kernel queue: in as few messages as possible, one {@code send} per batch, in the order of the batches.
 * Written verdicts are held until {@link #release}, so that in a flood the kernel's table of held packets does not run
 * empty after each batch (decision 026). Worker thread only.
 */
final class NfqueueSink implements VerdictSink {
    /** Batches held at most: small ones do not add up to more than this. */
    private static final int HELD_MAX = 16;
    /** One batch in this many is timed. */
    private static final int LATENCY_SAMPLE = 16;

    private final QueueSocket socket;
    private final NfqueueSource source;
    private final LatencyRecorder latency;
    private final SendBuffer[] buffers = new SendBuffer[HELD_MAX];
    private final int[] counts = new int[HELD_MAX];
    private final long[] receivedAt = new long[HELD_MAX];
    private int first;
    private int held;
    private int heldPackets;
    private int released;

    /**
     * @param source of the same queue: it knows whether verdicts may be merged
     * @param latency gets the time from receive to send of one batch in sixteen
     */
    NfqueueSink(
            final QueueSocket socket, final NfqueueSource source, final int batchSlots, final LatencyRecorder latency) {
        this.socket = socket;
        this.source = source;
        this.latency = latency;
        for (int i = 0; i < HELD_MAX; i++) {
            buffers[i] = new SendBuffer(batchSlots);
        }
    }

    @Override
    public void send(final VerdictBatch verdicts, final long receivedNanos) {
        if (held == HELD_MAX) {
            releaseFirst();
        }
        final int at = (first + held) % HELD_MAX;
        final SendBuffer buffer = buffers[at];
        final int queue = socket.queue();
        if (source.everyIdKnown()) {
            VerdictMerger.write(
                    buffer.writer(), queue, verdicts.ids(), verdicts.verdicts(), verdicts.marks(), verdicts.count());
        } else {
            VerdictMerger.writeSingles(
                    buffer.writer(), queue, verdicts.ids(), verdicts.verdicts(), verdicts.marks(), verdicts.count());
        }
        counts[at] = verdicts.count();
        receivedAt[at] = receivedNanos;
        held++;
        heldPackets += verdicts.count();
    }

    /** Sends the oldest batches, as many as can go while the verdicts of {@code keep} packets stay; all if it is 0. */
    void release(final int keep) {
        while (held > 0 && heldPackets - counts[first] >= keep) {
            releaseFirst();
        }
    }

    private void releaseFirst() {
        socket.send(buffers[first]);
        released++;
        if (released % LATENCY_SAMPLE == 0) {
            latency.record(System.nanoTime() - receivedAt[first]);
        }
        heldPackets -= counts[first];
        first = (first + 1) % HELD_MAX;
        held--;
    }
}
