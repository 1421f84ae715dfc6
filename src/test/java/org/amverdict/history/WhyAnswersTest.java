package org.amverdict.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.EngineTestAccess;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.WorkerEvents;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.TcpView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.HostPrefix;
import org.amverdict.telemetry.Stage;
import org.amverdict.track.Announcement;
import org.amverdict.track.Scratch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an administrator is told who asks whether it was the firewall. */
final class WhyAnswersTest {
    private static final String STREAMS = "DATA 50081 MESG 50082 INDEX 50083";

    private Stage stage = new Stage(null);

    private List<String> why(final int port) {
        stage.settle();
        return stage.telemetry
                .why()
                .answer(Stage.address(Stage.SERVER), Stage.address(Stage.CLIENT), port)
                .sentences();
    }

    private void assertAnswer(final int port, final Why.Was was, final String cause, final @Nullable String remedy) {
        stage.settle();
        final Why.Answer answer =
                stage.telemetry.why().answer(Stage.address(Stage.SERVER), Stage.address(Stage.CLIENT), port);
        assertEquals(was, answer.was(), answer.toString());
        assertTrue(answer.cause().contains(cause), answer.toString());
        assertEquals(remedy, answer.remedy(), answer.toString());
        assertTrue(remedy == null || !answer.cause().contains(remedy), answer.toString());
    }

    @Test
    void shouldSayYesToWhatItDropped() {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.later(Stage.SECOND);
        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);

