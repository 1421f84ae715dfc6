package org.amverdict.worker;

import java.util.concurrent.TimeUnit;
import org.amverdict.engine.Verdict;
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
    /** If the kernel takes no verdict for this long, a new process has a better chance. */
    private static final long REFUSED_MAX_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final QueueSocket socket;
    private final NfqueueSource source;
    private final LatencyRecorder latency;
    private final QueueCounters counters;
    private final SendBuffer[] buffers = new SendBuffer[HELD_MAX];
    private final int[] counts = new int[HELD_MAX];
    private final long[] receivedAt = new long[HELD_MAX];
    private int first;
    private int held;
    private int heldPackets;
    private int released;
    /** When the kernel first refused what it still refuses, 0 if it does not. */
    private long refusedNanos;

    /**
     * @param source of the same queue: it knows whether verdicts may be merged
     * @param latency gets the time from receive to send of one batch in sixteen
     */
    NfqueueSink(
            final QueueSocket socket,
            final NfqueueSource source,
            final int batchSlots,
            final LatencyRecorder latency,
            final QueueCounters counters) {
        this.socket = socket;
        this.source = source;
        this.latency = latency;
        this.counters = counters;
        for (int i = 0; i < HELD_MAX; i++) {
            buffers[i] = new SendBuffer(batchSlots + 1); // and one for what came before
        }
    }

    /**
     * Whether the verdicts of one more batch fit. If not, the kernel takes none for now: receive nothing, and ask again
     * after a while.
     *
     * @throws IllegalStateException if the kernel has taken none for too long
     */
    boolean hasRoom() {
        if (held < HELD_MAX || releaseFirst()) {
            return true;
        }
        if (System.nanoTime() - refusedNanos > REFUSED_MAX_NANOS) {
            throw new IllegalStateException("queue " + socket.queue() + ": the kernel has taken no verdict for "
                    + TimeUnit.NANOSECONDS.toSeconds(REFUSED_MAX_NANOS) + " s; it is out of memory");
        }
        return false;
    }

    /** Whether the kernel has refused verdicts that are still to be sent. */
    boolean isRefused() {
        return refusedNanos != 0;
    }

    /** Only while there is room. */
    @Override
    public void send(final VerdictBatch verdicts, final long receivedNanos) {
        if (!hasRoom()) {
            throw new IllegalStateException("no room for the verdicts of a batch");
        }
        final int at = (first + held) % HELD_MAX;
        final SendBuffer buffer = buffers[at];
        final int queue = socket.queue();
        if (verdicts.count() > 0 && source.takeUnknownBefore(verdicts.id(0))) {
            buffer.writer().verdictBatch(queue, verdicts.id(0) - 1, Verdict.DROP.code(), VerdictBatch.NO_MARK);
        }
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

    /**
     * Sends the oldest batches, as many as can go while the verdicts of {@code keep} packets stay; all if it is 0. What
     * the kernel refuses stays as well, and everything after it.
     */
    void release(final int keep) {
        while (held > 0 && heldPackets - counts[first] >= keep) {
            if (!releaseFirst()) {
                return;
            }
        }
    }

    private boolean releaseFirst() {
        if (!socket.send(buffers[first])) {
            counters.add(QueueCounters.SENDS_REPEATED, 1);
            refusedNanos = refusedNanos == 0 ? System.nanoTime() : refusedNanos;
            return false;
        }
        refusedNanos = 0;
        released++;
        if (released % LATENCY_SAMPLE == 0) {
            latency.record(System.nanoTime() - receivedAt[first]);
        }
        heldPackets -= counts[first];
        first = (first + 1) % HELD_MAX;
        held--;
        return true;
    }
}
