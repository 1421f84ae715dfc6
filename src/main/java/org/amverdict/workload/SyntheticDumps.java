package org.amverdict.workload;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;

/**
 * Synthetic traffic of successive backup nights: requests of several servers, their answers, dumps with their streams,
 * and packets that must not pass, in IPv4 and IPv6. Warms up the packet path. One thread.
 */
public final class SyntheticDumps implements Supplier<PacketBatch> {
    private static final int BATCH = 64;
    private static final int SLAB_BYTES = 32 * 1024;
    private static final int CAPACITY = 1024;
    /** So short that entries expire while the workload runs. */
    private static final long LIFETIME_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int SERVER = 0xC000020A; // 192.0.2.10, and some after it
    private static final int SERVERS = 8;
    private static final int CLIENT = 0xC6336414; // 198.51.100.20, and some after it
    private static final int CLIENTS = 32;
    private static final int STRANGER = 0xCB007107; // 203.0.113.7
    private static final int REQUESTER_PORT = 844;
    private static final int REQUESTER_PORTS = 64;
    private static final int CONNECTOR_PORT = 50000;
    private static final int FIRST_STREAM_PORT = 20000;
    private static final int STREAM_PORTS = 4000;
    private static final int PRIVILEGED_PORT = 22;
    private static final int SEGMENT = 100;
    private static final int ROUNDS_IN_A_MODE = 8;
    private static final int MODES = 3;

    private static final byte[][] QUESTIONS = {question("noop"), question("selfcheck"), question("sendsize")};
    private static final byte[] PARTIAL_REPLY = SyntheticExchange.ascii("PREP");
    private static final byte[] NAK = SyntheticExchange.ascii("NAK");
    private static final byte[] OPTIONS = SyntheticExchange.ascii("OPTIONS ;\n");
    private static final byte[] BUSY = SyntheticExchange.ascii("ERROR busy\n");
    private static final byte[] FINE = SyntheticExchange.ascii("OK [fine]\nOK done\n");
    private static final byte[] CONNECT_PRIVILEGED = SyntheticExchange.ascii("CONNECT DATA 22\n");

    private final PacketBatch packets;
    private final PacketWriter writer;
    private final SyntheticExchange exchange;
    private final EngineSettings enforcing;
    private final EngineSettings continuing;
    private final EngineSettings watching;
    private final VerdictEngine engine;
    private int round;

