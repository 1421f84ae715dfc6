package org.amverdict.track;

import org.amverdict.NanosecondsPerOperation;
import org.amverdict.packet.Tuple;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Cost of following a packet of an established flow, and of finding no flow, by the number of flows. Each packet
 * belongs to a random flow, goes in a random direction, and continues its stream.
 */
public class FlowTableBenchmark extends NanosecondsPerOperation {
    private static final long IDLE_NANOS = 86_400_000_000_000L;
    private static final int SEED = 20_261_127;
    private static final int CAPACITY_MIN = 1024;
    private static final int CONNECTOR = 50_000;
    private static final int REQUESTERS_SIDE = 2;
    private static final int RESPONDERS_SIDE = 3;
    private static final int SYN = 2;
    private static final int ACK = 16;
    private static final int BYTES = 1500;
    /** Packets of any flow per byte, so that no flow advances further between two of its own than reordering could. */
    private static final int PACKETS_PER_BYTE = 16;

    /** The table, which all workers share. */
    @State(Scope.Benchmark)
    public static class Shared {
        @Param({"100", "10000", "1000000"})
        private int entries;

        private FlowTable table = new FlowTable(new TableLimits.Flows(1, IDLE_NANOS), SEED, new TableCounters());

        @Setup(Level.Trial)
        public void setUp() {
            table = new FlowTable(
                    new TableLimits.Flows(Math.max(CAPACITY_MIN, 2 * entries), IDLE_NANOS), SEED, new TableCounters());
        }
    }

    /** A worker and its part of the flows. */
    @State(Scope.Thread)
    public static class Worker {
        private final Scratch scratch = new Scratch();
        private final Tuple tuple = new Tuple();
        private final Segment segment = new Segment();
        private Numbers numbers = new Numbers(0, 1);
        private FlowTable table = new FlowTable(new TableLimits.Flows(1, IDLE_NANOS), SEED, new TableCounters());
        private int packets;

        @Setup(Level.Trial)
        public void setUp(final Shared shared, final ThreadParams threads) {
            table = shared.table;
            numbers = new Numbers(threads.getThreadIndex(), threads.getThreadCount());
            for (int i = 0; i < shared.entries / threads.getThreadCount(); i++) {
                establish(numbers.add());
            }
        }

        private void establish(final long number) {
            final Taken taken = new Taken();
            taken.owner = number;
            table.openExpected(
                    scratch,
                    tuple.set(
                            0,
                            Numbers.requester(number),
                            CONNECTOR,
                            0,
                            Numbers.responder(number),
                            Numbers.port(number)),
                    segment(SYN, 0, InterfacePair.of(REQUESTERS_SIDE, RESPONDERS_SIDE)),
                    taken,
                    0);
            back(number, SYN | ACK, 0);
            forth(number, Numbers.port(number), ACK, 1);
        }

        private Segment segment(final int flags, final int at, final long sides) {
            segment.flags = flags;
            segment.sequence = at;
            segment.acknowledgement = 1;
            segment.payload = 1;
            segment.bytes = BYTES;
            return segment.sides(sides);
        }

        int carryOn(final long number) {
            packets++;
            final int at = 1 + packets / PACKETS_PER_BYTE;
            return (number & 1) == 0 ? forth(number, Numbers.port(number), ACK, at) : back(number, ACK, at);
        }

        int forth(final long number, final int port, final int flags, final int at) {
            return forth(number, port, segment(flags, at, InterfacePair.of(REQUESTERS_SIDE, RESPONDERS_SIDE)));
        }

        int forth(final long number, final int port, final Segment content) {
            return table.follow(
                    scratch,
                    tuple.set(0, Numbers.requester(number), CONNECTOR, 0, Numbers.responder(number), port),
                    content,
                    1);
        }

        int back(final long number, final int flags, final int at) {
            return table.follow(
                    scratch,
                    tuple.set(
                            0,
                            Numbers.responder(number),
                            Numbers.port(number),
                            0,
                            Numbers.requester(number),
                            CONNECTOR),
                    segment(flags, at, InterfacePair.of(RESPONDERS_SIDE, REQUESTERS_SIDE)),
                    1);
        }
    }

    @Benchmark
    public int hit(final Worker worker) {
        return worker.carryOn(worker.numbers.some());
    }

    /** The same 1024 again and again, among all flows. */
    @Benchmark
    public int hitFew(final Worker worker) {
        return worker.carryOn(worker.numbers.someOfFew());
    }

    /** Two hosts with a flow, and a port without one. The look-up reads nothing of the segment but its tuple. */
    @Benchmark
    public int miss(final Worker worker) {
        final long number = worker.numbers.some();
        return worker.forth(number, Numbers.port(number) ^ 1 << Short.SIZE - 1, worker.segment);
    }
}
