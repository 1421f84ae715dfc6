package org.amverdict.engine;

import org.amverdict.Draw;
import org.amverdict.NanosecondsPerOperation;
import org.amverdict.workload.PacketWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Cost of a packet in {@link VerdictEngine#onBatch} if it can belong to any flow, by the number of flows.
 * {@link InlineBenchmark} repeats 4096 packets, and so needs at most 4096 flows in the caches; here each batch is
 * rewritten before it is judged, in the same place, as the kernel writes packets. The score is per packet, including
 * the cost of writing it.
 */
public class AnyFlowBenchmark extends NanosecondsPerOperation {
    private static final int BATCH = 64;
    private static final int FEW_BITS = 10;
    private static final int SLAB = BATCH * 64;

    @Param({"100", "10000"})
    private int flows;

    private final Draw draw = new Draw(3);
    private Traffic traffic = new Traffic(1, 1, 1);
    private PacketWriter writer = traffic.writer(0);
    private long nowNanos = 1;

    @Setup(Level.Trial)
    public void setUp() {
        traffic = new Traffic(1, BATCH, SLAB, Traffic.limits(flows));
        traffic.connect(flows, nowNanos);
        writer = traffic.writer(0);
    }

    /** Cost of writing the packets, to be subtracted from the others. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public PacketWriter nothing() {
        writer.begin();
        for (int i = 0; i < BATCH; i++) {
            Traffic.segment(writer, draw.below(flows), draw.below(2) == 0, 0);
        }
        return writer;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int onBatch() {
        nothing();
        nowNanos += 1000;
        return traffic.judgeNext(nowNanos);
    }

    /** Packets of the same 1024 flows, spread evenly among all; of any flow if there are fewer. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int onBatchOfFew() {
        writer.begin();
        for (int i = 0; i < BATCH; i++) {
            final int flow = (int) ((long) draw.below(1 << FEW_BITS) * flows >>> FEW_BITS);
            Traffic.segment(writer, flow, draw.below(2) == 0, 0);
        }
        nowNanos += 1000;
        return traffic.judgeNext(nowNanos);
    }

    @TearDown(Level.Trial)
    public void check() {
        traffic.require(traffic.engine.counters().bytes(Verdict.DROP) == 0);
    }
}
