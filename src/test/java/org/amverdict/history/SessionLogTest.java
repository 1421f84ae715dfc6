package org.amverdict.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineSettings;
import org.amverdict.events.Ends;
import org.amverdict.events.EventLoss;
import org.amverdict.events.EventRecord;
import org.amverdict.events.EventRing;
import org.amverdict.events.StreamCounts;
import org.amverdict.events.TrackedConnection;
import org.amverdict.events.WallClock;
import org.amverdict.history.Session.Outcome;
import org.amverdict.history.Session.StreamState;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.telemetry.SampleSources;
import org.amverdict.telemetry.SharedFigures;
import org.amverdict.telemetry.Stage;
import org.amverdict.telemetry.Telemetry;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.TrackTestAccess;
import org.junit.jupiter.api.Test;

/** The story of a transaction, from its packets. */
public final class SessionLogTest {
    private static final String STREAMS = "DATA 50081 MESG 50082 INDEX 50083";

    private final Stage stage = new Stage(null);

    private List<Session> sessions() {
        return stage.settle().telemetry.sessions().recent(100);
    }

    private Session only() {
        final List<Session> sessions = sessions();
        assertEquals(1, sessions.size());
        return sessions.get(0);
    }

    @Test
    void shouldTellWhatBecameOfADump() {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.later(2 * Stage.MILLI);
        stage.carry(50_081, 3);
        stage.tcp(false, 50_082, TcpView.SYN, 1, 0, 0);
        stage.tcp(true, 50_082, TcpView.SYN | TcpView.ACK, 1, 2, 0);

        final Session session = only();

        assertEquals(1, session.id());
        assertEquals(EngineFixture.SERVER + " 844", session.requester() + " " + session.requesterPort());
        assertEquals(EngineFixture.CLIENT + " 10080", session.responder() + " " + session.controlPort());
        assertEquals("sendbackup 000-00000001", session.service() + " " + session.handle());
        assertEquals(List.of("/home"), session.disks());
        assertEquals("1", session.level());
        assertEquals(Stage.EPOCH.toEpochMilli() * Stage.MILLI, session.requestEpochNanos());
        assertEquals(3 * Stage.MILLI, session.ackDelayNanos());
        assertEquals(200 * Stage.MILLI, session.replyDelayNanos());
        assertEquals(Outcome.REPLIED, session.outcome());
        assertNull(session.refusal());
        // 6 packets of 40 bytes there; 3 segments and 3 bare packets back.
        assertEquals(
                List.of(
                        new Session.Stream(
                                "DATA",
                                50_081,
                                StreamState.CLOSED,
                                2 * Stage.MILLI,
                                Stage.CONNECTOR,
                                0,
                                6 * 40,
                                3 * 1040 + 3 * 40,
                                3 * Stage.SECOND,
                                Stage.SECOND,
                                "finished",
                                "connected 2 ms after the REP, 3.4 kB (longest silence 1.0 s), finished after 3.0 s"),
                        new Session.Stream(
                                "MESG",
                                50_082,
                                StreamState.CONNECTED,
                                2 * Stage.MILLI + 3 * Stage.SECOND,
                                Stage.CONNECTOR,
                                0,
                                40,
                                40,
                                -1,
                                0,
                                "",
                                "connected 3.0 s after the REP, open, 80 B"),
                        new Session.Stream(
                                "INDEX",
                                50_083,
                                StreamState.PENDING,
                                -1,
                                0,
                                0,
                                -1,
                                -1,
                                -1,
                                -1,
                                "",
                                "announced 3.0 s ago; no SYN came yet")),
                session.streams());
    }

    @Test
    void shouldShowTheSilenceThatLastsStill() {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 50_082, TcpView.SYN, 1, 0, 0);
        stage.tcp(true, 50_082, TcpView.SYN | TcpView.ACK, 1, 2, 0);
        stage.tcp(false, 50_082, TcpView.ACK, 2, 2, 0);
        stage.later(4000 * Stage.SECOND);