    /** @param events what the engine reports to */
    public SyntheticDumps(final EngineEvents events) {
        // Wrapped: Netty's own allocations are watched for leaks, and this is never released.
        packets = new PacketBatch(BATCH, Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(SLAB_BYTES)));
        writer = new PacketWriter(packets.slab(), packets);
        exchange = new SyntheticExchange(writer);
        final Policy policy = Policy.of(List.of(new Allowance(
                "synthetic",
                HostSet.of("192.0.2.0/24", "2001:db8::/32"),
                HostSet.of("198.51.100.0/24", "2001:db8::/32"),
                Service.NOOP.bit() | Service.SELFCHECK.bit() | Service.SENDSIZE.bit() | Service.SENDBACKUP.bit(),
                Policy.DEFAULT_STREAM_PORTS,
                false)));
        enforcing = EngineSettings.of(policy);
        continuing =
                EngineSettings.builder(policy).otherTraffic(Verdict.CONTINUE).conclude();
        watching = EngineSettings.builder(policy).enforce(false).conclude();
        engine = new VerdictEngine(
                enforcing,
                new Tables(
                        new TableLimits(
                                new TableLimits.Transactions(CAPACITY, CAPACITY, LIFETIME_NANOS),
                                new TableLimits.Expectations(
                                        CAPACITY,
                                        CAPACITY,
                                        LIFETIME_NANOS,
                                        TableLimits.DEFAULTS.expectations().perReply()),
                                new TableLimits.Flows(CAPACITY, LIFETIME_NANOS)),
                        1),
                new EngineCounters(),
                events);
    }

    /** Judges them, alternating between the modes. */
    public VerdictEngine engine() {
        return engine;
    }

    /** The next few packets; the batch and its bytes are the same each time. */
    @Override
    public PacketBatch get() {
        engine.settings(
                switch (round / ROUNDS_IN_A_MODE % MODES) {
                    case 0 -> enforcing;
                    case 1 -> continuing;
                    default -> watching;
                });
        writer.form(round % 4 == 1, round % 2 == 0);
        writer.begin();
        final int server = SERVER + round % SERVERS;
        final int client = CLIENT + round % CLIENTS;
        final int serverPort = REQUESTER_PORT + round % REQUESTER_PORTS;
        exchange.server(server, serverPort).client(client);
        if (round % 3 == 0) {
            writeDump(server, client);
        } else {
            writeQuestions();
        }
        writeIntruders(server, serverPort, client);
        round++;
        return packets;
    }

    /** One sendbackup from REQ to the end of its streams. */
    private void writeDump(final int server, final int client) {
        final int port = FIRST_STREAM_PORT + SyntheticExchange.STREAMS * (round % STREAM_PORTS);
        exchange.write(round, port);
        for (int stream = port; stream < port + SyntheticExchange.STREAMS; stream++) {
            writer.from(server, CONNECTOR_PORT).to(client, stream).tcp(PacketWriter.SYN, 0);
            writer.from(client, stream).to(server, CONNECTOR_PORT).tcp(PacketWriter.SYN | PacketWriter.ACK, 0);
            writer.from(server, CONNECTOR_PORT).to(client, stream).tcp(PacketWriter.ACK, 0);
            writer.from(client, stream).to(server, CONNECTOR_PORT).tcp(PacketWriter.ACK, SEGMENT);
            writer.from(server, CONNECTOR_PORT).to(client, stream).tcp(PacketWriter.ACK, 0);
            writer.from(client, stream).to(server, CONNECTOR_PORT).tcp(PacketWriter.ACK | PacketWriter.FIN, 0);
        }
    }

    /** Requests that announce no streams, one of them sent twice, and every kind of answer. */
    private void writeQuestions() {
        final byte[] request = QUESTIONS[round % QUESTIONS.length];
        exchange.toClient(SyntheticExchange.REQUEST, round).text(request).endUdp();
        exchange.toServer(SyntheticExchange.ACK, round).endUdp();
        exchange.toClient(SyntheticExchange.REQUEST, round).text(request).endUdp();
        exchange.toServer(PARTIAL_REPLY, round).text(OPTIONS).endUdp();
        switch (round % 5) {
            case 0 -> exchange.toServer(NAK, round).text(BUSY).endUdp();
            case 1 ->
                exchange.toServer(SyntheticExchange.REPLY, round)
                        .text(CONNECT_PRIVILEGED)
                        .endUdp();
            default ->
                exchange.toServer(SyntheticExchange.REPLY, round).text(FINE).endUdp();
        }
        exchange.toClient(SyntheticExchange.ACK, round).endUdp();
    }

    private void writeIntruders(final int server, final int serverPort, final int client) {
        writer.from(STRANGER, CONNECTOR_PORT).to(client, FIRST_STREAM_PORT).tcp(PacketWriter.SYN, 0);
        writer.from(server, CONNECTOR_PORT).to(client, FIRST_STREAM_PORT - 1).tcp(PacketWriter.SYN, 0);
        writer.from(server, CONNECTOR_PORT).to(client, FIRST_STREAM_PORT - 1).tcp(PacketWriter.ACK, 1);
        exchange.server(STRANGER, serverPort)
                .toClient(SyntheticExchange.REQUEST, round)
                .endUdp();
        exchange.server(server, serverPort)
                .toServer(SyntheticExchange.REPLY, round + 1)
                .endUdp();
        writer.from(server, serverPort)
                .to(client, SyntheticExchange.CONTROL_PORT)
                .beginUdp()
                .text(FINE)
                .endUdp();
        writer.from(STRANGER, PRIVILEGED_PORT)
                .to(client, PRIVILEGED_PORT)
                .beginUdp()
                .text(FINE)
                .endUdp();
    }

    private static byte[] question(final String service) {
        return SyntheticExchange.ascii(
                "SECURITY USER amandabackup\nSERVICE " + service + "\nOPTIONS features=ffffffff9efefbff;\n");
    }
}
