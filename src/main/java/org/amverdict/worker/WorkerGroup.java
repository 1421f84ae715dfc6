package org.amverdict.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.amverdict.engine.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * The workers of all queues. They start together, and when one ends the group ends: a queue without its worker drops
 * packets, and restarting the whole program is easier to get right than reviving a part.
 */
public final class WorkerGroup implements AutoCloseable {
    /** Longer than any queue takes to be drained. */
    private static final int STOP_SECONDS = 10;

    private final List<QueueWorker> workers;
    /** One for each worker, all created before any starts, so that a stop always sees them all. */
    private final List<Thread> threads;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Runnable beforeFirstPacket;
    private boolean released;
    private boolean closed;

    public WorkerGroup(final List<QueueWorker> workers) {
        this(workers, () -> {});
    }

    /** @param beforeFirstPacket called once, after the queues are bound and before any worker judges a packet */
    public WorkerGroup(final List<QueueWorker> workers, final Runnable beforeFirstPacket) {
        this.workers = List.copyOf(workers);
        this.beforeFirstPacket = beforeFirstPacket;
        threads = this.workers.stream().map(this::threadOf).toList();
    }

    private Thread threadOf(final QueueWorker worker) {
        return new Thread(
                () -> {
                    try {
                        worker.run();
                    } finally {
                        ended.countDown();
                    }
                },
                "queue-" + worker.queue());
    }

    public List<QueueWorker> workers() {
        return workers;
    }

    /**
     * Starts every worker, waits until all queues are bound, and lets the workers judge. Once.
     *
     * @return false if the group was closed meanwhile
     * @throws RuntimeException the failure of the first queue that could not be bound; the others are released then
     */
    public boolean start() throws InterruptedException {
        for (int i = 0; i < threads.size(); i++) {
            if (!startUnlessClosed(threads.get(i))) {
                return false;
            }
            // One after the other, so that the first failure is the only one.
            final QueueWorker worker = workers.get(i);
            worker.awaitOpened();
            final RuntimeException failure = worker.failure();
            if (failure != null) {
                close();
                throw failure;
            }
        }
        return release();
    }

    private synchronized boolean startUnlessClosed(final Thread thread) {
        if (!closed) {
            thread.start();
        }
        return !closed;
    }

    private synchronized boolean release() {
        if (!released) {
            released = true;
            beforeFirstPacket.run();
            workers.forEach(QueueWorker::begin);
        }
        return !closed;
    }

    /**
     * Waits until a worker ends, on its own or stopped.
     *
     * @return false if none did within the time
     */
    public boolean awaitEnd(final long timeoutNanos) throws InterruptedException {
        return ended.await(timeoutNanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Waits until each worker has begun a round after this call: by then it has judged its batch of that moment, and it
     * sees everything written before the call. Any thread.
     *
     * @return queues that did not begin a round in time; a worker that has ended need not
     */
    public List<Integer> awaitRound(final long timeoutNanos) throws InterruptedException {
        final long calledNanos = System.nanoTime();
        final List<Integer> late = new ArrayList<>();
        for (final QueueWorker worker : workers) {
            while (worker.bound()
                    && worker.lastCycleNanos() - calledNanos <= 0
                    && System.nanoTime() - calledNanos < timeoutNanos) {
                Thread.sleep(1);
            }
            if (worker.bound() && worker.lastCycleNanos() - calledNanos <= 0) {
                late.add(worker.queue());
            }
        }
        return late;
    }

    private synchronized void stop() {
        closed = true;
        workers.forEach(QueueWorker::stop);
    }

    /** Stops every worker and waits until all held packets are answered. Any thread, also while another starts them. */
    @Override
    public void close() {
        stop();
        release();
        final long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        for (final Thread thread : threads) {
            try {
                final long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                thread.join(Math.max(1, leftMillis));
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Packets that got this verdict. Any thread. */
    public long judged(final Verdict verdict) {
        return workers.stream()
                .mapToLong(worker -> worker.engine().counters().packets(verdict))
                .sum();
    }

    /** Why the first failed worker failed, or null. */
    public @Nullable RuntimeException failure() {
        for (final QueueWorker worker : workers) {
            if (worker.failure() != null) {
                return worker.failure();
            }
        }
        return null;
    }

    /** Whether every queue is bound and its worker keeps up its rounds. Any thread. */
    public boolean ready() {
        return missing().isEmpty();
    }

    /** Queues that are not bound or have a stuck worker. Any thread. */
    public List<Integer> missing() {
        final List<Integer> missing = new ArrayList<>();
        for (final QueueWorker worker : workers) {
            if (!worker.ready()) {
                missing.add(worker.queue());
            }
        }
        return missing;
    }
}