        assertEquals(4000 * Stage.SECOND, only().streams().get(1).longestGapNanos());
    }

    @Test
    void shouldSayWhichStreamNeverCame() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.carry(50_081, 1);

        stage.keepHouse(181 * Stage.SECOND);

        assertEquals(
                List.of(StreamState.CLOSED, StreamState.NEVER, StreamState.NEVER),
                only().streams().stream().map(Session.Stream::state).toList());
    }

    /** In gate placement nothing more is seen of a connection, which may go on for hours. */
    @Test
    void shouldNotCallAStreamConnectedOfWhichOnlyTheSynIsSeen() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);

        stage.keepHouse(121 * Stage.SECOND);

        final Session.Stream data = only().streams().get(0);
        assertEquals(StreamState.LET_THROUGH, data.state());
        assertEquals(1, data.syns());
        assertEquals(-1, data.originalBytes(), "the SYN is not what it carries");
        assertEquals(-1, data.replyBytes());
        assertEquals(-1, data.longestGapNanos());
        assertEquals(-1, data.durationNanos());
        assertEquals(
                "let through 0 s after the REP; what answers it is not queued, so whether it answered is not known, last"
                        + " heard of 2 min ago",
                data.explanation());
    }

    /** The client's own firewall drops TCP: the server's kernel repeats the SYN after 1 s and 3 s. */
    @Test
    void shouldSayThatNobodyAnsweredARepeatedSyn() {
        stage.talk(1).dump("/home", "0", STREAMS);
        repeatSyn();

        final Session.Stream waiting = only().streams().get(0);
        assertEquals(StreamState.LET_THROUGH, waiting.state());
        assertEquals(3, waiting.syns());
        assertTrue(waiting.explanation().contains("let through 3 times"), waiting.explanation());
        assertTrue(
                waiting.explanation().contains("nobody answered: look at the client 198.51.100.20"),
                waiting.explanation());

        stage.keepHouse(121 * Stage.SECOND);

        assertEquals(StreamState.NO_ANSWER, only().streams().get(0).state());
        assertEquals(3, only().streams().get(0).syns());
        assertTrue(only().streams().get(0).explanation().contains("look at the client"), only().toString());
        assertEquals(new Dumps(0, 0), stage.telemetry.dumps());
    }

    private void repeatSyn() {
        for (final int pause : new int[] {1, 2, 0}) {
            stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
            stage.later(pause * Stage.SECOND);
        }
    }

    /** One direction is routed past the firewall: what is seen are no repetitions of the SYN. */
    @Test
    void shouldNotTakeTheDataOfOneDirectionForRepeatedSyns() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.later(10 * Stage.MILLI);
        stage.tcp(false, 50_081, TcpView.ACK, 1001, 5001, 0);
        stage.later(5 * Stage.SECOND);
        stage.tcp(false, 50_081, TcpView.ACK, 1001, 5001, 300);

        final Session.Stream data = only().streams().get(0);
        assertEquals(0, data.syns());
        assertTrue(data.explanation().contains("3 packets let through"), data.explanation());
        assertTrue(!data.explanation().contains("nobody answered"), data.explanation());
    }

    @Test
    void shouldAwaitARefusedConnectionOnceMore() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.tcp(true, 50_081, TcpView.RST | TcpView.ACK, 0, 1001, 0);

        assertEquals(StreamState.PENDING, only().streams().get(0).state());
        assertTrue(only().streams().get(0).explanation().contains("answered with RST"), only().toString());
        stage.tcp(false, 50_081, TcpView.SYN, 2000, 0, 0);
        assertEquals(StreamState.LET_THROUGH, only().streams().get(0).state());
        stage.tcp(true, 50_081, TcpView.RST | TcpView.ACK, 0, 2001, 0);
        assertEquals(StreamState.REFUSED, only().streams().get(0).state());
    }

    @Test
    void shouldTellHowARequestEnded() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("noop"));
        stage.talk(2).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(2).back("NAK", "ERROR busy\n");
        stage.talk(3).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(3).back("REP", "CONNECT DATA 22 MESG 23 INDEX 24\n");
        stage.talk(4).forth("REQ", EngineFixture.requestBody("selfcheck"));
        stage.talk(4).back("REP", "OK\n");
        assertEquals(
                List.of(Outcome.REPLIED, Outcome.REFUSED, Outcome.NAK, Outcome.OPEN),
                sessions().stream().map(Session::outcome).toList());
        assertEquals("port", sessions().get(1).refusal());
        assertEquals(List.of(), sessions().get(1).streams());

        stage.keepHouse(6 * 3600 * Stage.SECOND + 1);

        assertEquals(Outcome.EXPIRED, sessions().get(3).outcome());
    }

    private String explanation() {
        return only().explanation();
    }

    private static void assertSays(final String text, final String... parts) {
        for (final String part : parts) {
            assertTrue(text.contains(part), "'" + part + "' in: " + text);
        }
    }

    @Test
    void shouldSayHowOftenARequestPassedThatNobodyAnswers() {
        final Stage.Talk talk = stage.talk(1);
        final String body = EngineFixture.requestBody("sendbackup");
        talk.forth("REQ", body);
        assertSays(explanation(), "no answer was seen yet");

        stage.later(10 * Stage.SECOND);
        talk.forth("REQ", body);
        stage.later(10 * Stage.SECOND);
        talk.forth("REQ", body);
        stage.later(3 * Stage.SECOND);

        assertEquals(3, only().requests());
        assertSays(
                explanation(),
                "let through 3 times, the last 3.0 s ago; no answer came back: look at the client 198.51.100.20");
    }

    @Test
    void shouldSayThatTheAnswerNeverCame() {
        final Stage.Talk talk = stage.talk(1);
        talk.forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.later(3 * Stage.MILLI);
        talk.back("ACK", "");
        stage.later(20 * Stage.SECOND);
        assertSays(explanation(), "acknowledged after 3 ms, waiting for the REP");

        stage.later(50 * Stage.SECOND);

        assertSays(
                explanation(),
                "acknowledged after 3 ms; the answer never came here in 70 s: look at the client 198.51.100.20");
        assertEquals(Outcome.OPEN, only().outcome());
    }

    /** An estimate takes as long as the disks need: no alarm before the time that Amanda gives to one. */
    @Test
    void shouldWaitLongerForAnEstimate() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendsize"));
        stage.talk(1).back("ACK", "");
        stage.later(250 * Stage.SECOND);
        assertSays(explanation(), "waiting for the REP");
        stage.later(100 * Stage.SECOND);
        assertSays(explanation(), "the answer never came here", "estimates of large disks take long");
    }

    @Test
    void shouldSayThatTheAckOfTheResponderIsLost() {
        final Stage.Talk talk = stage.talk(1);
        final String body = EngineFixture.requestBody("sendbackup");
        for (int i = 0; i < 3; i++) {
            talk.forth("REQ", body);
            talk.back("ACK", "");
            stage.later(10 * Stage.SECOND);
        }

        assertSays(
                explanation(),
                "yet the server 192.0.2.10 asked 2 times more: the ACK is lost behind this firewall on its way");
    }

    @Test
    void shouldSayThatAReplyWasNeverAcknowledged() {
        final Stage.Talk talk = stage.talk(1);
        talk.forth("REQ", EngineFixture.requestBody("sendbackup"));
        talk.back("ACK", "");
        talk.back("REP", "CONNECT " + STREAMS + "\nOPTIONS features=ff;\n");
        assertSays(explanation(), "answered after 0 s with 3 streams, not acknowledged yet");
        for (int i = 0; i < 2; i++) {
            stage.later(10 * Stage.SECOND);
            talk.back("REP", "CONNECT " + STREAMS + "\nOPTIONS features=ff;\n");
        }

        assertEquals(3, only().replies());
        assertTrue(!only().acknowledged());
        assertEquals(3, only().streams().size());
        assertSays(
                explanation(),
                "never acknowledged: the REP passed 3 times and was lost behind this firewall on its way to the server"
                        + " 192.0.2.10, or refused there");

        // It was heard after all: the ACK alone was lost.
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        assertTrue(!explanation().contains("never acknowledged"), explanation());
    }

    /** The responder's words come with its REP, before any ACK: that it failed is the news, not that the ACK is due. */
    @Test
    void shouldSayThatTheClientAnsweredWithAnError() {
        final Stage.Talk talk = stage.talk(1);
        talk.forth("REQ", EngineFixture.requestBody("sendbackup"));
        talk.back("REP", "ERROR [can not stat /home: No such file or directory]\n");

        assertEquals(
                "answered with an error after 0 s; the client 198.51.100.20 says: \"ERROR [can not stat /home: No such file or"
                        + " directory]\"",
                explanation());
        assertTrue(only().failed());
        talk.forth("ACK", "");
        assertSays(explanation(), "answered with an error after 0 s; the client 198.51.100.20 says: ");
        assertTrue(only().failed());
    }

    @Test
    void shouldSayThatPortsOfAReplyWithAnErrorStayClosed() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(1).back("REP", "CONNECT " + STREAMS + "\nERROR service sendbackup failed: exited with code 1\n");

        assertSays(
                explanation(),
                "answered with an error after 0 s, so the ports in its REP stay closed; the client 198.51.100.20 says: ");
        assertTrue(only().failed());
    }

    /** As soon as why says so, and no later. */
    @Test
    void shouldCallARequestFailedWhenAmandaWouldAskAgain() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("noop"));
        stage.later(9 * Stage.SECOND);
        assertTrue(!only().failed());
        stage.later(Stage.SECOND);
        assertTrue(only().failed(), explanation());
        assertSays(explanation(), "no answer came back");

        stage.talk(1).back("ACK", "");
        assertTrue(!only().failed(), explanation());
        stage.later(29 * Stage.SECOND);
        assertTrue(!only().failed(), explanation());
        stage.later(Stage.SECOND);
        assertTrue(only().failed(), explanation());

        stage.talk(1).back("REP", "OPTIONS features=ff;\n");
        assertTrue(!only().failed(), explanation());
        stage.later(10 * Stage.SECOND);
        assertTrue(only().failed(), "the REP is not acknowledged: " + explanation());
        stage.talk(1).forth("ACK", "");
        assertTrue(!only().failed(), explanation());
    }

    /** A stream that is not over may be in trouble already. */
    @Test
    void shouldCallADumpFailedWhoseSynNobodyAnswers() {
        stage.talk(1).dump("/home", "0", STREAMS);
        assertTrue(!only().failed());
        repeatSyn();
        assertTrue(only().failed(), data().explanation());
    }

    @Test
    void shouldSayHowATransactionEndedWithoutAReply() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("noop"));
        stage.keepHouse(6 * 3600 * Stage.SECOND + 1);

        assertSays(explanation(), "let through once, never answered; no REP came in the time that Amanda waits");
    }

    /** A SYN/ACK that comes another way is dropped: then it is not so that nobody answered. */
    @Test
    void shouldNotSayThatNobodyAnsweredTheSynWhenTheAnswerWasDropped() {
        stage.talk(1).dump("/home", "0", STREAMS);
        repeatSyn();
        stage.engine.interfaces(77, 78);
        stage.tcp(true, 50_081, TcpView.SYN | TcpView.ACK, 5000, 1001, 0);

        assertSays(data().explanation(), "1 answer came and was dropped, from 198.51.100.20");
    }

    private void strangeSyn(final String source, final int port) {
        stage.send(PacketBuilder.ip(source, EngineFixture.CLIENT)
                .tcp(Stage.CONNECTOR, port, TcpView.SYN, 1, 0, new byte[0], new byte[0]));
    }

    /** The server connects from its second address: that is no reason to look for rules before the queue. */
    @Test
    void shouldNotSayThatNoSynCameWhenOneWasDropped() {
        stage.talk(1).dump("/home", "0", STREAMS);
        strangeSyn("192.0.2.11", 50_081);
        final String came = "1 SYN came and was dropped, from 192.0.2.11: that port was announced to 192.0.2.10, so"
                + " it is expected from there, not from 192.0.2.11";
        assertEquals("announced 0 s ago; " + came, data().explanation());

        stage.later(Stage.SECOND);
        strangeSyn("192.0.2.11", 50_081);
        stage.keepHouse(181 * Stage.SECOND);

        assertEquals(StreamState.NEVER, data().state());
        assertEquals(
                "announced 3 min ago, expired; 2 SYNs came and were dropped, the last one from 192.0.2.11: that port"
                        + " was announced to 192.0.2.10, so it is expected from there, not from 192.0.2.11",
                data().explanation());
        assertSays(only().streams().get(1).explanation(), "no SYN reached the queue in that time: look at the server");
        strangeSyn("192.0.2.11", 50_081);
        assertSays(data().explanation(), "2 SYNs came");
    }

    @Test
    void shouldSayThatASynCameFromAPortThatAmandaDoesNotConnectFrom() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.send(PacketBuilder.ip(EngineFixture.SERVER, EngineFixture.CLIENT)
                .tcp(80, 50_081, TcpView.SYN, 1, 0, new byte[0], new byte[0]));

        assertSays(data().explanation(), "1 SYN came and was dropped, from 192.0.2.10: that port is expected, but not");
    }

    @Test
    void shouldSayThatASynPassedInMonitorModeThatWasNotExpected() {
        final Stage monitor = new Stage(
                null,
                EngineSettings.builder(EngineFixture.policy()).enforce(false).conclude());
        monitor.talk(1).dump("/home", "0", STREAMS);
        monitor.send(PacketBuilder.ip("192.0.2.11", EngineFixture.CLIENT)
                .tcp(Stage.CONNECTOR, 50_081, TcpView.SYN, 1, 0, new byte[0], new byte[0]));

        assertSays(
                monitor.settle()
                        .telemetry
                        .sessions()
                        .recent(1)
                        .get(0)
                        .streams()
                        .get(0)
                        .explanation(),
                "1 SYN came and would have been dropped (mode monitor), from 192.0.2.11: that port was announced to");
    }

    /** What became of the SYNs whose records did not fit is not known, so nothing is claimed of them. */
    @Test
    void shouldNotSayThatNoSynCameWhenRecordsOfDropsWereLost() {
        stage.talk(1).dump("/home", "0", STREAMS);
        for (int i = 0; i < 2 * EventRing.CAPACITY; i++) {
            stage.tcp(false, 20_000, TcpView.SYN, 1, 0, 0);
        }
        stage.keepHouse(181 * Stage.SECOND);

        assertSays(data().explanation(), "no SYN is on record, but records of drops were lost in that time");
    }

    @Test
    void shouldNotSayThatNobodyAnsweredWhenTheAnswerWasDropped() {
        final Stage.Talk talk = stage.talk(1);
        talk.forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.send(EngineFixture.udp(
                "198.51.100.25",
                EngineFixture.CONTROL,
                EngineFixture.SERVER,
                844,
                EngineFixture.message("ACK", talk.handle(), talk.sequence(), "")));
        final String came = "1 answer came and was dropped, from 198.51.100.25: 198.51.100.25 answered in place of"
                + " 198.51.100.20, which was asked";
        assertEquals("let through once; " + came, explanation());

        stage.keepHouse(6 * 3600 * Stage.SECOND + 1);

        assertEquals("let through once; " + came, explanation());
    }

    /** A packet that nobody could read may have been the answer. */
    @Test
    void shouldNotSayThatNobodyAnsweredWhenWhatCameCouldNotBeRead() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.send(EngineFixture.udp(
                EngineFixture.CLIENT, EngineFixture.CONTROL, EngineFixture.SERVER, 844, new byte[] {1, 2, 3}));
        stage.later(30 * Stage.SECOND);

        assertSays(explanation(), "1 answer came and was dropped, from 198.51.100.20: it cannot be read as an answer");
    }

    private static final String NAK = "ERROR user amandabackup from backup.example.com is not allowed to execute the"
            + " service sendbackup: Please add the line \"backup.example.com amandabackup amdump\" to"
            + " /var/lib/amanda/.amandahosts on the client";

    @Test
    void shouldTellTheWordsOfTheResponder() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(1).back("NAK", NAK + "\n");

        assertEquals(NAK, only().text());
        assertSays(explanation(), "the client 198.51.100.20 refused it (NAK)", "says: \"" + NAK + "\"");
        assertTrue(
                stage.settle()
                        .telemetry
                        .why()
                        .answer(Stage.address(Stage.SERVER), Stage.address(Stage.CLIENT), 10_080)
                        .sentences()
                        .get(0)
                        .contains(".amandahosts on the client"),
                "why tells it too");
    }

    @Test
    void shouldTellTheErrorLinesOfAReply() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("selfcheck"));
        stage.talk(1)
                .back(
                        "REP",
                        "OPTIONS features=ff;\nOK /home\nERROR [can not read /etc/shadow]\nOK /var\nERROR [no tar]\n"
                                + "ERROR three\nERROR four");
        stage.talk(1).forth("ACK", "");

        assertEquals("ERROR [can not read /etc/shadow] / ERROR [no tar] / ERROR three...", only().text());
        assertEquals(Outcome.REPLIED, only().outcome());
    }

    /** Attack A23: what a hostile client says must not reach the terminal as it is. */
    @Test
    void shouldEscapeAndCapTheWordsOfTheResponder() {
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(1).back("NAK", "ERROR \u001b]0;owned\u0007\u009b2J\r\n\n" + "x".repeat(5000) + "\nmore");

        final String text = String.valueOf(only().text());
        assertTrue(text.startsWith("ERROR \\x1b]0;owned\\x07\\x9b2J\\x0d / xxx"), text);
        assertTrue(text.endsWith("xxx..."), text);
        assertTrue(text.length() < 400 && text.chars().allMatch(c -> c >= ' ' && c <= '~'), text);
    }

    public static TrackedConnection tracked(
            final TrackedConnection.Kind kind, final int port, final long originalBytes, final long replyBytes) {
        final long server = 0xffff_c000_020aL;
        final long client = 0xffff_c633_6414L;
        final boolean counted = replyBytes >= 0;
        return new TrackedConnection(
                kind,
                new Ends(new IpAddress(0, server), Stage.CONNECTOR, new IpAddress(0, client), port),
                new StreamCounts(
                        counted ? originalBytes / 40 : TrackedConnection.NOT_MEASURED,
                        originalBytes,
                        counted ? replyBytes / 40 : TrackedConnection.NOT_MEASURED,
                        replyBytes));
    }

    private Session.Stream data() {
        return only().streams().get(0);
    }

    /** Placement gate with ctnetlink: the queue sees the SYN, the kernel tells the rest. */
    @Test
    void shouldLearnFromConnectionTrackingHowAStreamGoesOn() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        // Before the reader has seen the SYN.
        stage.telemetry.tracked(tracked(TrackedConnection.Kind.ANSWERED, 50_081, -1, -1));
        stage.later(20 * Stage.MILLI);

        assertEquals(StreamState.CONNECTED, data().state());
        assertEquals(new Dumps(1, 0), stage.telemetry.dumps());
        stage.keepHouse(3600 * Stage.SECOND);
        assertEquals(StreamState.CONNECTED, data().state(), "its record in the table is gone long ago");
        assertEquals(new Dumps(1, 0), stage.telemetry.dumps());
        assertSays(data().explanation(), "open, what it carries is not queued, last heard of");

        stage.telemetry.tracked(tracked(TrackedConnection.Kind.FINISHED, 50_081, 4_000, 8_000_000));
        stage.later(Stage.SECOND);

        assertEquals(StreamState.CLOSED, data().state());
        assertEquals(4_000, data().originalBytes());
        assertEquals(8_000_000, data().replyBytes());
        assertEquals("connected 0 s after the REP, 8.0 MB, finished after 60 min", data().explanation());
        assertEquals(new Dumps(0, 0), stage.telemetry.dumps());
    }

    @Test
    void shouldSayThatBytesAreNotCountedWhereTheKernelDoesNot() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.settle();
        stage.telemetry.tracked(tracked(TrackedConnection.Kind.ANSWERED, 50_081, -1, -1));
        stage.later(Stage.SECOND);
        stage.telemetry.tracked(tracked(TrackedConnection.Kind.FINISHED, 50_081, -1, -1));
        stage.later(Stage.SECOND);

        assertEquals(-1, data().originalBytes());
        assertEquals("connected 0 s after the REP, bytes not counted, finished after 1.0 s", data().explanation());
    }

    @Test
    void shouldLearnFromConnectionTrackingThatAStreamCameToNothing() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.tcp(false, 50_082, TcpView.SYN, 1000, 0, 0);
        stage.settle();
        stage.telemetry.tracked(tracked(TrackedConnection.Kind.RESET, 50_081, 40, 40));
        stage.telemetry.tracked(tracked(TrackedConnection.Kind.TIMED_OUT, 50_082, 40, 0));
        stage.later(Stage.SECOND);

        assertEquals(StreamState.REFUSED, data().state());
        assertSays(data().explanation(), "the client 198.51.100.20 answered with RST: nothing listens on port 50081");
        assertEquals(StreamState.NO_ANSWER, only().streams().get(1).state());
        stage.keepHouse(130 * Stage.SECOND);
        assertEquals(StreamState.REFUSED, data().state(), "the end that the table tells later changes nothing");
    }

    /** Who connects may give up with a RST: then nobody has refused it. */
    @Test
    void shouldNotSayThatTheClientRefusedWhatTheServerGaveUp() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.settle();
        stage.telemetry.tracked(tracked(TrackedConnection.Kind.RESET, 50_081, 80, 0));
        stage.later(Stage.SECOND);

        assertEquals(StreamState.NO_ANSWER, data().state());
        assertSays(data().explanation(), "the server 192.0.2.10 gave up, nobody had answered");
    }

    /** Placement inline: what the engine saw stands; a connection that is no longer queued is counted by the kernel. */
    @Test
    void shouldPreferWhatTheEngineSawToWhatConnectionTrackingSays() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.carry(50_081, 3);
        stage.settle();
        stage.telemetry.tracked(tracked(TrackedConnection.Kind.RESET, 50_081, 240, 9_000));
        stage.later(Stage.SECOND);

        assertEquals("finished", data().cause());
        assertEquals(3 * Stage.SECOND, data().durationNanos());
        assertEquals(9_000, data().replyBytes(), "the larger count");
    }

    @Test
    void shouldLetGoOfWhatIsNoConnectionOfAmanda() {
        for (int i = 0; i < 2 * Tracking.WAITING_MAX; i++) {
            stage.telemetry.tracked(new TrackedConnection(
                    TrackedConnection.Kind.ANSWERED,
                    new Ends(new IpAddress(0, 1), 2, new IpAddress(0, 3), 80),
                    StreamCounts.NONE));
        }
        assertEquals(0, stage.telemetry.lost(EventLoss.CONNTRACK), "it does not even wait");
        for (int i = 0; i < 2 * Tracking.WAITING_MAX; i++) {
            stage.telemetry.tracked(tracked(TrackedConnection.Kind.ANSWERED, 22, -1, -1));
        }
        assertEquals(Tracking.WAITING_MAX, stage.telemetry.lost(EventLoss.CONNTRACK));
        stage.later(2 * Stage.SECOND);
        stage.settle();
        stage.telemetry.tracked(tracked(TrackedConnection.Kind.ANSWERED, 22, -1, -1));
        assertEquals(Tracking.WAITING_MAX, stage.telemetry.lost(EventLoss.CONNTRACK), "there is room again");
    }

    /** Not for ever: of a stream whose end nobody sees it is said when it was last heard of. */
    @Test
    void shouldNotCountADumpAsRunningForEver() {
        stage.talk(1).dump("/home", "0", STREAMS);
        for (int i = 0; i < 3; i++) {
            stage.tcp(false, 50_081 + i, TcpView.SYN, 1000, 0, 0);
        }
        stage.keepHouse(121 * Stage.SECOND);
        assertEquals(new Dumps(0, 1), stage.telemetry.dumps());
        assertTrue(only().open());

        stage.keepHouse(12 * 3600 * Stage.SECOND);

        assertEquals(new Dumps(0, 0), stage.telemetry.dumps());
        assertTrue(!only().open());
        assertSays(data().explanation(), "last heard of 12 h 2 min ago");
    }

    /** The state file has the connections, the sessions begin with none. */
    @Test
    void shouldCountTheDumpsThatRanBeforeTheStart() {
        stage.talk(1).dump("/home", "0", STREAMS);
        for (final int port : new int[] {50_081, 50_082}) {
            stage.tcp(false, port, TcpView.SYN, 1000, 0, 0);
            stage.tcp(true, port, TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
            stage.tcp(false, port, TcpView.ACK, 1001, 5001, 0);
        }
        final Telemetry next = new Telemetry(
                stage.engine.tables(),
                () -> stage.settings,
                null,
                () -> stage.now,
                new WallClock(() -> stage.now, () -> Stage.EPOCH),
                (level, line) -> {});
        stage.engine.tell(next.events());
        next.begin(new SharedFigures(new SampleSources().sources()), "10", "enforce");

        assertEquals(new Dumps(1, 0), next.dumps());
        assertSays(
                next.why()
                        .answer(Stage.address(Stage.SERVER), Stage.address(Stage.CLIENT), 50_081)
                        .sentences()
                        .get(0),
                "DATA stream that was announced before the start to port 50081",
                "answered, no end of it was seen");

        for (final int port : new int[] {50_081, 50_082}) {
            stage.tcp(true, port, TcpView.RST | TcpView.ACK, 5001, 1001, 0);
        }
        next.round(stage.now);

        assertEquals(new Dumps(0, 0), next.dumps());
        next.close();
    }

    /** After a restart without a state the engine counts from 1 again, and old connections still end. */
    @Test
    void shouldNotTellTheEndOfAnotherHostsStreamThatHasTheSameNumber() {
        final EventRecord event = new EventRecord();
        final SessionLog sessions = (SessionLog) stage.telemetry.sessions();
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.tcp(true, 50_081, TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
        stage.settle();

        event.set(TrackTestAccess.flowEnded(1, "192.0.2.99", 50_000, Stage.CLIENT, 50_081, FlowEnd.RESET), stage.now);
        sessions.event(event);
        assertEquals(StreamState.CONNECTED, data().state(), "another server's");
        event.set(
                TrackTestAccess.flowEnded(1, Stage.SERVER, 50_000, "198.51.100.77", 50_081, FlowEnd.RESET), stage.now);
        sessions.event(event);
        assertEquals(StreamState.CONNECTED, data().state(), "another client's");

        event.set(TrackTestAccess.flowEnded(1, Stage.SERVER, 50_000, Stage.CLIENT, 50_081, FlowEnd.RESET), stage.now);
        sessions.event(event);
        assertEquals(StreamState.CLOSED, data().state());
    }

    @Test
    void shouldShowTheStreamsOfTheLastReply() {
        final Stage.Talk talk = stage.talk(1);
        talk.forth("REQ", EngineFixture.requestBody("sendbackup"));
        talk.back("REP", "CONNECT DATA 50081 MESG 50082 INDEX 50083\n");
        talk.back("REP", "CONNECT DATA 50081 MESG 50092 INDEX 50093\n");
        talk.back("REP", "CONNECT DATA 50081 MESG 50092 INDEX 50093\n");

        assertEquals(
                List.of(50_081, 50_092, 50_093),
                only().streams().stream().map(Session.Stream::port).toList());
        assertEquals(StreamState.PENDING, only().streams().get(0).state());
    }

    @Test
    void shouldEscapeTextFromTheWire() {
        stage.talk(1)
                .forth("REQ", EngineFixture.requestBody("sendbackup") + Stage.Talk.dle("/caf\u00e9\u001b[31m\\", "0"));

        assertEquals(List.of("/caf\\xe9\\x1b[31m\\x5c"), only().disks());
    }

    @Test
    void shouldForgetTheOldestFinishedOne() {
        // Of another requester, so that the quota of this one does not end it.
        stage.send(EngineFixture.udp(
                Stage.CLIENT,
                844,
                Stage.SERVER,
                EngineFixture.CONTROL,
                EngineFixture.message("REQ", "000-00000000", "1", EngineFixture.requestBody("noop"))));
        for (int i = 1; i <= SessionTable.CAPACITY; i++) {
            final Stage.Talk talk = stage.talk(i);
            talk.forth("REQ", EngineFixture.requestBody("noop"));
            talk.back("REP", "OPTIONS features=ff;\n");
            stage.later(Stage.MILLI);
            if (i % 100 == 0) {
                stage.settle();
            }
        }
        stage.settle();

        final List<Session> sessions = stage.telemetry.sessions().recent(Integer.MAX_VALUE);
        assertEquals(SessionTable.CAPACITY, sessions.size());
        assertEquals(1, stage.telemetry.sessionsForgotten());
        assertEquals(SessionTable.CAPACITY + 1, sessions.get(0).id());
        assertEquals(1, sessions.get(sessions.size() - 1).id(), "that one is not finished");
        assertEquals(3, sessions.get(sessions.size() - 2).id());
        assertEquals(2, stage.telemetry.sessions().recent(2).size());
    }
}
