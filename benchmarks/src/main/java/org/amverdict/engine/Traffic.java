package org.amverdict.engine;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.amverdict.Draw;
import org.amverdict.amanda.Service;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.amverdict.workload.PacketWriter;
import org.amverdict.workload.SyntheticExchange;

/**
 * An engine whose policy lets 16 servers ask a /8 of clients, and batches of packets for it, each in its own slab. One
 * thread.
 */
final class Traffic {
    static final int CONNECTOR_PORT = 50_000;
    static final int FIRST_STREAM_PORT = 20_000;

    private static final int SEED = 20_261_127;
    private static final int SERVERS = 16;
    private static final int SERVER = 0xC000_0200;
    private static final int CLIENTS = 0x0A00_0000;
    private static final int CLIENT_BITS = 24;
    private static final int REQUESTER_PORT = 844;

    final VerdictEngine engine;
    private final PacketBatch[] batches;
    private final VerdictBatch verdicts;
    private int next;

    /**
     * @param count batches
     * @param capacity packets in one
     * @param slabBytes bytes of one
     */
    Traffic(final int count, final int capacity, final int slabBytes) {
        this(count, capacity, slabBytes, TableLimits.DEFAULTS);
    }

    /** Like the other constructor, but with tables of that size. */
    Traffic(final int count, final int capacity, final int slabBytes, final TableLimits limits) {
        final Policy policy = Policy.of(List.of(new Allowance(
                "dumps",
                HostSet.of("192.0.2.0/28"),
                HostSet.of("10.0.0.0/8"),
                Service.SENDBACKUP.bit(),
                Policy.DEFAULT_STREAM_PORTS,
                false)));
        engine = new VerdictEngine(
                EngineSettings.of(policy), new Tables(limits, SEED), new EngineCounters(), EngineEvents.NONE);
        verdicts = new VerdictBatch(capacity);
        batches = new PacketBatch[count];
        for (int i = 0; i < count; i++) {
            batches[i] = new PacketBatch(capacity, Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(slabBytes)));
        }
    }

    /** Returns the writer of that batch's packets and empties the batch. */
    PacketWriter writer(final int batch) {
        final PacketWriter writer = new PacketWriter(batches[batch].slab(), batches[batch]);
        writer.begin();
        return writer;
    }

    /** Judges the packets that the caller wrote into the first batch, which must then be rewritten. */
    void judge(final long nowNanos, final Consumer<PacketWriter> packets) {
        packets.accept(writer(0));
        engine.onBatch(batches[0], verdicts, nowNanos);
    }

    /** Judges the next batch and returns its number of packets. */
    int judgeNext(final long nowNanos) {
        final PacketBatch packets = batches[next];
        next = next + 1 == batches.length ? 0 : next + 1;
        engine.onBatch(packets, verdicts, nowNanos);
        return verdicts.count();
    }

    /** Whether {@link #judgeNext} begins again with the first one. */
    boolean atFirst() {
        return next == 0;
    }

    /** Fails a benchmark that does not measure what it claims. */
    void require(final boolean asSaid) {
        if (!asSaid) {
            throw new IllegalStateException("other verdicts than this benchmark is about: " + summary());
        }
    }

    private String summary() {
        final StringBuilder text = new StringBuilder();
        for (final Reason reason : Reason.values()) {
            for (final Verdict verdict : Verdict.values()) {
                final long packets = engine.counters().packets(verdict, reason);
                if (packets > 0) {
                    text.append(verdict)
                            .append(' ')
                            .append(reason)
                            .append(' ')
                            .append(packets)
                            .append("; ");
                }
            }
        }
        return text.toString();
    }

    static void exchange(final PacketWriter writer, final int number) {
        new SyntheticExchange(writer)
                .server(server(number), REQUESTER_PORT)
                .client(client(number))
                .write(number, streamPort(number));
    }

    /** Makes the first flows, three at a time by a whole dump up to its connections. */
    void connect(final int flows, final long nowNanos) {
        for (int i = 0; i <= flows / SyntheticExchange.STREAMS; i++) {
            final int number = i;
            judge(nowNanos, writer -> connect(writer, number));
        }
    }

    private static void connect(final PacketWriter writer, final int number) {
        final int server = server(number);
        final int client = client(number);
        exchange(writer, number);
        for (int i = 0; i < SyntheticExchange.STREAMS; i++) {
            final int port = streamPort(number) + i;
            writer.from(server, CONNECTOR_PORT).to(client, port).tcp(PacketWriter.SYN, 0);
            writer.from(client, port).to(server, CONNECTOR_PORT).tcp(PacketWriter.SYN | PacketWriter.ACK, 0);
            writer.from(server, CONNECTOR_PORT).to(client, port).tcp(PacketWriter.ACK, 0);
        }
    }

    /** Writes a packet of one of the flows that {@link #connect} makes. */
    static void segment(final PacketWriter writer, final int flow, final boolean forth, final int payload) {
        final int number = flow / SyntheticExchange.STREAMS;
        final int server = server(number);
        final int client = client(number);
        final int port = streamPort(number) + flow % SyntheticExchange.STREAMS;
        if (forth) {
            writer.from(server, CONNECTOR_PORT).to(client, port).tcp(PacketWriter.ACK, payload);
        } else {
            writer.from(client, port).to(server, CONNECTOR_PORT).tcp(PacketWriter.ACK, payload);
        }
    }

    /** The default limits, or tables for twice that many flows if they do not fit. */
    static TableLimits limits(final int flows) {
        final TableLimits usual = TableLimits.DEFAULTS;
        if (flows < usual.flows().capacity()) {
            return usual;
        }
        return new TableLimits(
                new TableLimits.Transactions(flows, flows, usual.transactions().replyWithinNanos()),
                new TableLimits.Expectations(
                        usual.expectations().capacity(),
                        usual.expectations().perRequester(),
                        usual.expectations().lifetimeNanos(),
                        usual.expectations().perReply()),
                new TableLimits.Flows(2 * flows, usual.flows().idleNanos()));
    }

    static int server(final int number) {
        return SERVER | number % SERVERS;
    }

    static int client(final int number) {
        return CLIENTS | (int) (Draw.mixed(number) >>> Long.SIZE - CLIENT_BITS);
    }

    static int streamPort(final int number) {
        return FIRST_STREAM_PORT + number % 10_000;
    }
}
