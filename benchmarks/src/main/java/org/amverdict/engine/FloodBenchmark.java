package org.amverdict.engine;

import org.amverdict.Draw;
import org.amverdict.NanosecondsPerOperation;
import org.amverdict.workload.PacketWriter;
import org.amverdict.workload.SyntheticExchange;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Cost of an unannounced SYN in {@link VerdictEngine#onBatch} while 10,000 connections are expected. Batches of 64;
 * 4096 SYNs from random hosts, one in eight from a server, to clients that expect connections. The score is per packet.
 */
public class FloodBenchmark extends NanosecondsPerOperation {
    private static final int BATCH = 64;
    private static final int BATCHES = 64;
    private static final int SLAB = 16 * 1024;
    private static final int EXPECTED = 10_000;

    private Traffic traffic = new Traffic(1, 1, 1);
    private long nowNanos = 1;

    @Setup(Level.Trial)
    public void setUp() {
        traffic = new Traffic(BATCHES, BATCH, SLAB);
        final int dumps = EXPECTED / SyntheticExchange.STREAMS;
        for (int i = 0; i < dumps; i++) {
            final int number = i;
            traffic.judge(nowNanos, writer -> Traffic.exchange(writer, number));
        }
        final Draw draw = new Draw(1);
        for (int b = 0; b < BATCHES; b++) {
            final PacketWriter writer = traffic.writer(b);
            for (int i = 0; i < BATCH; i++) {
                final int number = draw.below(dumps);
                final int stranger = 0x2000_0001 + draw.below(1 << 24);
                writer.from(
                                draw.below(8) == 0 ? Traffic.server(number) : stranger,
                                Traffic.CONNECTOR_PORT + draw.below(10_000))
                        .to(Traffic.client(number), Traffic.FIRST_STREAM_PORT - 1 - draw.below(10_000))
                        .tcp(PacketWriter.SYN, 0);
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
        traffic.require(counters.packets(Verdict.DROP, Reason.UNEXPECTED) > BATCHES * BATCH
                && counters.packets(Verdict.ACCEPT, Reason.REPLY) >= EXPECTED / SyntheticExchange.STREAMS);
    }
}
