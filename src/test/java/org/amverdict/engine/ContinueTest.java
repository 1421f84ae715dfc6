package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.policy.StaticRange;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left to the host's other rules, with which mark, and what never is. */
final class ContinueTest {
    private static final long NOW = 1_000_000_000L;
    private static final long BIT = EngineSettings.DEFAULT_CONTINUE_MARK;
    private static final String SERVER = EngineFixture.SERVER;
    private static final String CLIENT = EngineFixture.CLIENT;

    private final EngineFixture enforce = new EngineFixture(settings(true).conclude(), TableLimits.DEFAULTS);
    private final EngineFixture monitor = new EngineFixture(settings(false).conclude(), TableLimits.DEFAULTS);

    private static EngineSettings.Builder settings(final boolean enforce) {
        final Policy policy = EngineFixture.policy(
                EngineFixture.policy(),
                Policy.DEFAULT_CONTROL_PORTS,
                new StaticRange(HostSet.of(SERVER), HostSet.of(CLIENT), PortSet.parse("5000-5010")));
        return EngineSettings.builder(policy).enforce(enforce).otherTraffic(Verdict.CONTINUE);
    }

    private static byte[] tcp(final int port, final int flags) {
        return EngineFixture.tcp(SERVER, 40_000, CLIENT, port, flags);
    }

