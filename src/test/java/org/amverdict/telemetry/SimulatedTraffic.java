package org.amverdict.telemetry;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.amverdict.workload.PacketWriter;
import org.amverdict.workload.SyntheticExchange;

/**
 * An engine that judges made-up dumps, about a hundred per second, and a port scan at the same time, until it is
 * closed.
 */
final class SimulatedTraffic implements AutoCloseable {
    private static final int SERVER = 0xC000020A; // 192.0.2.10
    private static final int CLIENT = 0xC6336414; // 198.51.100.20
    private static final int STRANGER = 0xCB007107; // 203.0.113.7
    private static final int BATCH = 16;
    private static final int SLAB_BYTES = 8192;
    private static final long PAUSE_NANOS = 10_000_000;

    private final ByteBuf slab = Unpooled.directBuffer(SLAB_BYTES);
    private final PacketBatch packets = new PacketBatch(BATCH, slab);
    private final VerdictBatch verdicts = new VerdictBatch(BATCH);
    private final PacketWriter writer = new PacketWriter(slab, packets);
    private final VerdictEngine engine;
    private final Thread thread = new Thread(this::run, "simulated-traffic");
    private volatile boolean stopping;

    SimulatedTraffic(final EngineCounters counters, final boolean enforcing) {
        final Policy policy = Policy.of(List.of(new Allowance(
                "simulated",
                HostSet.of("192.0.2.10"),
                HostSet.of("198.51.100.0/24"),
                Service.SENDBACKUP.bit(),
                Policy.DEFAULT_STREAM_PORTS,
                false)));
        engine = new VerdictEngine(
                EngineSettings.builder(policy).enforce(enforcing).conclude(),
                new Tables(TableLimits.DEFAULTS, 1),
                counters,
                EngineEvents.NONE);
        thread.start();
    }

    private void run() {
        final SyntheticExchange exchange =
                new SyntheticExchange(writer).server(SERVER, 844).client(CLIENT);
        for (int round = 0; !stopping; round++) {
            final int port = 20_000 + SyntheticExchange.STREAMS * (round % 4000);
            writer.begin();
            exchange.write(round, port);
            for (int stream = port; stream < port + SyntheticExchange.STREAMS; stream++) {
                writer.from(SERVER, 50_000).to(CLIENT, stream).tcp(PacketWriter.SYN, 0);
                writer.from(CLIENT, stream).to(SERVER, 50_000).tcp(PacketWriter.SYN | PacketWriter.ACK, 0);
            }
            for (int scanned = 0; scanned < 1 + round / 50 % 4; scanned++) {
                writer.from(STRANGER, 50_000).to(CLIENT, 22 + scanned).tcp(PacketWriter.SYN, 0);
            }
            engine.onBatch(packets, verdicts, System.nanoTime());
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
            slab.release();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
