package org.amverdict.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PolicyRevocation;
import org.amverdict.events.EventSchema;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.telemetry.Stage;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a packet is what was so when it was judged, and everybody says the same. */
final class FactsTest {
    private static final String STREAMS = "DATA 50081 MESG 50082 INDEX 50083";
    private static final String SECOND_SERVER = "192.0.2.11";
    private static final String SECOND_CLIENT = "198.51.100.25";

    @TempDir
    private Path directory;

    private static EngineSettings mode(final boolean enforce) {
        return EngineSettings.builder(EngineFixture.policy()).enforce(enforce).conclude();
    }

    private static void judgeBy(final Stage stage, final EngineSettings settings) {
        stage.settings = settings;
        stage.engine.engine().settings(settings);
    }

    private static List<String> why(final Stage stage, final int port) {
        stage.settle();
        return stage.telemetry
                .why()
                .answer(Stage.address(Stage.SERVER), Stage.address(Stage.CLIENT), port)
                .sentences();
    }

    private static String lastDrop(final Stage stage) {
        stage.settle();
        return stage.telemetry.drops().recent(1).get(0).explanation();
    }

    private static void assertStartsWith(final String start, final String text) {
        assertTrue(text.startsWith(start), text);
    }

    @Test
    void shouldSayInEnforceModeThatWhatPassedInMonitorModeWouldHaveBeenDropped() {
        final Stage stage = new Stage(null, mode(false));
        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);
        stage.later(Stage.SECOND);
        judgeBy(stage, mode(true));
        stage.settle();
        assertStartsWith(
                "Would have been dropped (mode monitor) once",
                why(stage, 12_345).get(0));
        assertEquals("continue", stage.telemetry.drops().recent(1).get(0).verdict());
        assertStartsWith("INFO would drop unexpected", stage.log.get(0));

        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);
        assertStartsWith("Dropped once", why(stage, 12_345).get(0));
        assertStartsWith(
                "Would have been dropped (mode monitor) once",
                why(stage, 12_345).get(1));
    }

    @Test
    void shouldSayInMonitorModeThatWhatWasDroppedWasDropped() {
        final Stage stage = new Stage(null, mode(true));
        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);
        judgeBy(stage, mode(false));

        assertStartsWith("Dropped once", why(stage, 12_345).get(0));
        assertEquals("drop", stage.telemetry.drops().recent(1).get(0).verdict());
        assertStartsWith("INFO drop unexpected", stage.log.get(0));
    }

    @Test
    void shouldNotExplainADropByABackupThatCameLater() {
        final Stage stage = new Stage(null);
        stage.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        final String atOnce = lastDrop(stage);
        stage.later(4 * Stage.SECOND);
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.carry(50_081, 2);

        assertStartsWith("no REP announced that port, nor any other", atOnce);
        assertEquals(atOnce, lastDrop(stage));
        // The backup is newer, so it comes first.
        assertStartsWith("Accepted: DATA stream", why(stage, 50_081).get(0));
        assertTrue(why(stage, 50_081).get(1).contains("no REP announced that port, nor any other"));
    }

    /** The reader comes late: the records of the drop and of the backup are read in one round. */
    @Test
    void shouldNotExplainADropByALaterBackupEvenIfBothAreReadTogether() {
        final Stage stage = new Stage(null);
        stage.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        stage.talk(1).dump("/home", "1", STREAMS);

        assertStartsWith("no REP announced that port, nor any other", lastDrop(stage));
    }

    @Test
    void shouldNameTheLineThatWasInForce() {
        final Stage stage = Stage.of(named("nightly", PortSet.range(50_000, 50_082)));
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 50_083, TcpView.SYN, 1, 0, 0);
        judgeBy(stage, EngineFixture.settings(named("renamed", PortSet.range(1024, 65_535))));

        final String answer = why(stage, 50_083).get(0);

        assertTrue(
                answer.endsWith(
                        "but the REP announced port 50083, which is outside `stream-ports` 50000-50082 of the line"
                                + " \"nightly\", so it opened nothing; widen `stream-ports`, or have"
                                + " 198.51.100.20 use them"
                                + " (`unreserved-tcp-port` in its amanda-client.conf)."),
                answer);
    }

    private static Policy named(final String name, final PortSet streamPorts) {
        return Policy.of(List.of(
                new Allowance(name, HostSet.of(Stage.SERVER), HostSet.of(Stage.CLIENT), -1, streamPorts, false)));
    }

    @Test
    void shouldNameThePortOfARefusedReplyForEachPortThatItAnnounced() {
        final Stage stage = Stage.of(named("nightly", PortSet.range(50_000, 50_082)));
        stage.talk(1).dump("/home", "1", STREAMS);

        for (final int port : new int[] {50_081, 50_082, 50_083}) {
            assertStartsWith(
                    "Passed on, but opened nothing, once, last 0 s ago: UDP from 198.51.100.20 to 192.0.2.10 port 844,"
                            + " refused-reply: the REP announced port 50083, which is outside `stream-ports` 50000-50082",
                    why(stage, port).get(0));
        }
        assertTrue(why(stage, 50_084).get(0).startsWith("Nothing to port 50084"), "is another port");
    }

    @Test
    void shouldNotTakeARefusedRepetitionForWhatTheFirstReplyOpened() {
        final Stage stage = new Stage(null);
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.carry(50_081, 2);
        stage.talk(1).back("REP", "CONNECT DATA 50081 MESG 50082 INDEX 50099\nOPTIONS features=ff;\n");
        stage.tcp(false, 50_081, TcpView.SYN, 77, 0, 0);
        stage.tcp(false, 50_099, TcpView.SYN, 77, 0, 0);
        stage.settle();

        final List<RecentDrop> drops = stage.telemetry.drops().recent(10);
        assertEquals("reply-refused", drops.get(0).cause());
        assertTrue(drops.get(0).explanation().contains("failed the check closed"), drops.toString());
    }

    @Test
    void shouldSayThatAnotherAddressAnswered() {
        final Stage stage = new Stage(null);
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.later(200 * Stage.MILLI);
        final Stage.Talk talk = stage.talk(1);
        stage.send(EngineFixture.udp(
                SECOND_CLIENT,
                EngineFixture.CONTROL,
                Stage.SERVER,
                talk.port(),
                EngineFixture.message("REP", talk.handle(), talk.sequence(), "CONNECT " + STREAMS + "\n")));
        stage.settle();

        final Why why = stage.telemetry.why();
        final List<List<String>> answers = List.of(
                why.answer(Stage.address(Stage.SERVER), Stage.address(Stage.CLIENT), Why.ANY_PORT)
                        .sentences(),
                why.answer(Stage.address(Stage.CLIENT), Stage.address(Stage.SERVER), Why.ANY_PORT)
                        .sentences(),
                why.answer(Stage.address(SECOND_CLIENT), Stage.address(Stage.SERVER), Why.ANY_PORT)
                        .sentences());
        for (final List<String> answer : answers) {
            assertTrue(
                    answer.get(0)
                            .contains("198.51.100.25 answered in place of 198.51.100.20, which was asked: the host has"
                                    + " several addresses; have it answer from 198.51.100.20"),
                    answer.toString());
        }
    }

    @Test
    void shouldSayFromWhereASynWasExpected() {
        final Stage stage = new Stage(null);
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.send(PacketBuilder.ip(SECOND_SERVER, Stage.CLIENT).tcp(50_000, 50_081, TcpView.SYN, new byte[0]));
        stage.settle();

        final String sentence =
                "that port was announced to 192.0.2.10, so it is expected from there, not from 192.0.2.11; if both are one"
                        + " server, have it connect from the address that it asks from";
        final Why why = stage.telemetry.why();
        assertTrue(why.answer(Stage.address(SECOND_SERVER), Stage.address(Stage.CLIENT), 50_081)
                .sentences()
                .get(0)
                .contains(sentence));
        assertTrue(why.answer(Stage.address(Stage.SERVER), Stage.address(Stage.CLIENT), 50_081)
                .sentences()
                .get(0)
                .contains(sentence));
    }

    @Test
    void shouldSayWhatTookAnExpectationBack() {
        final Stage flushed = new Stage(null);
        flushed.talk(1).dump("/home", "1", STREAMS);
        flushed.later(Stage.SECOND);
        flushed.engine
                .tables()
                .expectations()
                .flush(new Scratch(flushed.engine.tables().operatorEndings()));
        flushed.later(Stage.SECOND);
        flushed.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        assertStartsWith(
                "the expectation of that port (DATA of sendbackup) was taken back 1.0 s before by the operator",
                lastDrop(flushed));

        final Stage reloaded = new Stage(null);
        reloaded.talk(1).dump("/home", "1", STREAMS);
        reloaded.later(Stage.SECOND);
        final Policy narrow = EngineFixture.policy(-1, PortSet.range(50_000, 50_081));
        final PolicyRevocation revocation = new PolicyRevocation(reloaded.engine.tables(), narrow);
        judgeBy(reloaded, EngineFixture.settings(narrow));
        revocation.exchanges();
        revocation.expectations();
        reloaded.later(2 * Stage.SECOND);
        reloaded.tcp(false, 50_082, TcpView.SYN, 1, 0, 0);
        assertStartsWith(
                "the expectation of that port (MESG of sendbackup) was taken back 2.0 s before by a reload",
                lastDrop(reloaded));

        final Stage refused = new Stage(null);
        refused.talk(1).dump("/home", "1", STREAMS);
        refused.talk(1).back("NAK", "ERROR no\n");
        refused.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        assertStartsWith(
                "the expectation of that port (DATA of sendbackup) was taken back 0 s before: the responder refused",
                lastDrop(refused));

        final Stage anew = new Stage(null);
        anew.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        anew.talk(1).back("REP", "CONNECT " + STREAMS + "\nOPTIONS features=ff;\n");
        anew.talk(1).back("REP", "CONNECT DATA 50091 MESG 50092 INDEX 50093\nOPTIONS features=ff;\n");
        anew.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        assertStartsWith(
                "the expectation of that port (DATA of sendbackup) was taken back 0 s before: a later REP",
                lastDrop(anew));
    }

    @Test
    void shouldSayThatAQuotaGaveTheRequestUp() {
        final TableLimits few = new TableLimits(
                new TableLimits.Transactions(64, 2, 3600 * Stage.SECOND),
                new TableLimits.Expectations(64, 64, 60 * Stage.SECOND, 5),
                new TableLimits.Flows(64, 86_400 * Stage.SECOND));
        final Stage stage = new Stage(null, EngineFixture.settings(EngineFixture.policy()), few);
        for (int i = 1; i <= 3; i++) {
            stage.talk(i).forth("REQ", EngineFixture.requestBody("sendbackup"));
            stage.later(Stage.SECOND);
        }
        stage.talk(1).back("REP", "CONNECT " + STREAMS + "\n");

        assertEquals(
                "it answers the sendbackup request of 3.0 s before, which was given up 1.0 s before because 192.0.2.10 had"
                        + " more requests open than transactions.per-requester (2); raise transactions.per-requester",
                lastDrop(stage));
    }

    @Test
    void shouldSayThatAQuotaLeftNoRoomForTheReply() {
        final Stage stage = new Stage(null, EngineFixture.settings(EngineFixture.policy()), withQuota(2));
        stage.talk(1).dump("/usr", "1", "DATA 50091 MESG 50092 INDEX 50093");
        stage.tcp(false, 50_091, TcpView.SYN, 1, 0, 0);

        assertStartsWith(
                "it was announced 0 s before (DATA of sendbackup), but the REP failed the check limit, so it opened"
                        + " nothing: 192.0.2.10 had used up expectations.per-requester (2)",
                lastDrop(stage));
    }

    @Test
    void shouldSayThatAQuotaTookBackWhatWasAnnouncedBefore() {
        final Stage stage = new Stage(null, EngineFixture.settings(EngineFixture.policy()), withQuota(4));
        stage.talk(1).dump("/home", "1", "DATA 50081 MESG 50082 INDEX 50083");
        stage.talk(2).dump("/usr", "1", "DATA 50091 MESG 50092 INDEX 50093");
        stage.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);

        assertStartsWith(
                "the expectation of that port (DATA of sendbackup) was given up 0 s before: the requester's share of the"
                        + " table was used up; raise expectations.per-requester",
                lastDrop(stage));
    }

    private static TableLimits withQuota(final int expectations) {
        return new TableLimits(
                new TableLimits.Transactions(64, 64, 3600 * Stage.SECOND),
                new TableLimits.Expectations(64, expectations, 60 * Stage.SECOND, 5),
                new TableLimits.Flows(64, 86_400 * Stage.SECOND));
    }

    @Test
    void shouldSayThatAnAnswerCameTooLate() {
        final Stage stage = new Stage(null);
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendsize"));
        stage.keepHouse(6 * 3600 * Stage.SECOND + Stage.SECOND);
        stage.later(60 * Stage.SECOND);
        stage.talk(1).back("REP", "/home 0 SIZE 3\n");

        assertStartsWith(
                "it answers the sendsize request of 6 h 1 min before, which was given up 60 s before; raise"
                        + " transactions.reply-within",
                lastDrop(stage));
    }

    @Test
    void shouldNameTheUsualCauseOfAnUnprivilegedPort() {
        final Stage stage = new Stage(null);
        stage.send(EngineFixture.udp(
                Stage.SERVER,
                51_000,
                Stage.CLIENT,
                EngineFixture.CONTROL,
                EngineFixture.message("REQ", "000-1", "1", EngineFixture.requestBody("noop"))));

        assertStartsWith(
                "the request came from port 51000, but `requester-ports` is 512-1023: Amanda asks from ports below 1024,"
                        + " so most likely a NAT box between the hosts has changed the port",
                lastDrop(stage));
    }

    @Test
    void shouldSayWhatWouldAllowTheWindowsClient() {
        final Stage stage = new Stage(null);
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 10_081, TcpView.SYN, 1, 0, 0);

        assertEquals(
                "no REP announces port 10081: it is the port of Zmanda's client for Windows; if 198.51.100.20 is such a"
                        + " client, `control-ports: [10080, 10081]` lets 192.0.2.10 connect to it, or a range in `static`",
                lastDrop(stage));
    }

    @Test
    void shouldLookBehindAPublicAddress() {
        final String publicAddress = "203.0.113.5";
        final PublishedHosts published = PublishedHosts.of(
                List.of(new PublishedHost(
                        HostPrefix.parse(publicAddress).address(),
                        10_080,
                        HostPrefix.parse(Stage.CLIENT).address())),
                0xf00);
        final Stage stage = new Stage(
                null,
                EngineSettings.builder(EngineFixture.policy())
                        .published(published)
                        .conclude());
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.keepHouse(181 * Stage.SECOND);
        stage.send(PacketBuilder.ip(Stage.SERVER, publicAddress).tcp(50_000, 50_081, TcpView.SYN, new byte[0]));
        assertStartsWith("the expectation of that port (DATA of sendbackup) expired", lastDrop(stage));

        stage.later(2 * 3600 * Stage.SECOND);
        stage.send(PacketBuilder.ip(Stage.SERVER, publicAddress).tcp(50_000, 50_085, TcpView.SYN, new byte[0]));
        assertStartsWith("no REP announced that port, nor any other", lastDrop(stage));
    }

    /** Of the first packet of a flood nothing is known; when it is repeated it is looked up. */
    @Test
    void shouldTellWhatIsFoundOfALaterPacketOfTheSameKind() {
        final Stage stage = new Stage(null);
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);
        final byte[] second =
                PacketBuilder.ip(SECOND_SERVER, Stage.CLIENT).tcp(50_000, 50_081, TcpView.SYN, new byte[0]);
        stage.send(second);
        assertStartsWith("no line of `allow` lets 192.0.2.11", lastDrop(stage));
        stage.later(2 * Stage.MILLI);
        stage.send(second);

        assertStartsWith("that port was announced to 192.0.2.10, so it is expected from there", lastDrop(stage));
        assertEquals(2, stage.telemetry.drops().recent(1).get(0).count());
    }

    /** Log, events, status and page, and why. */
    @Test
    void shouldSayTheSameEverywhere() throws IOException {
        final Path file = directory.resolve("events.json");
        final Stage stage = new Stage(file).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1, 0, 0);
        stage.tcp(false, 50_090, TcpView.SYN, 1, 0, 0);
        stage.settle();
        final List<String> why = why(stage, 50_090);
        final RecentDrop drop = stage.telemetry.drops().recent(1).get(0);
        stage.telemetry.close();

        final List<String> lines = Files.readAllLines(file);
        for (final String line : lines) {
            assertEquals(Set.of(), EventSchema.problems(line), line);
        }
        final Map<String, Object> event = Stage.parse(lines).stream()
                .filter(each -> "drop".equals(each.get("event_type")))
                .findFirst()
                .orElseThrow();
        assertEquals("other-port", drop.cause());
        assertEquals("other-port", event.get("cause"));
        assertEquals(drop.explanation(), event.get("explanation"));
        assertTrue(why.get(0).endsWith(": " + drop.explanation() + "."), why.toString());
        assertTrue(
                stage.log.stream().anyMatch(line -> line.endsWith("port 50090: " + drop.explanation())),
                stage.log.toString());
    }

    /** A flood is looked up at a bounded rate; what is not looked up has its reason and is counted. */
    @Test
    void shouldCountEveryDropOfAFloodAndLookUpAFew() {
        final Stage stage = new Stage(null);
        stage.talk(1).dump("/home", "1", STREAMS);
        final int flood = 5000;
        for (int i = 0; i < flood; i++) {
            stage.tcp(false, 10_000 + i, TcpView.SYN, 1, 0, 0);
            if (i % 1000 == 999) {
                stage.settle();
            }
        }
        stage.settle();

        final List<RecentDrop> drops = stage.telemetry.drops().recent(flood);
        assertEquals(RecentDrops.CAPACITY, drops.size());
        assertEquals(0, stage.telemetry.lost());
        assertEquals("none", drops.get(0).cause());
        stage.later(2 * Stage.SECOND);
        stage.tcp(false, 10_000 + flood - 1, TcpView.SYN, 1, 0, 0);
        assertStartsWith("the nearest expectation was port", lastDrop(stage));
    }
}
