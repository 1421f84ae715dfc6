package org.amverdict.track;

import java.util.concurrent.ConcurrentHashMap;
import org.amverdict.NanosecondsPerOperation;
import org.amverdict.amanda.StreamName;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * The cost of {@link ExpectationTableBenchmark} with a ConcurrentHashMap and a record as its key. Look-ups are only the
 * map's. {@code insert}, {@code take} and {@code insertAndTake} do all that the table does: a count for each requester
 * with a limit, and the table's counters. {@code bareInsertAndTake} is the cost of the map alone.
 */
public class RecordMapBenchmark extends NanosecondsPerOperation {
    private static final long LIFETIME_NANOS = 180_000_000_000L;
    private static final long NOBODY = -1;

    private record Key(long requesterHigh, long requesterLow, long responderHigh, long responderLow, int port) {}

    private record Host(long high, long low) {}

    private record Expected(
            StreamName stream, boolean privileged, long owner, long sides, long createdNanos, long deadlineNanos) {}

    /** The map, which all workers share. */
    @State(Scope.Benchmark)
    public static class Shared {
        @Param({"100", "10000", "1000000"})
        private int entries;

        private ConcurrentHashMap<Key, Expected> map = new ConcurrentHashMap<>();
        private ConcurrentHashMap<Host, Integer> requesters = new ConcurrentHashMap<>();
        private TableCounters counters = new TableCounters();

        @Setup(Level.Trial)
        public void setUp() {
            map = new ConcurrentHashMap<>(2 * entries);
            requesters = new ConcurrentHashMap<>();
            counters = new TableCounters();
        }
    }

    /** A worker and its part of the entries. */
    @State(Scope.Thread)
    public static class Worker {
        Numbers numbers = new Numbers(0, 1);
        private ConcurrentHashMap<Key, Expected> map = new ConcurrentHashMap<>();
        private ConcurrentHashMap<Host, Integer> requesters = new ConcurrentHashMap<>();
        private TableCounters counters = new TableCounters();

        @Setup(Level.Trial)
        public void setUp(final Shared shared, final ThreadParams threads) {
            map = shared.map;
            requesters = shared.requesters;
            counters = shared.counters;
            numbers = new Numbers(threads.getThreadIndex(), threads.getThreadCount());
            for (int i = 0; i < shared.entries / threads.getThreadCount(); i++) {
                insert();
            }
        }

        boolean insert() {
            final long number = numbers.add();
            final Key key = key(number, Numbers.port(number));
            if (map.remove(key) != null) {
                giveBack(key);
                counters.countRemoved(Removal.REVOKED);
            }
            final Host host = new Host(key.requesterHigh, key.requesterLow);
            final int held = requesters.merge(host, 1, (some, one) -> some < Integer.MAX_VALUE ? some + one : some);
            if (held == Integer.MAX_VALUE) {
                counters.countLimit(TableName.EXPECTATIONS, LimitScope.REQUESTER);
                return false;
            }
            counters.countCreated(StreamName.DATA);
            return map.put(key, expected(number)) == null;
        }

        private void giveBack(final Key key) {
            requesters.computeIfPresent(
                    new Host(key.requesterHigh, key.requesterLow), (host, held) -> held == 1 ? null : held - 1);
        }

        boolean take() {
            final long number = numbers.take();
            return consume(number, Numbers.port(number));
        }

        boolean consume(final long number, final int port) {
            final Key key = key(number, port);
            final Expected found = map.get(key);
            if (found == null || found.deadlineNanos - 1 <= 0 || found.privileged || !map.remove(key, found)) {
                return false;
            }
            giveBack(key);
            counters.countRemoved(Removal.MATCHED);
            counters.countWait(found.stream, 1 - found.createdNanos);
            return true;
        }

        boolean insertBare() {
            final long number = numbers.add();
            return map.put(key(number, Numbers.port(number)), expected(number)) == null;
        }

        boolean takeBare() {
            final long number = numbers.take();
            return map.remove(key(number, Numbers.port(number))) != null;
        }

        private static Expected expected(final long number) {
            return new Expected(StreamName.DATA, false, number, 0, 0, LIFETIME_NANOS);
        }

        private static Key key(final long number, final int port) {
            return new Key(0, Numbers.requester(number), 0, Numbers.responder(number), port);
        }
    }

    /** A worker whose map is one batch short of full. */
    public static class Inserter extends Worker {
        @Setup(Level.Invocation)
        public void makeRoom() {
            for (int i = 0; i < Numbers.STEPS; i++) {
                take();
            }
        }
    }

    /** A worker that gets new entries for those it takes. */
    public static class Taker extends Worker {
        @Setup(Level.Invocation)
        public void fill() {
            for (int i = 0; i < Numbers.STEPS; i++) {
                insert();
            }
        }
    }

    @Benchmark
    public long hit(final Worker worker) {
        final long number = worker.numbers.some();
        final Expected found = worker.map.get(Worker.key(number, Numbers.port(number)));
        return found == null || found.deadlineNanos - 1 <= 0 ? NOBODY : found.owner;
    }

    @Benchmark
    public boolean miss(final Worker worker) {
        final long number = worker.numbers.some();
        return worker.consume(number, Numbers.port(number) ^ 1 << Short.SIZE - 1);
    }

    @Benchmark
    @OperationsPerInvocation(Numbers.STEPS)
    public int insert(final Inserter worker) {
        int inserted = 0;
        for (int i = 0; i < Numbers.STEPS; i++) {
            inserted += worker.insert() ? 1 : 0;
        }
        return inserted;
    }

    @Benchmark
    @OperationsPerInvocation(Numbers.STEPS)
    public int take(final Taker worker) {
        int taken = 0;
        for (int i = 0; i < Numbers.STEPS; i++) {
            taken += worker.take() ? 1 : 0;
        }
        return taken;
    }

    @Benchmark
    public boolean insertAndTake(final Worker worker) {
        return worker.insert() & worker.take();
    }

    @Benchmark
    public boolean bareInsertAndTake(final Worker worker) {
        return worker.insertBare() & worker.takeBare();
    }
}
