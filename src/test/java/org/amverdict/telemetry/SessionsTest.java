package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.amverdict.engine.EngineFixture;
import org.amverdict.packet.TcpView;
import org.amverdict.telemetry.Session.Outcome;
import org.amverdict.telemetry.Session.StreamState;
import org.junit.jupiter.api.Test;

/** The story of a transaction, from its packets. */
final class SessionsTest {
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
                                6 * 40,
                                3 * 1040 + 3 * 40,
                                3 * Stage.SECOND,
                                Stage.SECOND),
                        new Session.Stream(
                                "MESG",
                                50_082,
                                StreamState.CONNECTED,
                                2 * Stage.MILLI + 3 * Stage.SECOND,
                                Stage.CONNECTOR,
                                40,
                                40,
                                -1,
                                0),
                        new Session.Stream("INDEX", 50_083, StreamState.PENDING, -1, 0, -1, -1, -1, -1)),
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
    void shouldKeepAStreamConnectedOfWhichOnlyTheSynIsSeen() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);

        stage.keepHouse(121 * Stage.SECOND);

        final Session.Stream data = only().streams().get(0);
        assertEquals(StreamState.CONNECTED, data.state());
        assertEquals(40, data.originalBytes());
        assertEquals(-1, data.replyBytes());
        assertEquals(-1, data.longestGapNanos());
        assertEquals(-1, data.durationNanos());
    }

    @Test
    void shouldAwaitARefusedConnectionOnceMore() {
        stage.talk(1).dump("/home", "0", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.tcp(true, 50_081, TcpView.RST | TcpView.ACK, 0, 1001, 0);

        assertEquals(StreamState.PENDING, only().streams().get(0).state());
        stage.tcp(false, 50_081, TcpView.SYN, 2000, 0, 0);
        assertEquals(StreamState.CONNECTED, only().streams().get(0).state());
        stage.tcp(true, 50_081, TcpView.RST | TcpView.ACK, 0, 2001, 0);
        assertEquals(StreamState.CLOSED, only().streams().get(0).state());
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
        for (int i = 1; i <= Sessions.CAPACITY; i++) {
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
        assertEquals(Sessions.CAPACITY, sessions.size());
        assertEquals(1, stage.telemetry.sessionsForgotten());
        assertEquals(Sessions.CAPACITY + 1, sessions.get(0).id());
        assertEquals(1, sessions.get(sessions.size() - 1).id(), "that one is not finished");
        assertEquals(3, sessions.get(sessions.size() - 2).id());
        assertEquals(2, stage.telemetry.sessions().recent(2).size());
    }
}
