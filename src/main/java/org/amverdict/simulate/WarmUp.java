package org.amverdict.simulate;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.StreamMarks;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;

/**
 * Runs made-up dumps through an engine of its own until the JVM has compiled the packet path, so that the first real
 * packets do not wait for it: a cold JVM lets the kernel's receive buffer overflow within a few packets.
 */
public final class WarmUp {
    /** Enough for the compilers to notice; the last rounds of many more were not measurably faster. */
    private static final int ROUNDS = 3000;

    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final int BATCH = 32;
    private static final int CAPACITY = 4096;

    private static final int SERVER = 0xC000020A; // 192.0.2.10
    private static final int CLIENT = 0xC6336414; // 198.51.100.20
    private static final int STRANGER = 0xCB007107; // 203.0.113.7
    private static final int REQUESTER_PORT = 844;
    private static final int CONTROL_PORT = 10080;
    private static final int CONNECTOR_PORT = 50000;
    private static final int FIRST_STREAM_PORT = 20000;
    private static final int STREAM_PORTS = 4000;
    private static final int SEGMENT = 100;

    private final PacketBatch packets;
    private final VerdictBatch verdicts = new VerdictBatch(BATCH);
    private final PacketWriter writer;
    private final VerdictEngine engine;

    /** @param slab of the kind that the real packets come in, at least 8192 bytes; written to */
    public WarmUp(final ByteBuf slab) {
        packets = new PacketBatch(BATCH, slab);
        writer = new PacketWriter(slab, packets);
        final Policy policy = Policy.of(List.of(new Allowance(
                "warm-up",
                HostSet.of("192.0.2.10"),
                HostSet.of("198.51.100.0/24"),
                Service.SENDBACKUP.bit(),
                Policy.DEFAULT_STREAM_PORTS,
                false)));
        final TableLimits defaults = TableLimits.DEFAULTS;
        final TableLimits limits = new TableLimits(
                CAPACITY,
                CAPACITY,
                defaults.replyWithinNanos(),
                CAPACITY,
                CAPACITY,
                defaults.expectationsPerReply(),
                defaults.expectationLifetimeNanos(),
                CAPACITY,
                defaults.flowIdleNanos());
        engine = new VerdictEngine(
                new EngineSettings(policy, true, false, StreamMarks.NONE),
                new Tables(limits, 1),
                new EngineCounters(),
                EngineEvents.NONE);
    }

    /** Takes at most 0.4 s. */
    public void run() {
        final long startNanos = System.nanoTime();
        long nowNanos = startNanos;
        for (int round = 0; round < ROUNDS && nowNanos - startNanos < LIMIT_NANOS; round++) {
            writeDump(round);
            engine.onBatch(packets, verdicts, nowNanos);
            engine.housekeep(nowNanos, BATCH);
            nowNanos = System.nanoTime();
        }
    }

    /** One sendbackup from REQ to the first data, and what must not pass. */
    private void writeDump(final int round) {
        final int port = FIRST_STREAM_PORT + MadeUpExchange.STREAMS * (round % STREAM_PORTS);
        writer.begin();
        MadeUpExchange.write(writer, SERVER, REQUESTER_PORT, CLIENT, round, port);
        for (int stream = port; stream < port + MadeUpExchange.STREAMS; stream++) {
            writer.tcp(SERVER, CONNECTOR_PORT, CLIENT, stream, PacketWriter.SYN, 0);
            writer.tcp(CLIENT, stream, SERVER, CONNECTOR_PORT, PacketWriter.SYN | PacketWriter.ACK, 0);
            writer.tcp(SERVER, CONNECTOR_PORT, CLIENT, stream, PacketWriter.ACK, 0);
            writer.tcp(CLIENT, stream, SERVER, CONNECTOR_PORT, PacketWriter.ACK, SEGMENT);
            writer.tcp(CLIENT, stream, SERVER, CONNECTOR_PORT, PacketWriter.ACK | PacketWriter.FIN, 0);
        }
        writer.tcp(STRANGER, CONNECTOR_PORT, CLIENT, port, PacketWriter.SYN, 0);
        writer.tcp(SERVER, CONNECTOR_PORT, CLIENT, port + MadeUpExchange.STREAMS, PacketWriter.SYN, 0);
        writer.udp(STRANGER, REQUESTER_PORT, CLIENT, CONTROL_PORT, "Amanda 3.5 REQ" + MadeUpExchange.id(round));
    }
}