        assertAnswer(12_345, Why.Was.YES, "Dropped once, last 0 s ago: TCP to port 12345, unexpected: ", null);
        stage.engine
                .tables()
                .expectations()
                .flush(new Scratch(stage.engine.tables().operatorEndings()));
        stage.later(Stage.SECOND);
        stage.settle();
        stage.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        assertAnswer(50_081, Why.Was.YES, "was taken back", "run the backup again");
    }

    @Test
    void shouldSayYesToAReplyThatOpenedNothing() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(1).back("REP", "CONNECT DATA 22 MESG 23 INDEX 24\n");

        assertAnswer(
                10_080,
                Why.Was.YES,
                "so it opened nothing",
                "have 198.51.100.20 use other ports (`unreserved-tcp-port` in its amanda-client.conf,"
                        + " --with-tcpportrange of old builds)");
    }

    @Test
    void shouldSayNoToWhatTheClientDidNotAnswer() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.later(11 * Stage.SECOND);
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.later(30 * Stage.SECOND);

        assertAnswer(
                10_080,
                Why.Was.NO,
                "let through 2 times, the last 30 s ago; no answer came back",
                "look at the client 198.51.100.20 (does amandad run, does its own firewall let it in), and whether its"
                        + " answers come this way");
    }

    @Test
    void shouldSayNoInMonitorModeAndNameWhatEnforceWouldDo() {
        final EngineSettings enforcing = EngineFixture.settings(EngineFixture.policy());
        stage = new Stage(
                null, EngineSettings.builder(enforcing.policy()).enforce(false).conclude());
        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);

        assertAnswer(
                12_345,
                Why.Was.NO,
                "Would have been dropped (mode monitor) once",
                "see whether the UDP exchange before it was queued");
    }

    @Test
    void shouldSayNotSeenHereOfHostsWithoutARecord() {
        assertAnswer(Why.ANY_PORT, Why.Was.NOT_SEEN, "Nothing seen between these hosts", "check with amverdict doctor");
    }

    /** The fault was mended, and the next backup went well: what was wrong before is no answer any more. */
    @Test
    void shouldSayNoOnceALaterBackupWentWell() {
        stage.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        stage.later(60 * Stage.SECOND);
        assertAnswer(50_081, Why.Was.YES, "Dropped once", "see whether the UDP exchange before it was queued");
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.later(200 * Stage.MILLI);
        for (int port = 50_081; port <= 50_083; port++) {
            stage.carry(port, 2);
        }

        assertAnswer(50_081, Why.Was.NO, "Accepted: DATA stream", null);
        assertAnswer(Why.ANY_PORT, Why.Was.NO, "Accepted: ", null);
        assertTrue(why(50_081).toString().contains("Dropped once"), "the rest is still there");
    }

    @Test
    void shouldTellOfAFinishedStream() {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.later(200 * Stage.MILLI);
        stage.carry(50_081, 812);
        stage.later(60 * Stage.SECOND);

        assertEquals(
                List.of(
                        "Accepted: DATA stream of sendbackup /home level 1 (port 50081), connected 0.2 s after the REP,"
                                + " 877.2 kB (longest silence 1.0 s), finished after 13 min.",
                        "A SYN from 192.0.2.10 to 198.51.100.20 port 50081 now would be dropped (unexpected): the"
                                + " expectation of that port (DATA of sendbackup) had been taken from port 50000 14 min"
                                + " before; each admits one connection."),
                why(50_081));
    }

    @Test
    void shouldTellWhatWasDroppedAndWhatWasNearest() {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.keepHouse(180 * Stage.SECOND + 1);
        stage.later(4 * Stage.SECOND);
        for (int i = 0; i < 3; i++) {
            stage.tcp(false, 50_084, TcpView.SYN, 1, 0, 0);
        }
        stage.later(12 * Stage.SECOND);

        final List<String> answer = why(50_084);

        assertEquals(
                "Dropped 3 times, last 12 s ago: TCP to port 50084, unexpected: the nearest expectation was port 50083"
                        + " (INDEX of sendbackup), it expired 4.0 s before; see what delayed the connection, or raise"
                        + " expectations.lifetime.",
                answer.get(0));
        assertEquals(2, answer.size(), answer.toString());
        assertTrue(answer.get(1).startsWith("A SYN from 192.0.2.10 to 198.51.100.20 port 50084 now would be dropped"));
    }

    @Test
    void shouldTellOfExpectedOpenAndNeverConnectedStreams() {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 50_082, TcpView.SYN, 1, 0, 0);
        stage.tcp(true, 50_082, TcpView.SYN | TcpView.ACK, 1, 2, 0);
        stage.later(30 * Stage.SECOND);

        assertEquals(
                List.of(
                        "Expected: DATA stream of sendbackup /home level 1 (port 50081), announced 30 s ago; no SYN came"
                                + " yet.",
                        "A SYN from 192.0.2.10 to 198.51.100.20 port 50081 now would be accepted, once: it is expected."),
                why(50_081));
        assertEquals(
                "Accepted: MESG stream of sendbackup /home level 1 (port 50082), connected 0 s after the REP, open,"
                        + " 80 B (longest silence 30 s).",
                why(50_082).get(0));

        stage.keepHouse(181 * Stage.SECOND);

        assertEquals(
                "Never connected: DATA stream of sendbackup /home level 1 (port 50081), announced 3 min ago, expired; no"
                        + " SYN reached the queue in that time: look at the server 192.0.2.10, and at rules that drop it"
                        + " before the queue.",
                why(50_081).get(0));
    }

    @Test
    void shouldTellOfTheExchange() {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.later(10 * Stage.SECOND);

        assertEquals(
                List.of(
                        "Accepted: sendbackup /home level 1, asked 10 s ago, answered after 0.2 s with 3 streams.",
                        "A SYN from 192.0.2.10 to 198.51.100.20 port 10080 now would be accepted: it is a control port,"
                                + " and a line of `allow` has these hosts."),
                why(10_080));
    }

    /** Announced before a restart: the state has the expectation, the sessions are new. */
    @Test
    void shouldTellOfAStreamThatWasAnnouncedBeforeTheStart() {
        final HostPrefix server = HostPrefix.parse(Stage.SERVER);
        final HostPrefix client = HostPrefix.parse(Stage.CLIENT);
        stage.engine
                .tables()
                .expectations()
                .expect(
                        new Scratch(),
                        new Tuple().set(server.high(), server.low(), 0, client.high(), client.low(), 50_081),
                        new Announcement()
                                .stream(StreamName.DATA)
                                        .service(Service.SENDBACKUP)
                                        .owner(77)
                                        .until(stage.now + 60 * Stage.SECOND),
                        stage.now);
        stage.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        stage.later(10 * Stage.SECOND);

        assertEquals(
                "Accepted: DATA stream that was announced before the start to port 50081, 10 s ago, no end of it was"
                        + " seen.",
                why(50_081).get(0));
    }

    @Test
    void shouldTellOfAuthBsdtcp() {
        stage.tcp(false, 10_080, TcpView.SYN, 1, 0, 0);
        stage.later(10 * Stage.SECOND);

        assertEquals(
                "Accepted: connection of auth bsdtcp to port 10080, 10 s ago, no end of it was seen.",
                why(10_080).get(0));
    }

    @Test
    void shouldSayWhenNothingCame() {
        stage.later(7_380 * Stage.SECOND);

        assertEquals(
                List.of("Nothing seen between these hosts since the start (2 h 3 min): the packets do not reach the"
                        + " queue, or there were none; check with amverdict doctor."),
                why(Why.ANY_PORT));
    }

    @Test
    void shouldPointToTheOtherDirectionAndToOtherPorts() {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.settle();

        final String other = stage.telemetry
                .why()
                .answer(Stage.address(Stage.CLIENT), Stage.address(Stage.SERVER), 50_081)
                .sentences()
                .get(0);
        assertTrue(other.contains("ask with the two hosts swapped"), other);
        final String port = why(60_000).get(0);
        assertTrue(port.contains("ask without the port"), port);
    }

    @Test
    void shouldSayInMonitorModeThatNothingWasDropped() {
        final EngineSettings enforcing = EngineFixture.settings(EngineFixture.policy());
        stage = new Stage(
                null, EngineSettings.builder(enforcing.policy()).enforce(false).conclude());
        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);

        final List<String> answer = why(12_345);

        assertTrue(answer.get(0).startsWith("Would have been dropped (mode monitor) once"), answer.toString());
        assertTrue(answer.get(1).contains("left to the host's other rules (mode monitor)"), answer.toString());
    }

    @Test
    void shouldSayThatNoLineAllowsIt() {
        stage.send(EngineFixture.udp(EngineFixture.STRANGER, 844, Stage.CLIENT, 10_080, new byte[10]));
        stage.send(PacketBuilder.ip(EngineFixture.STRANGER, Stage.CLIENT).tcp(1024, 10_080, TcpView.SYN, new byte[0]));
        stage.settle();

        final List<String> answer = stage.telemetry
                .why()
                .answer(Stage.address(EngineFixture.STRANGER), Stage.address(Stage.CLIENT), 10_080)
                .sentences();

        assertTrue(answer.get(0).contains("no line of `allow` lets 203.0.113.66 ask 198.51.100.20"), answer.toString());
        assertTrue(answer.get(1).contains("UDP to port 10080, not-allowed: no line of `allow`"), answer.toString());
        assertTrue(answer.get(2).endsWith("no line of `allow` has these hosts in this direction."), answer.toString());
    }

    @Test
    void shouldRefuseWhatIsNoHost() {
        final Why why = stage.telemetry.why();
        assertThrows(
                IllegalArgumentException.class, () -> why.answer(IpAddress.ofIpv4(0), Stage.address(Stage.CLIENT), 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> why.answer(IpAddress.ofIpv4(0xe000_0001), Stage.address(Stage.CLIENT), 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> why.answer(Stage.address(Stage.SERVER), Stage.address(Stage.CLIENT), 65_536));
    }

    @Test
    void shouldFoldDropsOfOneKindAndForgetTheOldest() {
        for (int i = 0; i < RecentDrops.CAPACITY + 10; i++) {
            stage.tcp(false, 20_000 + i, TcpView.SYN, 1, 0, 0);
            stage.later(Stage.MILLI);
            if (i % 100 == 0) {
                stage.settle();
            }
        }
        stage.tcp(false, 20_500, TcpView.SYN, 1, 0, 0);
        stage.settle();

        final List<RecentDrop> drops = stage.telemetry.drops().recent(Integer.MAX_VALUE);
        assertEquals(RecentDrops.CAPACITY, drops.size());
        assertEquals(20_500, drops.get(0).destinationPort());
        assertEquals(2, drops.get(0).count());
        assertEquals(20_010, drops.get(drops.size() - 1).destinationPort());
        assertEquals(
                "192.0.2.10:50000 TCP unexpected",
                drops.get(0).source() + ":" + drops.get(0).sourcePort() + " "
                        + drops.get(0).protocol() + " " + drops.get(0).reason());
    }

    /** Every reason to drop something has its own sentence. */
    @Test
    void shouldHaveASentenceForEveryReason() {
        final Set<Reason> never = EnumSet.of(
                Reason.REQUEST,
                Reason.ACK,
                Reason.REPLY,
                Reason.ESTABLISHED,
                Reason.CONTROL_TCP,
                Reason.EXPECTED,
                Reason.STATIC,
                Reason.RELATED);
        final byte[] bytes = EngineFixture.udp(Stage.SERVER, 844, Stage.CLIENT, 10_080, new byte[1]);
        final PacketView packet = new PacketView();
        packet.decode(io.netty.buffer.Unpooled.wrappedBuffer(bytes), 0, bytes.length, bytes.length);
        final WorkerEvents events = stage.telemetry.events();
        for (final Reason reason : Reason.values()) {
            if (!never.contains(reason)) {
                events.decided(packet, EngineTestAccess.decision(Verdict.DROP, reason), stage.now);
            }
        }
        stage.settle();

        final List<RecentDrop> drops = stage.telemetry.drops().recent(100);
        assertEquals(Reason.values().length - never.size(), drops.size());
        assertEquals(
                drops.size(),
                drops.stream().map(RecentDrop::explanation).distinct().count());
        for (final RecentDrop drop : drops) {
            assertTrue(!drop.explanation().startsWith("it was judged"), drop.toString());
        }
    }
}
