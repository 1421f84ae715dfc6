package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.track.Endings;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;

/** What random interleavings (P9) found that broke honest connections beside forged packets, each once more by itself. */
final class HonestBesideForgedTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final int SERVERS = 3;
    private static final int CLIENTS = 4;
    private static final int CLIENTS_AGAIN = 9;
    private static final int ELSEWHERE = 5;
    private static final int FLOWS = 32;
    private static final TableLimits SMALL = new TableLimits(
            new TableLimits.Transactions(64, 32, 3600 * SECOND),
            new TableLimits.Expectations(64, 32, 180 * SECOND, 5),
            new TableLimits.Flows(FLOWS, 86_400 * SECOND));

    private final Exchange backup = Exchange.of("sendbackup");
    private final TcpSegments bsdtcp = TcpSegments.of(backup, EngineFixture.CONTROL);
    private EngineFixture fixture = new EngineFixture(EngineFixture.settings(EngineFixture.policy()), SMALL);
    private long now = SECOND;

    private String forth(final byte[] packet, final int servers, final int clients) {
        fixture.interfaces(servers, clients);
        return fixture.send(packet, now).summary();
    }

    private String back(final byte[] packet, final int clients) {
        fixture.interfaces(clients, SERVERS);
        return fixture.send(packet, now).summary();
    }

    private void establish() {
        assertEquals("accept control-tcp", forth(bsdtcp.syn(), SERVERS, CLIENTS));
        assertEquals("accept established", back(bsdtcp.synAck(), CLIENTS));
        assertEquals("accept established", forth(bsdtcp.forth(TcpView.ACK, 0, 0, 0), SERVERS, CLIENTS));
    }

    private void recreate() {
        fixture.tables().interfaces().publish(new int[] {SERVERS, CLIENTS_AGAIN, ELSEWHERE});
    }

    @Test
    void shouldGoOnWithAHandshakeOverALinkThatIsSetUpAgain() {
        fixture.tables().interfaces().publish(new int[] {SERVERS, CLIENTS, ELSEWHERE});
        assertEquals("accept control-tcp", forth(bsdtcp.syn(), SERVERS, CLIENTS));

        recreate();

        assertEquals("drop no-flow", back(bsdtcp.startingAt(7, 7).synAck(), CLIENTS_AGAIN), "it answers another SYN");
        assertEquals("accept established", back(bsdtcp.synAck(), CLIENTS_AGAIN));
        assertEquals("accept established", forth(bsdtcp.forth(TcpView.ACK, 0, 0, 0), SERVERS, CLIENTS_AGAIN));
    }

    @Test
    void shouldLearnFromARepeatedSynWhereItGoesOutNow() {
        fixture.tables().interfaces().publish(new int[] {SERVERS, CLIENTS, CLIENTS_AGAIN});
        assertEquals("accept control-tcp", forth(bsdtcp.syn(), SERVERS, CLIENTS));

        assertEquals("accept established", forth(bsdtcp.syn(), SERVERS, CLIENTS_AGAIN), "the route has changed");

        assertEquals("accept established", back(bsdtcp.synAck(), CLIENTS_AGAIN));
    }

    /** After a reboot nobody knows which interface has which number; a forged RST must not say so. */
    @Test
    void shouldNotLearnASideFromAPacketThatIsWrongInTheRest() {
        establish();
        final EngineFixture after = new EngineFixture(EngineFixture.settings(EngineFixture.policy()), SMALL);
        final Scratch scratch = new Scratch(Endings.NONE);
        fixture.tables()
                .flows()
                .save(now, row -> after.tables().flows().restore(scratch, row, 0, /* keepSides= */ false, now));
        fixture = after;

        back(bsdtcp.startingAt(123_456_789, 987_654_321).back(TcpView.RST | TcpView.ACK, 0, 0, 0), ELSEWHERE);

        assertEquals("accept established", back(bsdtcp.back(TcpView.ACK, 0, 0, 100), CLIENTS));
        assertEquals("drop no-flow", back(bsdtcp.back(TcpView.ACK, 100, 0, 100), ELSEWHERE), "it is known now");
    }

    /** Whoever forges a SYN can forge the segment after it as well, and need not see the answer. */
    @Test
    void shouldNotBelieveAForgedHandshake() {
        assertEquals("accept control-tcp", forth(bsdtcp.syn(), SERVERS, CLIENTS));
        forth(bsdtcp.forth(TcpView.ACK, 0, 123_456_789, 0), SERVERS, CLIENTS);

        fixture.engine().housekeep(now + 121 * SECOND, FLOWS);

        assertEquals(0, fixture.tables().flows().size(), "nobody has answered");
    }

    /** Spoofed hosts ask for so many connections, and the client answers them, that the table is full over and over. */
    @Test
    void shouldKeepWhatIsUnderWayInAFloodOfForgedSyns() {
        establish();
        assertEquals("accept request", forth(backup.request(), SERVERS, CLIENTS));
        assertEquals("accept reply", back(backup.reply("CONNECT DATA 2001 MESG 2002 INDEX -1"), CLIENTS));
        final TcpSegments data = TcpSegments.of(backup, 2001);
        assertEquals("accept expected", forth(data.syn(), SERVERS, CLIENTS));
        for (int i = 0; i < 50 * FLOWS; i++) {
            final int port = 1024 + i;
            final byte[] syn = PacketBuilder.ip(backup.requester(), backup.responder())
                    .tcp(port, EngineFixture.CONTROL, TcpView.SYN, i, 0, new byte[0], new byte[0]);
            final byte[] answer = PacketBuilder.ip(backup.responder(), backup.requester())
                    .tcp(EngineFixture.CONTROL, port, TcpView.SYN | TcpView.ACK, i, i + 1, new byte[0], new byte[0]);
            assertEquals("accept control-tcp", forth(syn, ELSEWHERE, CLIENTS));
            back(answer, CLIENTS);
        }

        assertEquals("accept established", back(data.synAck(), CLIENTS), "announced, and not answered yet");
        assertEquals("accept established", back(bsdtcp.back(TcpView.ACK, 0, 0, 100), CLIENTS));
    }
}
