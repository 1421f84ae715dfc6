package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever others send, a connection that is not over stays as it is, and an announcement admits one. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class LiveConnectionTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long HOUR = 3600 * SECOND;
    private static final long NOW = 100 * SECOND;
    /** Where none of the hosts is. */
    private static final int ELSEWHERE = 200;

    private static final int STREAM = 50_081;
    private static final int STATIC_PORT = 11_000;
    private static final int FORGED = 777_777;

    private final Exchange exchange;
    private final EngineFixture fixture;
    private final TcpSegments control;
    private final TcpSegments ranged;
    private final TcpSegments stream;

    LiveConnectionTest(final boolean ipv6) {
        exchange = ipv6 ? Exchange.of("sendbackup").overIpv6() : Exchange.of("sendbackup");
        fixture = new EngineFixture(settings(false), TableLimits.DEFAULTS);
        control = TcpSegments.of(exchange, EngineFixture.CONTROL);
        ranged = TcpSegments.of(exchange, STATIC_PORT);
        stream = TcpSegments.of(exchange, STREAM);
    }

    /** With a static range that allows either host to connect to the other. */
    private EngineSettings settings(final boolean adopt) {
        final HostSet both = HostSet.of(exchange.requester(), exchange.responder());
        final Policy policy = EngineFixture.policy(
                EngineFixture.policy(),
                Policy.DEFAULT_CONTROL_PORTS,
                new StaticRange(both, both, PortSet.range(11_000, 60_000)));
        return EngineSettings.builder(adopt ? EngineFixture.policy() : policy)
                .adoptFlows(adopt)
                .conclude();
    }

    private String judge(final byte[] packet, final long now) {
        return fixture.send(packet, now).summary();
    }

    private String judgeElsewhere(final byte[] packet, final long now) {
        fixture.interfaces(ELSEWHERE, ELSEWHERE + 1);
        final String outcome = judge(packet, now);
        fixture.interfacesByAddress();
        return outcome;
    }

    private void establish(final TcpSegments connection) {
        assertTrue(fixture.send(connection.syn(), NOW).accepted());
        assertEquals("accept established", judge(connection.synAck(), NOW));
        assertEquals("accept established", judge(connection.forth(TcpView.ACK, 0, 0, 0), NOW));
    }

    private void announce() {
        fixture.engine().settings(EngineFixture.settings(EngineFixture.policy()));
        assertEquals("accept request", judge(exchange.request(), NOW));
        assertEquals("accept reply", judge(exchange.reply("CONNECT DATA " + STREAM + " MESG 50082 INDEX 50083"), NOW));
    }

    private void assertLives(final TcpSegments connection, final long now) {
        assertEquals("accept established", judge(connection.back(TcpView.ACK, 0, 0, 100), now));
        assertEquals("accept established", judge(connection.forth(TcpView.ACK, 0, 100, 0), now));
    }

    @Test
    void shouldKeepAControlConnectionWhoseSynIsForgedElsewhere() {
        establish(control);

        assertEquals(
                "accept control-tcp",
                judgeElsewhere(control.startingAt(FORGED, 0).syn(), NOW + SECOND));

        assertLives(control, NOW + HOUR);
    }

    @Test
    void shouldKeepAStaticConnectionWhoseSynIsForgedElsewhere() {
        establish(ranged);

        assertEquals(
                "accept static", judgeElsewhere(ranged.startingAt(FORGED, 0).syn(), NOW + SECOND));

        assertLives(ranged, NOW + HOUR);
    }

    /** Not even what the SYN says is noted: who forged it may forge its answer too. */
    @Test
    void shouldNoteNothingOfASynFromElsewhere() {
        establish(control);
        final TcpSegments forged = control.startingAt(FORGED, 888_888);

        judgeElsewhere(forged.syn(), NOW + SECOND);
        judge(forged.synAck(), NOW + SECOND);

        assertLives(control, NOW + HOUR);
        judge(forged.forth(TcpView.RST, 0, 0, 0), NOW + HOUR);
        judge(forged.back(TcpView.RST, 0, 0, 0), NOW + HOUR);
        assertLives(control, NOW + 2 * HOUR);
    }

    @Test
    void shouldKeepAConnectionWhoseRespondersSynIsForged() {
        establish(ranged);
        final TcpSegments turned = new TcpSegments(
                /* originator= */ ranged.responder(),
                /* port= */ ranged.responderPort(),
                /* responder= */ ranged.originator(),
                /* responderPort= */ ranged.port(),
                FORGED,
                0);

        assertEquals("accept static", judge(turned.syn(), NOW + SECOND));
        assertEquals("accept static", judgeElsewhere(turned.syn(), NOW + SECOND));

        assertLives(ranged, NOW + HOUR);
    }

    @Test
    void shouldDropWhatIsForgedElsewhereAndNeitherEndNorProlong() {
        announce();
        establish(stream);

        assertEquals("drop no-flow", judgeElsewhere(stream.forth(TcpView.ACK, 0, 0, 0), NOW + SECOND));
        assertEquals("drop no-flow", judgeElsewhere(stream.back(TcpView.RST, 0, 0, 0), NOW + SECOND));
        assertEquals("drop no-flow", judgeElsewhere(stream.forth(TcpView.FIN | TcpView.ACK, 0, 0, 0), NOW + SECOND));
        assertEquals("drop unexpected", judgeElsewhere(stream.syn(), NOW + SECOND), "though it has its number");
        assertEquals(
                "drop unexpected", judgeElsewhere(stream.startingAt(FORGED, 0).syn(), NOW + SECOND));

        assertLives(stream, NOW + HOUR);
        final long idle = TableLimits.DEFAULTS.flows().idleNanos();
        assertEquals("drop no-flow", judgeElsewhere(stream.forth(TcpView.ACK, 0, 0, 0), NOW + HOUR + idle - 1));
        assertEquals("drop no-flow", judge(stream.forth(TcpView.ACK, 0, 0, 0), NOW + HOUR + idle));
    }

    @Test
    void shouldAdoptNoPacketFromElsewhereOfAFlowThatIsKnown() {
        announce();
        establish(stream);
        fixture.engine().settings(settings(true));

        assertEquals("drop no-flow", judgeElsewhere(stream.forth(TcpView.ACK, 0, 0, 0), NOW + SECOND));
        assertEquals("drop no-flow", judgeElsewhere(stream.back(TcpView.ACK, 0, 0, 0), NOW + SECOND));

        assertLives(stream, NOW + HOUR);
    }

    @Test
    void shouldKeepReadingAnOldRecoveryWhoseSynIsForgedElsewhere() {
        final LegacyConnection tape = LegacyConnection.of(exchange.requester().equals(EngineFixture.SERVER6));
        fixture.engine().settings(EngineFixture.settings(LegacyConnection.policy()));
        judge(tape.syn(), NOW);
        judge(tape.synAck(), NOW);
        judge(tape.client(0, LegacyConnection.CLIENT_TEXT), NOW);

        final LegacyConnection forged = tape.withStart(FORGED, 888_888);
        assertEquals("accept legacy-recovery", judgeElsewhere(forged.syn(), NOW));
        judge(forged.synAck(), NOW);

        judge(tape.server(0, LegacyConnection.SERVER_TEXT), NOW);
        assertEquals("accept expected", judge(tape.dataSyn(600, LegacyConnection.PORT), NOW));
    }

    @Test
    void shouldOpenAgainWhatIsOver() {
        establish(control);
        judge(control.forth(TcpView.FIN | TcpView.ACK, 0, 0, 0), NOW);
        judge(control.back(TcpView.FIN | TcpView.ACK, 0, 1, 0), NOW);
        judge(control.forth(TcpView.ACK, 1, 1, 0), NOW);
        final TcpSegments next = control.startingAt(FORGED, 888_888);

        assertEquals("accept control-tcp", judge(next.syn(), NOW + SECOND));

        assertEquals("accept established", judge(next.synAck(), NOW + SECOND));
        assertEquals("accept established", judge(next.forth(TcpView.ACK, 0, 0, 0), NOW + SECOND));
        assertLives(next, NOW + HOUR);
    }

    /** A retransmission may still be under way when both have sent their FINs. */
    @Test
    void shouldKeepAConnectionThatWaitsForItsLastAcknowledgement() {
        establish(control);
        judge(control.forth(TcpView.FIN | TcpView.ACK, 0, 0, 0), NOW);
        judge(control.back(TcpView.FIN | TcpView.ACK, 500, 1, 0), NOW);

        judgeElsewhere(control.startingAt(FORGED, 0).syn(), NOW + SECOND);

        assertEquals("accept established", judge(control.back(TcpView.ACK, 0, 1, 500), NOW + 2 * SECOND));
    }

    /** The host lost the connection, and its route has changed: the responder's answer shows where it is now. */
    @Test
    void shouldLetAHostConnectAgainThatIsElsewhereNow() {
        establish(control);
        final TcpSegments again = control.startingAt(FORGED, 888_888);

        assertEquals("accept control-tcp", judgeElsewhere(again.syn(), NOW + SECOND));
        fixture.interfaces(EngineFixture.interfaceOf(again.synAck(), false), ELSEWHERE);
        assertEquals("accept established", judge(again.synAck(), NOW + SECOND));
        fixture.interfaces(ELSEWHERE, EngineFixture.interfaceOf(again.synAck(), false));
        assertEquals("accept established", judge(again.forth(TcpView.ACK, 0, 0, 0), NOW + SECOND));
        assertEquals("accept established", judge(again.forth(TcpView.ACK, 0, 0, 10), NOW + HOUR));
        assertEquals(List.of(), fixture.endings());
        judge(again.forth(TcpView.FIN | TcpView.ACK, 10, 0, 0), NOW + HOUR);
        fixture.interfaces(EngineFixture.interfaceOf(again.synAck(), false), ELSEWHERE);
        judge(again.back(TcpView.FIN | TcpView.ACK, 0, 11, 0), NOW + HOUR);
        fixture.interfaces(ELSEWHERE, EngineFixture.interfaceOf(again.synAck(), false));
        judge(again.forth(TcpView.ACK, 11, 1, 0), NOW + HOUR);
        assertEquals(1, fixture.endings().size(), "and the new one ends");
    }

    @Test
    void shouldAdmitOneConnectionForOneAnnouncement() {
        announce();
        assertEquals("accept expected", judge(stream.syn(), NOW));

        for (int i = 1; i < 5; i++) {
            assertEquals("drop unexpected", judge(stream.startingAt(1000 + i, 0).syn(), NOW + i * SECOND));
        }
        assertEquals("accept established", judge(stream.syn(), NOW + 7 * SECOND), "its repetition");
        assertEquals("accept established", judge(stream.synAck(), NOW + 7 * SECOND));
    }

    @Test
    void shouldNotLetRepetitionsOfASynProlongTheFlow() {
        announce();
        judge(stream.syn(), NOW);

        for (int second = 1; second < 120; second++) {
            assertEquals("accept established", judge(stream.syn(), NOW + second * SECOND));
            judge(stream.back(TcpView.ACK, FORGED, FORGED, 0), NOW + second * SECOND);
        }

        assertEquals("drop unexpected", judge(stream.syn(), NOW + 120 * SECOND));
        assertEquals("drop no-flow", judge(stream.synAck(), NOW + 120 * SECOND));
    }

    @Test
    void shouldTakeAnotherAnnouncementForAnotherSyn() {
        announce();
        judge(stream.syn(), NOW);
        final Exchange next = exchange.withNames("000-00000001", "1");
        judge(next.request(), NOW);
        judge(next.reply("CONNECT DATA " + STREAM + " MESG 50082 INDEX 50083"), NOW);
        final TcpSegments other = stream.startingAt(FORGED, 888_888);

        assertEquals("accept expected", judge(other.syn(), NOW + SECOND));

        assertEquals("drop unexpected", judge(stream.syn(), NOW + SECOND), "that one is over");
        assertEquals("accept established", judge(other.synAck(), NOW + SECOND));
    }

    /** Both SYNs pass, and the responder says which one it takes. */
    @Test
    void shouldBeginWithTheSynThatTheResponderAnswers() {
        for (final boolean second : new boolean[] {false, true}) {
            final TcpSegments one = new TcpSegments(
                    control.originator(), second ? 2001 : 2000, control.responder(), EngineFixture.CONTROL, 1000, 5000);
            final TcpSegments other = one.startingAt(FORGED, 888_888);
            final TcpSegments taken = second ? other : one;
            assertEquals("accept control-tcp", judge(one.syn(), NOW));
            assertEquals("accept control-tcp", judge(other.syn(), NOW));

            assertEquals("accept established", judge(taken.synAck(), NOW));
            assertEquals("accept established", judge(taken.forth(TcpView.ACK, 0, 0, 0), NOW));
            assertLives(taken, NOW + HOUR);
        }
    }

    /** Who is where both sides are can forge a SYN and its answer without guessing any number. */
    @Test
    void shouldNotBeginAgainByAnAnswerThatComesFromWhereTheSynDid() {
        fixture.interfaces(1, 1);
        establish(control);
        final TcpSegments forged = control.startingAt(FORGED, 888_888);

        assertEquals("accept control-tcp", judge(forged.syn(), NOW + SECOND));
        assertEquals("accept established", judge(forged.synAck(), NOW + SECOND));
        judge(forged.forth(TcpView.RST, 0, 0, 0), NOW + SECOND);
        judge(forged.back(TcpView.RST | TcpView.ACK, 0, 0, 0), NOW + SECOND);

        assertLives(control, NOW + HOUR);
    }

    @Test
    void shouldKnowADelayedRepetitionOfTheSynWhateverCameSince() {
        announce();
        judge(stream.syn(), NOW);
        judge(stream.synAck(), NOW);
        assertEquals("accept established", judge(stream.syn(), NOW + SECOND), "answered");
        judge(stream.forth(TcpView.ACK, 0, 0, 0), NOW + SECOND);
        judge(stream.back(TcpView.ACK, 0, 0, 3000), NOW + SECOND);
        assertEquals("accept established", judge(stream.syn(), NOW + 2 * SECOND), "established");
        judge(stream.back(TcpView.FIN | TcpView.ACK, 3000, 0, 0), NOW + 2 * SECOND);
        assertEquals("accept established", judge(stream.syn(), NOW + 3 * SECOND), "half closed");

        assertEquals("drop unexpected", judge(stream.syn(), NOW + 120 * SECOND), "nobody repeats it so late");
        judge(stream.forth(TcpView.FIN | TcpView.ACK, 0, 3001, 0), NOW + 120 * SECOND);
        judge(stream.back(TcpView.ACK, 3001, 1, 0), NOW + 120 * SECOND);
        assertEquals(1, fixture.endings().size(), "and it has ended as if none had been repeated");
    }

    /** The answer is no reason to give a flow that never was established more than its two minutes. */
    @Test
    void shouldNotLetRepetitionsProlongAnAnsweredFlow() {
        announce();
        judge(stream.syn(), NOW);
        judge(stream.synAck(), NOW + 10 * SECOND);

        for (int second = 11; second < 130; second++) {
            judge(stream.syn(), NOW + second * SECOND);
            assertEquals("accept established", judge(stream.synAck(), NOW + second * SECOND));
        }

        assertEquals("drop no-flow", judge(stream.synAck(), NOW + 130 * SECOND));
    }

    @Test
    void shouldKnowTheSynThatComesAgainTranslated() {
        if (exchange.requester().equals(EngineFixture.SERVER6)) {
            return;
        }
        announce();
        final String address = "203.0.113.5";
        fixture.engine()
                .settings(EngineSettings.builder(EngineFixture.policy())
                        .published(PublishedHosts.of(
                                List.of(new PublishedHost(
                                        HostPrefix.parse(address).address(),
                                        EngineFixture.CONTROL,
                                        HostPrefix.parse(EngineFixture.CLIENT).address())),
                                0xf00))
                        .conclude());
        final TcpSegments before = new TcpSegments(stream.originator(), stream.port(), address, STREAM, 1000, 5000);
        final int in = EngineFixture.interfaceOf(stream.syn(), false);

        for (int second = 0; second < 120; second += 17) {
            fixture.interfaces(in, 0);
            final String expected = second == 0 ? "accept expected" : "accept established";
            assertEquals(expected, judge(before.syn(), NOW + second * SECOND));
            fixture.interfacesByAddress();
            assertEquals("accept established", judge(stream.syn(), NOW + second * SECOND));
        }
        fixture.interfaces(in, 0);
        assertEquals("drop unexpected", judge(before.startingAt(FORGED, 0).syn(), NOW + SECOND));
        assertEquals("drop unexpected", judge(before.syn(), NOW + 120 * SECOND));
    }
}
