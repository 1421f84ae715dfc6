package org.amverdict.track;

import org.amverdict.NanosecondsPerOperation;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Cost of making, finding, missing and taking an expectation, by the number of expectations. They belong to 16
 * requesters and as many responders as there are expectations; look-ups are random, and the oldest is taken first.
 * {@link RecordMapBenchmark} measures the same for a ConcurrentHashMap.
 */
public class ExpectationTableBenchmark extends NanosecondsPerOperation {
    private static final long LIFETIME_NANOS = 180_000_000_000L;
    private static final int CONNECTOR = 50_000;
    private static final int SEED = 20_261_127;
    private static final int CAPACITY_MIN = 1024;
    private static final int INTERFACE = 2;

    /** The table, which all workers share. */
    @State(Scope.Benchmark)
    public static class Shared {
        @Param({"100", "10000", "1000000"})
        private int entries;

        private ExpectationTable table = new ExpectationTable(1, 1, SEED, new TableCounters());

        @Setup(Level.Trial)
        public void setUp() {
            table = new ExpectationTable(
                    Math.max(CAPACITY_MIN, 2 * entries), Integer.MAX_VALUE, SEED, new TableCounters());
        }
    }

    /** A worker and its part of the entries. */
    @State(Scope.Thread)
    public static class Worker {
        final Scratch scratch = new Scratch();
        final Tuple tuple = new Tuple();
        final Announcement announcement = new Announcement();
        Numbers numbers = new Numbers(0, 1);
        ExpectationTable table = new ExpectationTable(1, 1, SEED, new TableCounters());

        @Setup(Level.Trial)
        public void setUp(final Shared shared, final ThreadParams threads) {
            table = shared.table;
            numbers = new Numbers(threads.getThreadIndex(), threads.getThreadCount());
            for (int i = 0; i < shared.entries / threads.getThreadCount(); i++) {
                insert();
            }
        }

        boolean insert() {
            final long number = numbers.add();
            return table.expect(
                    scratch,
                    tuple.set(0, Numbers.requester(number), 0, 0, Numbers.responder(number), Numbers.port(number)),
                    announcement.stream(StreamName.DATA)
                            .service(Service.SENDBACKUP)
                            .owner(number)
                            .sides(InterfacePair.of(INTERFACE, INTERFACE))
                            .until(LIFETIME_NANOS),
                    0);
        }

        long owner(final long number) {
            return table.owner(
                    scratch,
                    tuple.set(0, Numbers.requester(number), 0, 0, Numbers.responder(number), Numbers.port(number)),
                    1);
        }

        boolean take() {
            final long number = numbers.take();
            return consume(number, Numbers.port(number));
        }

        boolean consume(final long number, final int port) {
            return table.consume(
                    scratch,
                    tuple.set(0, Numbers.requester(number), CONNECTOR, 0, Numbers.responder(number), port),
                    INTERFACE,
                    1);
        }
    }

    /** A worker whose table is one batch short of full. */
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

    /** Cost of the inputs, to be subtracted from the others. */
    @Benchmark
    public long nothing(final Worker worker) {
        final long number = worker.numbers.some();
        return Numbers.requester(number) ^ Numbers.responder(number) ^ Numbers.port(number);
    }

    /** An existing one, looked up without being taken. */
    @Benchmark
    public long hit(final Worker worker) {
        return worker.owner(worker.numbers.some());
    }

    /** The same 1024 again and again, among all entries. */
    @Benchmark
    public long hitFew(final Worker worker) {
        return worker.owner(worker.numbers.someOfFew());
    }

    /** Two known hosts and an unknown port: an unannounced SYN. */
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

    /** Both: a new one is made, the oldest is taken. */
    @Benchmark
    public boolean insertAndTake(final Worker worker) {
        return worker.insert() & worker.take();
    }
}
