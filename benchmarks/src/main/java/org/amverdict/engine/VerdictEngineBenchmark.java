package org.amverdict.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.amanda.Service;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.simulate.PacketWriter;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What does a packet cost in {@link VerdictEngine#onBatch}, by what it is? The score is per packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VerdictEngineBenchmark {
    private static final int BATCH = 64;
    private static final int SLAB = 64 * 1024;
    private static final int SERVER = 0xC000020A;
    private static final int CLIENT = 0xC6336414;
    private static final int STRANGER = 0xCB007107;
    private static final int REQUESTER_PORT = 844;
    private static final int CONTROL_PORT = 10080;
    private static final int CONNECTOR_PORT = 50000;
    private static final int STREAM_PORT = 20000;
    /** Longer than a tombstone lives, so that the same dump can be told again. */
    private static final long ROUND_NANOS = 400_000_000_000L;

    /**
     * {@code established}: data of known flows, as inline placement sees it. {@code gate}: whole dumps as gate placement
     * sees them, control datagrams and the SYNs they announce. {@code flood}: SYNs that nobody announced.
     */
    @Param({"established", "gate", "flood"})
    private String mix = "";

    private final ByteBuf slab = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(SLAB));
    private final PacketBatch packets = new PacketBatch(BATCH, slab);
    private final VerdictBatch verdicts = new VerdictBatch(BATCH);
    private final PacketWriter writer = new PacketWriter(slab, packets);
    private VerdictEngine engine;
    private long nowNanos = 1;
    private long stepNanos;

    @Setup(Level.Trial)
    public void setUp() {
        final Policy policy = Policy.of(List.of(new Allowance(
                "dumps",
                HostSet.of("192.0.2.10"),
                HostSet.of("198.51.100.0/24"),
                Service.SENDBACKUP.bit(),
                Policy.DEFAULT_STREAM_PORTS,
                false)));
        engine = new VerdictEngine(
                new EngineSettings(policy, true, false, StreamMarks.NONE),
                new Tables(TableLimits.DEFAULTS, System.nanoTime()),
                new EngineCounters(),
                EngineEvents.NONE);
        switch (mix) {
            case "established" -> {
                announceAndConnect();
                writer.begin();
                for (int i = 0; i < BATCH; i++) {
                    writer.tcp(CLIENT, STREAM_PORT + i % 4, SERVER, CONNECTOR_PORT, PacketWriter.ACK, 512);
                }
                stepNanos = 1000;
            }
            case "gate" -> {
                writer.begin();
                for (int i = 0; i < BATCH / 8; i++) {
                    writeDump(i);
                }
                stepNanos = ROUND_NANOS;
            }
            default -> {
                writer.begin();
                for (int i = 0; i < BATCH; i++) {
                    writer.tcp(STRANGER + i, CONNECTOR_PORT + i, CLIENT, STREAM_PORT + i, PacketWriter.SYN, 0);
                }
                stepNanos = 1000;
            }
        }
    }

    private void announceAndConnect() {
        writer.begin();
        writeDump(0);
        for (int i = 0; i < 4; i++) {
            writer.tcp(CLIENT, STREAM_PORT + i, SERVER, CONNECTOR_PORT, PacketWriter.SYN | PacketWriter.ACK, 0);
            writer.tcp(SERVER, CONNECTOR_PORT, CLIENT, STREAM_PORT + i, PacketWriter.ACK, 0);
        }
        engine.onBatch(packets, verdicts, nowNanos);
    }

    /** Eight packets. */
    private void writeDump(final int number) {
        final int port = STREAM_PORT + 4 * number;
        final String id = " HANDLE 000-0000000" + number + " SEQ 1795174338\n";
        writer.udp(
                SERVER,
                REQUESTER_PORT,
                CLIENT,
                CONTROL_PORT,
                "Amanda 3.5 REQ" + id + "SECURITY USER amandabackup\nSERVICE sendbackup\n"
                        + "OPTIONS features=ffffffff9efefbfffffffffffffff3fffbf71f;\n"
                        + "<dle>\n<disk>/home</disk>\n<index>YES</index>\n</dle>\n");
        writer.udp(CLIENT, CONTROL_PORT, SERVER, REQUESTER_PORT, "Amanda 3.5 ACK" + id);
        writer.udp(
                CLIENT,
                CONTROL_PORT,
                SERVER,
                REQUESTER_PORT,
                "Amanda 3.5 REP" + id + "CONNECT DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2)
                        + " STATE " + (port + 3) + "\nOPTIONS ;\n");
        writer.udp(SERVER, REQUESTER_PORT, CLIENT, CONTROL_PORT, "Amanda 3.5 ACK" + id);
        for (int stream = port; stream < port + 4; stream++) {
            writer.tcp(SERVER, CONNECTOR_PORT, CLIENT, stream, PacketWriter.SYN, 0);
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int onBatch() {
        nowNanos += stepNanos;
        engine.onBatch(packets, verdicts, nowNanos);
        return verdicts.count();
    }
}
