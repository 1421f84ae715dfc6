package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amverdict.packet.TcpView;
import org.junit.jupiter.api.Test;

/**
 * Packets that passed unseen, because the queue was full or the program did not run: what comes later shows what they were,
 * and is believed if nobody could have guessed its numbers.
 */
final class UnseenPacketsTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long HOUR = 3600 * SECOND;
    private static final long NOW = 100 * SECOND;
    private static final int PORT = 50_081;
    private static final int ACK = TcpView.ACK;
    private static final int FIN = TcpView.FIN | TcpView.ACK;
    /** One more than a mebibyte has, as large as packets of merged segments are. */
    private static final int SEVENTEEN_PACKETS = 17 << 16;

    private static final int GIBIBYTE = 1 << 30;
    private static final int RUBBISH = 777_777_777;
    private static final int OTHER_RUBBISH = 1_555_555_554;
    private static final int MORE_RUBBISH = -1_961_633_965;

    private final Exchange exchange = Exchange.of("sendbackup");
    private final EngineFixture fixture = new EngineFixture();
    private final TcpSegments stream = TcpSegments.of(exchange, PORT);
    private long now = NOW;

    private void send(final byte[] packet) {
        assertEquals("accept established", fixture.send(packet, now).summary());
    }

    private void begin() {
        fixture.send(exchange.request(), now);
        fixture.send(exchange.reply("CONNECT DATA " + PORT + " MESG 50082 INDEX 50083"), now);
        assertEquals("accept expected", fixture.send(stream.syn(), now).summary());
    }

    private void establish() {
        begin();
        send(stream.synAck());
        send(stream.forth(ACK, 0, 0, 0));
        send(stream.back(ACK, 0, 0, 1000));
        send(stream.forth(ACK, 0, 1000, 0));
        fixture.endings();
    }

    /** Both sides end the connection in the usual way, the responder first. */
    private void finish(final int responders, final int originators) {
        send(stream.back(FIN, responders, originators, 0));
        send(stream.forth(FIN, originators, responders + 1, 0));
        send(stream.back(ACK, responders + 1, originators + 1, 0));
    }

    private void assertFinished() {
        final List<String> endings = fixture.endings();
        assertTrue(endings.size() == 1 && endings.get(0).contains(" finished: "), endings::toString);
        now += 121 * SECOND;
        assertGone();
    }

    private void assertGone() {
        assertEquals(
                "drop no-flow", fixture.send(stream.forth(ACK, 0, 0, 0), now).summary());
    }

    private void assertLives() {
        assertEquals(List.of(), fixture.endings());
        now += HOUR;
        send(stream.forth(ACK, 0, 1000, 0));
    }

    @Test
    void shouldBeEstablishedByTheRespondersDataIfTheHandshakePassedUnseen() {
        begin();
        now += SECOND;
        send(stream.back(ACK, 0, 0, 1000));

        now += HOUR;
        send(stream.back(ACK, 1000, 0, 1000));
        send(stream.forth(ACK, 0, 2000, 0));
        finish(2000, 0);
        assertFinished();
    }

    @Test
    void shouldBeEstablishedByTheRespondersDataIfTheOriginatorsPassedUnseenToo() {
        begin();
        send(stream.back(ACK, SEVENTEEN_PACKETS, 517, 1000));

        now += HOUR;
        send(stream.forth(ACK, 517, SEVENTEEN_PACKETS + 1000, 0));
        finish(SEVENTEEN_PACKETS + 1000, 517);
        assertFinished();
    }

    /** As on Amanda's MESG and INDEX streams, which are silent for hours then. */
    @Test
    void shouldBeEstablishedByTheOriginatorsAcknowledgementIfTheAnswerPassedUnseen() {
        begin();
        send(stream.forth(ACK, 0, 0, 0));

        now += HOUR;
        send(stream.back(ACK, 0, 0, 1000));
        send(stream.forth(ACK, 0, 1000, 0));
        finish(1000, 0);
        assertFinished();
    }

    @Test
    void shouldBeEstablishedIfOnlyTheAnswerWasSeen() {
        for (final boolean reply : new boolean[] {false, true}) {
            final TcpSegments other = new TcpSegments(
                    stream.originator(), reply ? 2001 : 2000, stream.responder(), EngineFixture.CONTROL, 1000, 5000);
            fixture.send(other.syn(), now);
            send(other.synAck());

            send(reply ? other.back(ACK, SEVENTEEN_PACKETS, 0, 1000) : other.forth(ACK, 0, SEVENTEEN_PACKETS, 0));

            assertEquals(
                    "accept established",
                    fixture.send(other.forth(ACK, 0, SEVENTEEN_PACKETS, 0), now + HOUR)
                            .summary());
        }
    }

    @Test
    void shouldNotBeEstablishedByWhatDoesNotContinueTheSyn() {
        begin();
        final int elsewhere = RUBBISH;
        send(stream.back(ACK, elsewhere, -1, 100));
        send(stream.back(ACK, elsewhere, (1 << 14) + 1, 100));
        send(stream.back(ACK, elsewhere, elsewhere, 100));
        send(stream.forth(ACK, 1, 0, 100));
        send(stream.forth(ACK, -1, 0, 100));
        send(stream.forth(ACK, elsewhere, 0, 100));

        now += 120 * SECOND;
        assertGone();
    }

    /** Somebody can have the responder acknowledge a segment before the originator has completed the handshake. */
    @Test
    void shouldNotBeEstablishedByTheRespondersMereAcknowledgement() {
        begin();
        send(stream.synAck());
        send(stream.back(ACK, 0, 0, 0));

        now += 120 * SECOND;
        assertGone();
    }

    @Test
    void shouldEndAfterSeventeenPacketsOfTheResponderThatPassedUnseen() {
        establish();
        send(stream.back(ACK, 1000 + SEVENTEEN_PACKETS, 0, 1000));
        send(stream.forth(ACK, 0, 2000 + SEVENTEEN_PACKETS, 0));

        finish(2000 + SEVENTEEN_PACKETS, 0);

        assertFinished();
    }

    @Test
    void shouldEndAfterSeventeenPacketsOfTheOriginatorThatPassedUnseen() {
        establish();
        send(stream.forth(ACK, SEVENTEEN_PACKETS, 1000, 1000));
        send(stream.back(ACK, 1000, 1000 + SEVENTEEN_PACKETS, 0));

        finish(1000, 1000 + SEVENTEEN_PACKETS);

        assertFinished();
    }

    /** Of all that, only the FINs are seen. */
    @Test
    void shouldBelieveAFinThatIsTheFirstToBeSeenAgain() {
        establish();

        finish(1000 + SEVENTEEN_PACKETS, 0);

        assertFinished();
    }

    @Test
    void shouldBelieveAnEndThatOnlyItsAcknowledgementShows() {
        establish();
        send(stream.forth(ACK, 0, 1000 + SEVENTEEN_PACKETS, 0));

        finish(1000 + SEVENTEEN_PACKETS, 0);

        assertFinished();
    }

    @Test
    void shouldBelieveAResetAfterMuchThatPassedUnseen() {
        establish();
        send(stream.forth(ACK, 0, 1000 + SEVENTEEN_PACKETS, 0));

        send(stream.back(TcpView.RST, 1000 + SEVENTEEN_PACKETS, 0, 0));

        assertTrue(fixture.endings().get(0).contains(" reset: "));
        now += 10 * SECOND;
        assertGone();
    }

    /** A host that gives up a connection acknowledges in its RST what it has received. */
    @Test
    void shouldBelieveAResetThatIsTheFirstToBeSeenAgain() {
        establish();

        send(stream.back(TcpView.RST | ACK, 1000 + SEVENTEEN_PACKETS, 0, 0));

        assertTrue(fixture.endings().get(0).contains(" reset: "));
    }

    /** Any number of bytes, however often the numbers went round. */
    @Test
    void shouldEndAfterAnyNumberOfBytesThatPassedUnseen() {
        for (int quarters = 1; quarters < 16; quarters++) {
            final TcpSegments other = new TcpSegments(
                    stream.originator(), 2000 + quarters, stream.responder(), EngineFixture.CONTROL, 1000, 5000);
            fixture.send(other.syn(), now);
            send(other.synAck());
            send(other.forth(ACK, 0, 0, 0));
            fixture.endings();
            final int unseen = quarters * (GIBIBYTE / 4) + 12_345;

            send(other.back(FIN, unseen, 0, 0));
            send(other.forth(FIN, 0, unseen + 1, 0));
            send(other.back(ACK, unseen + 1, 1, 0));

            final List<String> endings = fixture.endings();
            assertTrue(endings.size() == 1 && endings.get(0).contains(" finished: "), quarters + ": " + endings);
        }
    }

    @Test
    void shouldEndAfterAGibibyteOfBothSidesThatPassedUnseen() {
        establish();
        send(stream.back(ACK, GIBIBYTE, GIBIBYTE, 1000));
        send(stream.forth(ACK, GIBIBYTE, GIBIBYTE + 1000, 1000));

        finish(GIBIBYTE + 1000, GIBIBYTE + 1000);

        assertFinished();
    }

    /** The FIN itself is what the other side's acknowledgement finds again. */
    @Test
    void shouldEndIfOnlyTheFinsOfBothSidesAreSeenAgain() {
        establish();

        finish(GIBIBYTE, GIBIBYTE);

        assertFinished();
    }

    /** Where interfaces do not tell the sides apart, one who forges both could do the same. */
    @Test
    void shouldFindAFlowAgainOnlyIfTheSidesAreApart() {
        fixture.interfaces(1, 1);
        establish();

        finish(GIBIBYTE, GIBIBYTE);

        assertLives();
    }

    /** Each of them has a number that nobody else knows, or it does not count. */
    @Test
    void shouldNotMoveByWhatWasForged() {
        establish();
        send(stream.forth(ACK, RUBBISH, RUBBISH, 0));
        send(stream.forth(ACK, 1, OTHER_RUBBISH, 0));
        send(stream.forth(ACK, -1, OTHER_RUBBISH, 0));
        send(stream.back(ACK, MORE_RUBBISH, 1, 0));
        send(stream.back(ACK, MORE_RUBBISH, -1, 0));
        for (final int at : new int[] {RUBBISH, OTHER_RUBBISH, MORE_RUBBISH, 999, 1001}) {
            send(stream.back(TcpView.RST, at, 0, 0));
            send(stream.forth(TcpView.RST, at, 0, 0));
            send(stream.back(FIN, at, RUBBISH, 0));
            send(stream.forth(FIN, at, at + GIBIBYTE, 0));
        }

        assertLives();
        finish(1000, 0);
        assertFinished();
    }

    /** A FIN whose sequence number is right is still forged if it acknowledges what was never sent. */
    @Test
    void shouldNotBelieveAFinWithAnAcknowledgementOfNothing() {
        establish();
        send(stream.back(FIN, 1010, 2 << 20, 0));
        send(stream.forth(FIN, 10, RUBBISH, 0));

        assertLives();
    }

    /** Between what was acknowledged before and what came after the gap there is room for many guesses. */
    @Test
    void shouldNotBelieveAResetFromTheGap() {
        establish();
        send(stream.back(ACK, 1000 + GIBIBYTE, 0, 1000));

        send(stream.back(TcpView.RST, 1000 + GIBIBYTE / 2, 0, 0));

        assertLives();
    }

    @Test
    void shouldNotGoBackForAnAcknowledgementThatComesLate() {
        establish();
        int sent = 1000;
        for (int i = 0; i < 80; i++) {
            send(stream.back(ACK, sent, 0, 1 << 15));
            sent += 1 << 15;
            send(stream.forth(ACK, 0, sent, 0));
        }
        send(stream.forth(ACK, 0, 1000, 0));

        send(stream.back(TcpView.RST, sent, 0, 0));

        assertTrue(fixture.endings().get(0).contains(" reset: "));
    }

    /** What has ended lives two minutes more for what is still under way, and no longer. */
    @Test
    void shouldNotLetForgedPacketsProlongWhatHasEnded() {
        establish();
        finish(1000, 0);
        fixture.endings();

        for (int minute = 0; minute < 3; minute++) {
            now += 59 * SECOND;
            fixture.send(stream.forth(ACK, RUBBISH, RUBBISH, 0), now);
            fixture.send(stream.back(TcpView.RST, RUBBISH, RUBBISH, 0), now);
        }

        assertGone();
    }

    @Test
    void shouldLiveForWhatIsSentAgainAfterBothFins() {
        establish();
        send(stream.back(FIN, 3000, 0, 0));
        send(stream.forth(FIN, 0, 1000, 0));

        for (int minute = 0; minute < 30; minute++) {
            now += 100 * SECOND;
            send(stream.back(ACK, 1000, 1, 1000));
        }
    }
}
