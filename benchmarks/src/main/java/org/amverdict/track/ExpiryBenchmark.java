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

/**
 * Cost of a step of housekeeping in a full table of expectations: over a slot that may stay, and over one that has
 * expired and is removed. The score is per slot.
 */
public class ExpiryBenchmark extends NanosecondsPerOperation {
    private static final long LIFETIME_NANOS = 180_000_000_000L;
    private static final int SEED = 20_261_127;

    /** The table, which all workers share. */
    @State(Scope.Benchmark)
    public static class Shared {
        @Param({"100", "10000", "1000000"})
        private int entries;

        private ExpectationTable table = new ExpectationTable(1, 1, SEED, new TableCounters());
        private Numbers numbers = new Numbers(0, 1);

        @Setup(Level.Trial)
        public void setUp() {
            table = new ExpectationTable(entries, Integer.MAX_VALUE, SEED, new TableCounters());
            numbers = new Numbers(0, 1);
            fill(new Scratch());
        }

        /** One worker at a time: the numbers are not thread-safe. */
        synchronized void fill(final Scratch scratch) {
            final Tuple tuple = new Tuple();
            final Announcement announcement = new Announcement();
            while (table.size() < entries) {
                final long number = numbers.add();
                table.expect(
                        scratch,
                        tuple.set(0, Numbers.requester(number), 0, 0, Numbers.responder(number), Numbers.port(number)),
                        announcement.stream(StreamName.DATA)
                                .service(Service.SENDBACKUP)
                                .owner(number)
                                .sides(InterfacePair.UNKNOWN)
                                .until(LIFETIME_NANOS),
                        0);
            }
        }
    }

    /** A worker. */
    @State(Scope.Thread)
    public static class Worker {
        final Scratch scratch = new Scratch();
    }

    /** A worker that finds the table full of expired entries. */
    public static class Refilling extends Worker {
        @Setup(Level.Invocation)
        public void fill(final Shared shared) {
            shared.fill(scratch);
        }
    }

    @Benchmark
    @OperationsPerInvocation(Numbers.STEPS)
    public int stay(final Shared shared, final Worker worker) {
        shared.table.expire(worker.scratch, LIFETIME_NANOS - 1, Numbers.STEPS);
        return shared.table.size();
    }

    @Benchmark
    @OperationsPerInvocation(Numbers.STEPS)
    public int remove(final Shared shared, final Refilling worker) {
        shared.table.expire(worker.scratch, LIFETIME_NANOS, Numbers.STEPS);
        return shared.table.size();
    }
}
