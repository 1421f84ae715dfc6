package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.Ending;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Test;

/** Once warm, a packet costs no memory, whichever row of the decision table it meets. */
final class ZeroAllocationTest {
    private static final int PACKETS = 100_000;
    /**
     * Whatever costs memory does so in every window. What is seen in one only is the compiler's: when it gives up code
     * that other tests have shaped, it can make an object once that the code had done without.
     */
    private static final int WINDOWS_MAX = 5;

    private static final int WARM_UP_PACKETS = 200_000;
    private static final String[][] PAIRS = {{"192.0.2.10", "198.51.100.20"}, {"2001:db8:1::10", "2001:db8:2::20"}};
    private static final int CONTROL = 10_080;
    private static final int REQUESTER = 844;
    private static final int CONNECTOR = 50_000;
    /** Longer than any record but an idle flow lives, so that every round of the same bytes starts anew. */
    static final long ROUND_NANOS = 400_000_000_000L;

    /** Is told of everything, as a daemon's log is, and so costs what reporting costs too. */
    private static final class Listener implements EngineEvents {
        private long heard;
        private final long[] ended = new long[Ending.Kind.values().length];

        @Override
        public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
            heard += 1 + decision.reason().ordinal();
        }

        @Override
        public void ended(final Ending ending, final long nowNanos) {
            ended[ending.kind().ordinal()] += ending.kind() == Ending.Kind.FLOW ? ending.originalPackets() : 1;
        }
    }

    @Test
    void shouldAllocateNothingForAHundredThousandPackets() {
        final List<byte[]> bytes = round();
        final ByteBuf slab = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(1 << 18));
        final PacketBatch packets = new PacketBatch(bytes.size(), slab);
        final VerdictBatch verdicts = new VerdictBatch(bytes.size());
        fill(packets, slab, bytes);
        final EngineCounters counters = new EngineCounters();
        final Listener listener = new Listener();
        final VerdictEngine engine = engine(counters, listener);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long nowNanos = 1;
        for (int done = 0; done < WARM_UP_PACKETS; done += bytes.size()) {
            nowNanos += ROUND_NANOS;
            engine.onBatch(packets, verdicts, nowNanos);
            engine.housekeep(nowNanos, 4096);
        }

        long allocated = 1;
        for (int window = 0; window < WINDOWS_MAX && allocated != 0; window++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int done = 0; done < PACKETS; done += bytes.size()) {
                nowNanos += ROUND_NANOS;
                engine.onBatch(packets, verdicts, nowNanos);
                engine.housekeep(nowNanos, 4096);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }

        assertEquals(0, allocated, "bytes allocated for " + PACKETS + " packets");
        assertTrue(listener.heard > PACKETS, "packets reported");
        for (final Ending.Kind kind : List.of(Ending.Kind.FLOW, Ending.Kind.EXPECTATION)) {
            assertTrue(listener.ended[kind.ordinal()] > PACKETS / bytes.size(), kind + " endings reported");
        }
        assertEveryRowWasMet(counters);
    }

    /** Without this the test would go green on packets that are all dropped at the door. */
    private static void assertEveryRowWasMet(final EngineCounters counters) {
        for (final Reason reason : List.of(
                Reason.REQUEST,
                Reason.ACK,
                Reason.REPLY,
                Reason.EXPECTED,
                Reason.ESTABLISHED,
                Reason.CONTROL_TCP,
                Reason.LEGACY_RECOVERY,
                Reason.RELATED)) {
            assertTrue(counters.packets(Verdict.ACCEPT, reason) > 0, reason.label());
        }
        for (final Reason reason : List.of(
                Reason.MALFORMED,
                Reason.FRAGMENT,
                Reason.NOT_ALLOWED,
                Reason.BAD_CONTROL,
                Reason.BAD_REQUEST,
                Reason.SERVICE_NOT_ALLOWED,
                Reason.WRONG_DIRECTION,
                Reason.UNSOLICITED,
                Reason.UNEXPECTED,
                Reason.NO_FLOW,
                Reason.LEGACY_RECOVERY,
                Reason.NOT_AMANDA)) {
            assertTrue(counters.packets(Verdict.DROP, reason) > 0, reason.label());
        }
        assertTrue(counters.packets(Verdict.ACCEPT, Reason.REFUSED_REPLY) > 0, "refused-reply");
        assertEquals(0, counters.packets(Verdict.DROP, Reason.ERROR), "error");
    }

    static VerdictEngine engine(final EngineCounters counters, final EngineEvents events) {
        final HostSet servers = HostSet.of(PAIRS[0][0], PAIRS[1][0]);
        final HostSet clients = HostSet.of(PAIRS[0][1], PAIRS[1][1]);
        final Policy policy = Policy.of(List.of(new Allowance(
                "dumps",
                servers,
                clients,
                Service.SENDBACKUP.bit() | Service.SENDSIZE.bit(),
                Policy.DEFAULT_STREAM_PORTS,
                true)));
        return new VerdictEngine(EngineSettings.of(policy), new Tables(TableLimits.DEFAULTS, 42), counters, events);
    }

    static void fill(final PacketBatch packets, final ByteBuf slab, final List<byte[]> bytes) {
        packets.reset(slab);
        int at = 0;
        for (int i = 0; i < bytes.size(); i++) {
            slab.setBytes(at, bytes.get(i));
            final int in = EngineFixture.interfaceOf(bytes.get(i), false);
            final int out = EngineFixture.interfaceOf(bytes.get(i), true);
            packets.add(i + 1)
                    .setBytes(at, bytes.get(i).length)
                    .setHook(2)
                    .setInInterface(in)
                    .setOutInterface(out);
            at += bytes.get(i).length;
        }
    }

    static List<byte[]> round() {
        final List<byte[]> packets = new ArrayList<>();
        for (final String[] pair : PAIRS) {
            addDump(packets, pair[0], pair[1]);
            addOldRecovery(packets, LegacyConnection.of(false).withHosts(pair[0], pair[1]));
            addOthers(packets, pair[0], pair[1]);
        }
        return packets;
    }

    private static void addDump(final List<byte[]> packets, final String server, final String client) {
        final String id = " HANDLE 000-00000000 SEQ 1795174338\n";
        packets.add(udp(
                server,
                REQUESTER,
                client,
                CONTROL,
                "Amanda 3.5 REQ" + id + "SECURITY USER amandabackup\nSERVICE sendbackup\nOPTIONS features="
                        + "ffffffff9efefbfffffffffffffff3fffbf71f;\n<dle>\n  <index>YES</index>\n</dle>\n"));
        packets.add(udp(client, CONTROL, server, REQUESTER, "Amanda 3.5 ACK" + id));
        final String reply =
                "Amanda 3.5 REP" + id + "CONNECT DATA 50081 MESG 50082 INDEX 50083 STATE 50084\nOPTIONS ;\n";
        packets.add(udp(client, CONTROL, server, REQUESTER, reply));
        packets.add(udp(client, CONTROL, server, REQUESTER, reply));
        packets.add(udp(client, CONTROL, server, REQUESTER, reply.replace("50081", "22")));
        packets.add(udp(server, REQUESTER, client, CONTROL, "Amanda 3.5 ACK" + id));
        packets.add(Exchange.unreachable(client, server, udp(server, REQUESTER, client, CONTROL, "x".repeat(500))));
        packets.add(Exchange.unreachable(client, server, tcp(server, CONNECTOR, client, 50_081, TcpView.SYN)));
        packets.add(Exchange.unreachable(client, server, tcp(server, CONNECTOR, client, 50_080, TcpView.SYN)));
        for (int port = 50_081; port <= 50_083; port++) {
            packets.add(tcp(server, CONNECTOR, client, port, TcpView.SYN));
            packets.add(tcp(client, port, server, CONNECTOR, TcpView.SYN | TcpView.ACK));
            packets.add(tcp(server, CONNECTOR, client, port, TcpView.ACK));
            packets.add(Exchange.unreachable(server, client, tcp(client, port, server, CONNECTOR, TcpView.ACK)));
            packets.add(tcp(client, port, server, CONNECTOR, TcpView.ACK | TcpView.FIN));
            packets.add(tcp(server, CONNECTOR, client, port, TcpView.ACK | TcpView.FIN));
        }
    }

    private static void addOldRecovery(final List<byte[]> packets, final LegacyConnection tape) {
        final String text = LegacyConnection.SERVER_TEXT;
        packets.add(tape.syn());
        packets.add(tape.synAck());
        packets.add(tape.client(0, LegacyConnection.CLIENT_TEXT));
        packets.add(tape.server(9, text.substring(9)));
        packets.add(tape.server(0, text.substring(0, 9)));
        packets.add(tape.server(9, text.substring(9)));
        packets.add(tape.dataSyn(600, LegacyConnection.PORT));
        final LegacyConnection wrong = tape.withPorts(518, 10_083);
        packets.add(wrong.syn());
        packets.add(wrong.synAck());
        packets.add(wrong.client(0, LegacyConnection.CLIENT_TEXT));
        packets.add(wrong.server(0, "CONNECT 22\n"));
    }

    private static void addOthers(final List<byte[]> packets, final String server, final String client) {
        final String id = " HANDLE 000-00000001 SEQ 1795174339\n";
        final String body = "SECURITY USER x\nSERVICE sendsize\nOPTIONS ;\n";
        packets.add(udp(server, REQUESTER, client, CONTROL, "Amanda 3.5 REQ" + id + body));
        packets.add(udp(client, CONTROL, server, REQUESTER, "Amanda 3.5 PREP" + id + "/home 0 SIZE 3\n"));
        packets.addAll(PacketBuilder.fragments(
                udp(client, CONTROL, server, REQUESTER, "Amanda 3.5 REP" + id + "/home 0 SIZE 3\n".repeat(300)), 1400));
        packets.add(udp(client, CONTROL, server, REQUESTER, "Amanda 3.5 NAK" + id + "ERROR busy\n"));
        packets.add(udp(client, REQUESTER, server, CONTROL, "Amanda 3.5 REQ" + id + body));
        packets.add(udp(server, REQUESTER, client, CONTROL, "hello"));
        packets.add(udp(server, REQUESTER, client, CONTROL, "Amanda 3.5 REQ" + id + "SERVICE noop\n"));
        packets.add(udp(server, REQUESTER, client, CONTROL, "Amanda 3.5 REP" + id));
        packets.add(
                udp(server, REQUESTER, client, CONTROL, "Amanda 3.5 REQ" + id + body.replace("sendsize", "selfcheck")));
        packets.add(udp(client, CONTROL, server, REQUESTER + 1, "Amanda 3.5 ACK" + id));
        packets.add(udp(server, 5000, client, 5001, "x"));
        packets.add(tcp(server, CONNECTOR, client, 22, TcpView.SYN));
        packets.add(tcp(server, CONNECTOR, client, CONTROL, TcpView.SYN));
        packets.add(tcp(server, CONNECTOR + 1, client, 22, TcpView.ACK));
        packets.add(tcp(server, CONNECTOR, client, 22, TcpView.SYN | TcpView.FIN));
        packets.add(PacketBuilder.fragments(udp(server, 9, client, 9, "y".repeat(3000)), 1400)
                .get(1));
    }

    private static byte[] udp(
            final String source, final int sourcePort, final String destination, final int port, final String text) {
        final byte[] payload = text.getBytes(StandardCharsets.ISO_8859_1);
        return source.indexOf(':') < 0
                ? PacketBuilder.udp4(source, sourcePort, destination, port, payload)
                : PacketBuilder.udp6(source, sourcePort, destination, port, payload);
    }

    private static byte[] tcp(
            final String source, final int sourcePort, final String destination, final int port, final int flags) {
        return source.indexOf(':') < 0
                ? PacketBuilder.tcp4(source, sourcePort, destination, port, flags)
                : PacketBuilder.tcp6(source, sourcePort, destination, port, flags);
    }
}