    private static byte[] udp(final int port, final String text) {
        return EngineFixture.udp(SERVER, 844, CLIENT, port, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] request() {
        return EngineFixture.udp(
                SERVER,
                844,
                CLIENT,
                EngineFixture.CONTROL,
                EngineFixture.message("REQ", "000-1", "1", EngineFixture.requestBody("noop")));
    }

    @Test
    void shouldLeaveWhatIsNotAmandasWithTheMarkAndItsOtherBits() {
        enforce.packetMark(0x42);
        for (final byte[] packet : List.of(tcp(22, TcpView.SYN), tcp(22, TcpView.ACK), udp(53, "?"))) {
            final Outcome outcome = enforce.send(packet, NOW);

            assertEquals(Verdict.CONTINUE, outcome.verdict(), outcome.summary());
            assertTrue(outcome.reason().isOther(), outcome.summary());
            assertEquals(Verdict.CONTINUE, enforce.told(0));
            assertEquals(BIT | 0x42, enforce.toldMark(0));
        }
        assertEquals(1, enforce.counters().packets(Verdict.CONTINUE, Reason.UNEXPECTED));
        assertEquals(1, enforce.counters().packets(Verdict.CONTINUE, Reason.NO_FLOW));
        assertEquals(1, enforce.counters().packets(Verdict.CONTINUE, Reason.NOT_AMANDA));
        assertEquals(
                0,
                Arrays.stream(Reason.values())
                        .mapToLong(enforce.counters()::wouldDrop)
                        .sum());
    }

    @Test
    void shouldAcceptAmandasTrafficWithoutTheMark() {
        assertEquals("accept request", enforce.send(request(), NOW).summary());
        assertEquals(VerdictBatch.NO_MARK, enforce.toldMark(0));
        assertEquals("accept static", enforce.send(tcp(5000, TcpView.SYN), NOW).summary());
        assertEquals(
                "accept control-tcp",
                enforce.send(tcp(EngineFixture.CONTROL, TcpView.SYN), NOW).summary());
        assertEquals(VerdictBatch.NO_MARK, enforce.toldMark(0));
    }

    /** Whatever {@code other-traffic} says. */
    @Test
    void shouldDropControlDatagramsThatAreRefusedAndWhatCannotBeRead() {
        final byte[] broken = tcp(22, TcpView.SYN);
        broken[0] = 0x43;
        for (final byte[] packet : List.of(
                udp(EngineFixture.CONTROL, "Amanda?"),
                EngineFixture.udp(EngineFixture.STRANGER, 844, CLIENT, EngineFixture.CONTROL, new byte[20]),
                EngineFixture.udp(CLIENT, EngineFixture.CONTROL, SERVER, 844, new byte[20]),
                broken)) {
            final Outcome outcome = enforce.send(packet, NOW);

            assertEquals(Verdict.DROP, outcome.verdict(), outcome.summary());
            assertEquals(Verdict.DROP, enforce.told(0), outcome.summary());
        }
        final Set<Reason> other = EnumSet.noneOf(Reason.class);
        Arrays.stream(Reason.values()).filter(Reason::isOther).forEach(other::add);
        assertEquals(EnumSet.of(Reason.UNEXPECTED, Reason.NO_FLOW, Reason.NOT_AMANDA), other);
    }

    @Test
    void shouldDropOtherTrafficWhereThatIsConfigured() {
        final EngineFixture drop =
                new EngineFixture(settings(true).otherTraffic(Verdict.DROP).conclude(), TableLimits.DEFAULTS);

        assertEquals("drop unexpected", drop.send(tcp(22, TcpView.SYN), NOW).summary());
        assertEquals(Verdict.DROP, drop.told(0));
    }

    /** Marks of streams and of published hosts would change what the host's other rules and its routing do. */
    @Test
    void shouldContinueEverythingInMonitorModeAndMarkNothingElse() {
        final StreamMarks marks = new StreamMarks(Map.of(StreamName.CONTROL, 0x10L), 0xff);
        final PublishedHosts published = PublishedHosts.of(
                List.of(new PublishedHost(
                        HostPrefix.parse("203.0.113.9").address(),
                        EngineFixture.CONTROL,
                        HostPrefix.parse(CLIENT).address())),
                PublishedHosts.DEFAULT_MASK);
        final EngineFixture watching = new EngineFixture(
                settings(false).marks(marks).published(published).conclude(), TableLimits.DEFAULTS);
        watching.packetMark(0x3);
        final byte[] toPublic =
                PacketBuilder.ip(SERVER, "203.0.113.9").tcp(840, EngineFixture.CONTROL, TcpView.SYN, new byte[0]);
        final List<byte[]> packets = List.of(
                request(),
                tcp(EngineFixture.CONTROL, TcpView.SYN),
                toPublic,
                udp(EngineFixture.CONTROL, "Amanda?"),
                tcp(22, TcpView.SYN));

        final List<Outcome> outcomes = watching.send(packets, NOW);

        assertEquals(
                List.of(
                        "accept request",
                        "accept control-tcp",
                        "accept control-tcp",
                        "drop bad-control",
                        "continue unexpected"),
                outcomes.stream().map(Outcome::summary).toList());
        for (int i = 0; i < packets.size(); i++) {
            assertEquals(Verdict.CONTINUE, watching.told(i));
            assertEquals(BIT | 0x3, watching.toldMark(i));
        }
        assertEquals(1, watching.counters().wouldDrop(Reason.BAD_CONTROL));
        assertEquals(0, watching.counters().wouldDrop(Reason.UNEXPECTED));
    }

    /** Rules without one for the mark would repeat it forever. */
    @Test
    void shouldEndTheRepetitionWhereTheRuleForTheMarkIsMissing() {
        for (final EngineFixture engine : List.of(enforce, monitor)) {
            engine.packetMark((int) BIT | 1);
            engine.send(tcp(22, TcpView.SYN), NOW);

            assertEquals(engine == enforce ? Verdict.DROP : Verdict.ACCEPT, engine.told(0));
            assertEquals(VerdictBatch.NO_MARK, engine.toldMark(0));
            assertEquals(1, engine.counters().notContinued());
        }
        assertEquals(Verdict.ACCEPT, tell(enforce, tcp(EngineFixture.CONTROL, TcpView.SYN)));
        assertEquals(1, enforce.counters().notContinued());
    }

    private static Verdict tell(final EngineFixture engine, final byte[] packet) {
        engine.send(packet, NOW);
        return engine.told(0);
    }

    /** Two bits: one of them alone is somebody else's. */
    @Test
    void shouldTakeOnlyAllBitsForItsMark() {
        final EngineFixture two =
                new EngineFixture(settings(true).continueMark(0x3000).conclude(), TableLimits.DEFAULTS);
        two.packetMark(0x1000);

        assertEquals(Verdict.CONTINUE, tell(two, tcp(22, TcpView.SYN)));
        assertEquals(0x3000, two.toldMark(0));
        two.packetMark(0x3000);
        assertEquals(Verdict.DROP, tell(two, tcp(22, TcpView.SYN)));
    }

    /** Nothing is known about a packet whose bytes did not arrive, not even its mark. */
    @Test
    void shouldNotMarkAPacketWithoutBytes() {
        monitor.sendTruncated(tcp(22, TcpView.SYN), 0, NOW);

        assertEquals(Verdict.ACCEPT, monitor.told(0));
        assertEquals(VerdictBatch.NO_MARK, monitor.toldMark(0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLetLaterFragmentsFollowTheFirst(final boolean ipv6) {
        final String source = ipv6 ? EngineFixture.SERVER6 : SERVER;
        final String target = ipv6 ? EngineFixture.CLIENT6 : CLIENT;
        final List<byte[]> fragments =
                PacketBuilder.fragments(EngineFixture.udp(source, 700, target, 2049, new byte[200]), 128);
        final byte[] first = fragments.get(0);
        final byte[] later = fragments.get(1);
        final EngineFixture drop =
                new EngineFixture(settings(true).otherTraffic(Verdict.DROP).conclude(), TableLimits.DEFAULTS);

        assertEquals("drop fragment", enforce.send(later, NOW).summary());
        assertEquals("continue not-amanda", enforce.send(first, NOW).summary());
        assertEquals("continue not-amanda", enforce.send(later, NOW).summary());
        assertEquals("drop not-amanda", drop.send(first, NOW).summary());
        assertEquals("drop fragment", drop.send(later, NOW).summary());
    }

    @Test
    void shouldReportEverySynAndASampleOfTheRest() {
        final List<Reason> reported = new ArrayList<>();
        final EngineFixture tables = new EngineFixture(settings(true).conclude(), TableLimits.DEFAULTS);
        final VerdictEngine engine =
                new VerdictEngine(settings(true).conclude(), tables.tables(), new EngineCounters(), new EngineEvents() {
                    @Override
                    public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
                        reported.add(decision.reason());
                    }
                });
        final PacketBatch packets =
                new PacketBatch(200, Unpooled.wrappedBuffer(tcp(22, TcpView.ACK), tcp(22, TcpView.SYN)));
        for (int i = 0; i < 200; i++) {
            packets.add(i).setBytes(i % 2 * 40, 40);
        }
        final VerdictBatch verdicts = new VerdictBatch(200);

        engine.onBatch(packets, verdicts, NOW);
        assertEquals(100, reported.stream().filter(Reason.UNEXPECTED::equals).count());
        assertEquals(
                Sample.PER_SECOND,
                reported.stream().filter(Reason.NO_FLOW::equals).count());
        engine.onBatch(packets, verdicts, NOW + 999_999_999);
        assertEquals(
                Sample.PER_SECOND,
                reported.stream().filter(Reason.NO_FLOW::equals).count());
        engine.onBatch(packets, verdicts, NOW + 1_000_000_000);
        assertEquals(
                2 * Sample.PER_SECOND,
                reported.stream().filter(Reason.NO_FLOW::equals).count());
    }
}
