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
 * Cost of a packet of a known flow in {@link VerdictEngine#onBatch}, by the number of flows. That is nearly every
 * packet of inline placement. Batches of 64 whole packets, 4096 in all (256 large ones, as GSO makes them), each of a
 * random flow in a random direction. The payload must not matter. The score is per packet.
 */
public class InlineBenchmark extends NanosecondsPerOperation {
    private static final int BATCH = 64;
    private static final int SMALL_BATCHES = 64;
    private static final int LARGE_BATCHES = 4;
    private static final int LARGE = 10_000;
    private static final int HEADERS = 40;

    @Param({"100", "10000"})
    private int flows;

    @Param({"1400", "32000"})
    private int payload;

    private Traffic traffic = new Traffic(1, 1, 1);
    private long nowNanos = 1;

    @Setup(Level.Trial)
    public void setUp() {
        final int batches = payload > LARGE ? LARGE_BATCHES : SMALL_BATCHES;
        traffic = new Traffic(batches, BATCH, BATCH * (payload + HEADERS), Traffic.limits(flows));
        traffic.connect(flows, nowNanos);
        final Draw draw = new Draw(1);
        for (int b = 0; b < batches; b++) {
            final PacketWriter writer = traffic.writer(b);
            for (int i = 0; i < BATCH; i++) {
                Traffic.segment(writer, draw.below(flows), draw.below(2) == 0, payload);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int onBatch() {
        nowNanos += 1000;
        return traffic.judgeNext(nowNanos);
    }

    @TearDown(Level.Trial)
    public void check() {
        final EngineCounters counters = traffic.engine.counters();
        traffic.require(counters.bytes(Verdict.DROP) == 0
                && counters.packets(Verdict.ACCEPT, Reason.ESTABLISHED) > SMALL_BATCHES * BATCH);
    }
}
