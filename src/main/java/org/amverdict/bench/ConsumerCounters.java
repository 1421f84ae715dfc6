package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.amverdict.lab.ChildProcess;
import org.amverdict.nfqueue.KernelQueues;

/**
 * The counters of a consumer and of its queues at one moment.
 *
 * @param nanos when, as {@link System#nanoTime}
 * @param time its processor time
 * @param queues its queues with the kernel's counts, in ascending order
 */
record ConsumerCounters(long nanos, ProcessTime time, List<KernelQueues.KernelQueue> queues) {
    private static final long UNSIGNED_INT = 0xffff_ffffL;

    /** @throws IOException if the consumer has ended, or has not bound exactly the contestant's queues */
    static ConsumerCounters of(final ChildProcess consumer, final Contestant contestant) throws IOException {
        consumer.requireAlive();
        final KernelQueues queues =
                KernelQueues.read(Path.of("/proc", Long.toString(consumer.pid()), "net/netfilter/nfnetlink_queue"));
        if (queues.queues().size() != contestant.queues()) {
            throw new IOException(
                    contestant.name() + " has bound " + queues.queues().size() + " queues, not " + contestant.queues());
        }
        return new ConsumerCounters(System.nanoTime(), ProcessTime.of(consumer.pid()), queues.queues());
    }

    /** The same for a consumer, if any. */
    static Optional<ConsumerCounters> of(final Optional<ChildProcess> consumer, final Contestant contestant)
            throws IOException {
        return consumer.isPresent() ? Optional.of(of(consumer.get(), contestant)) : Optional.empty();
    }

    /** Packets judged since an earlier moment: they had an id, were not lost on the way, and are no longer waiting. */
    long verdictsSince(final ConsumerCounters earlier) {
        return since(earlier, queue -> queue.lastId() - queue.userDropped() - queue.waiting());
    }

    /** Packets lost since, because the queue or the receive buffer was full. */
    long droppedSince(final ConsumerCounters earlier) {
        return since(earlier, KernelQueues.KernelQueue::dropped)
                + since(earlier, KernelQueues.KernelQueue::userDropped);
    }

    /** The sum over all queues; each number of the kernel has 32 bits. */
    private long since(final ConsumerCounters earlier, final ToLongFunction<KernelQueues.KernelQueue> number) {
        long sum = 0;
        for (int i = 0; i < queues.size(); i++) {
            sum += (number.applyAsLong(queues.get(i)) - number.applyAsLong(earlier.queues.get(i))) & UNSIGNED_INT;
        }
        return sum;
    }

    double secondsSince(final ConsumerCounters earlier) {
        return (nanos - earlier.nanos) / 1e9;
    }
}
