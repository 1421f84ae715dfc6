package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.NetworkLab;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers that are stopped while they start, on queues of the kernel. */
@Tag("root")
@Timeout(60)
class WorkerGroupIT {
    private static final long SEED = Long.getLong("seed", 20_261_201);
    private static final int QUEUES = 12;
    private static final int ROUNDS = 40;
    private static final int PAUSE_MAX_NANOS = 4_000_000;
    private static final TableLimits SMALL = new TableLimits(
            new TableLimits.Transactions(16, 16, 1),
            new TableLimits.Expectations(16, 16, 1, 5),
            new TableLimits.Flows(16, 1));

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private static QueueWorker worker(final int queue) {
        final VerdictEngine engine = new VerdictEngine(
                EngineSettings.of(Policy.of(List.of())), new Tables(SMALL, 1), new EngineCounters(), EngineEvents.NONE);
        return new QueueWorker(QueueSettings.builder(queue).copyRangeBytes(256).conclude(), -1, false, engine);
    }

    private static WorkerGroup group(final int queues, final Runnable beforeFirstPacket) {
        final List<QueueWorker> workers =
                IntStream.range(0, queues).mapToObj(WorkerGroupIT::worker).toList();
        return new WorkerGroup(workers, beforeFirstPacket);
    }

    private static <T> Future<T> within(final NetworkLab lab, final ExecutorService threads, final Callable<T> work) {
        return threads.submit(() -> lab.firewall().call(work));
    }

    @Test
    void shouldStopWholeWheneverItIsStoppedDuringTheStart() throws Exception {
        final SplittableRandom random = new SplittableRandom(SEED);
        final ExecutorService threads = Executors.newSingleThreadExecutor();
        try (NetworkLab lab = NetworkLab.open()) {
            int stoppedEarly = 0;
            for (int round = 0; round < ROUNDS; round++) {
                final String where = "seed " + SEED + " round " + round;
                final AtomicInteger released = new AtomicInteger();
                final WorkerGroup group = group(QUEUES, released::incrementAndGet);
                final Future<Boolean> start = within(lab, threads, group::start);
                LockSupport.parkNanos(random.nextInt(PAUSE_MAX_NANOS));

                assertDoesNotThrow(group::close, where);

                stoppedEarly += start.get() ? 0 : 1;
                assertEquals(1, released.get(), where);
                assertNull(group.failure(), where);
                for (final QueueWorker worker : group.workers()) {
                    assertFalse(worker.bound(), where);
                }
            }
            assertTrue(stoppedEarly > 0, "none was stopped during its start, seed " + SEED);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void shouldJudgeNothingBeforeAllQueuesAreBound() throws Exception {
        final ExecutorService threads = Executors.newSingleThreadExecutor();
        try (NetworkLab lab = NetworkLab.open()) {
            final AtomicInteger bound = new AtomicInteger();
            final AtomicInteger begun = new AtomicInteger();
            final WorkerGroup[] self = new WorkerGroup[1];
            self[0] = group(3, () -> {
                for (final QueueWorker worker : self[0].workers()) {
                    bound.addAndGet(worker.bound() ? 1 : 0);
                    begun.addAndGet(worker.lastCycleNanos() == 0 ? 0 : 1);
                }
            });

            assertTrue(within(lab, threads, self[0]::start).get());
            self[0].close();

            assertEquals(3, bound.get());
            assertEquals(0, begun.get());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void shouldReleaseAllQueuesWhenOneIsTaken() throws Exception {
        try (NetworkLab lab = NetworkLab.open()) {
            final WorkerGroup first = group(1, () -> {});
            startIn(lab, first);
            final AtomicInteger released = new AtomicInteger();
            final WorkerGroup second = new WorkerGroup(List.of(worker(5), worker(0)), released::incrementAndGet);

            assertThrows(IOException.class, () -> startIn(lab, second), "as the namespace's thread tells it");

            assertNotNull(second.failure());
            assertFalse(second.workers().get(0).bound());
            first.close();
        }
    }

    private static void startIn(final NetworkLab lab, final WorkerGroup group) throws IOException {
        lab.firewall().call(group::start);
    }
}
