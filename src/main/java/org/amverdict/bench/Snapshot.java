package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.amverdict.nfqueue.KernelQueues;

/**
 * What has happened to a consumer and its queue until a moment.
 *
 * @param nanos when, as {@link System#nanoTime}
 * @param time its processor time
 * @param queue its queue as the kernel counts
 */
record Snapshot(long nanos, ProcessTime time, KernelQueues.KernelQueue queue) {
    private static final long UNSIGNED_INT = 0xffff_ffffL;

    static Snapshot of(final Child consumer) throws IOException {
        consumer.requireAlive();
        final KernelQueues queues =
                KernelQueues.read(Path.of("/proc", Long.toString(consumer.pid()), "net/netfilter/nfnetlink_queue"));
        return new Snapshot(
                System.nanoTime(),
                ProcessTime.of(consumer.pid()),
                queues.queue(BenchNetwork.QUEUE)
                        .orElseThrow(() -> new IOException("queue " + BenchNetwork.QUEUE + " is not bound")));
    }

    /** Packets judged since an earlier moment: they had an id, were not lost on the way, and do not wait any more. */
    long verdictsSince(final Snapshot earlier) {
        return (answered() - earlier.answered()) & UNSIGNED_INT;
    }

    private long answered() {
        return queue.lastId() - queue.userDropped() - queue.waiting();
    }

    /** Packets lost since, because the queue or the receive buffer was full. */
    long droppedSince(final Snapshot earlier) {
        return ((queue.dropped() - earlier.queue.dropped()) & UNSIGNED_INT)
                + ((queue.userDropped() - earlier.queue.userDropped()) & UNSIGNED_INT);
    }

    double secondsSince(final Snapshot earlier) {
        return (nanos - earlier.nanos) / 1e9;
    }
}
