package org.amverdict.engine;

import org.amverdict.NanosecondsPerOperation;
import org.amverdict.workload.PacketWriter;
import org.amverdict.workload.SyntheticExchange;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Cost of a packet in {@link VerdictEngine#onBatch} in gate placement, where only control datagrams and SYNs arrive.
 * Whole dumps, each of another pair of hosts, with four control datagrams and the three SYNs they announce; batches of
 * eight dumps. The data of 512 pairs is larger than most cores' own caches. The score is per packet.
 */
public class GateBenchmark extends NanosecondsPerOperation {
    private static final int DUMPS = 8;
    private static final int BATCH = DUMPS * (SyntheticExchange.PACKETS + SyntheticExchange.STREAMS);
    private static final int SLAB = 32 * 1024;
    /** Longer than any state of a dump is kept, so that the same dump can be replayed. */
    private static final long ROUND_NANOS = 400_000_000_000L;

    @Param({"64", "512"})
    private int pairs;

    private Traffic traffic = new Traffic(1, 1, 1);
    private long nowNanos = 1;

    @Setup(Level.Trial)
    public void setUp() {
        final int batches = pairs / DUMPS;
        traffic = new Traffic(batches, BATCH, SLAB);
        for (int b = 0; b < batches; b++) {
            final PacketWriter writer = traffic.writer(b);
            for (int i = 0; i < DUMPS; i++) {
                write(writer, b * DUMPS + i);
            }
        }
    }

    private static void write(final PacketWriter writer, final int number) {
        Traffic.exchange(writer, number);
        for (int i = 0; i < SyntheticExchange.STREAMS; i++) {
            writer.from(Traffic.server(number), Traffic.CONNECTOR_PORT + number)
                    .to(Traffic.client(number), Traffic.streamPort(number) + i)
                    .tcp(PacketWriter.SYN, 0);
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int onBatch() {
        nowNanos += traffic.atFirst() ? ROUND_NANOS : 1000;
        return traffic.judgeNext(nowNanos);
    }

    @TearDown(Level.Trial)
    public void check() {
        final EngineCounters counters = traffic.engine.counters();
        traffic.require(counters.bytes(Verdict.DROP) == 0
                && counters.packets(Verdict.ACCEPT, Reason.EXPECTED) > pairs / DUMPS * BATCH / 4
                && counters.packets(Verdict.ACCEPT, Reason.REFUSED_REPLY) == 0);
    }
}
