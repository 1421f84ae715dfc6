package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.amverdict.amanda.Service;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.track.Removal;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;

/** What a new policy forbids is taken back, and nothing else; with the steps of a reload and packets between them. */
final class PolicyRevocationTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final String HANDLE = "000-1";
    private static final String SEQUENCE = "1";
    private static final byte[] NO_BYTES = {};
    private static final Policy NOTHING = Policy.of(List.of());

    private final EngineFixture engine = new EngineFixture();
    private long now = SECOND;

    private EngineFixture.Outcome request(final String handle, final String service) {
        return engine.send(
                EngineFixture.udp(
                        EngineFixture.SERVER,
                        EngineFixture.REQUESTER_PORT,
                        EngineFixture.CLIENT,
                        EngineFixture.CONTROL,
                        EngineFixture.message("REQ", handle, SEQUENCE, EngineFixture.requestBody(service))),
                now++);
    }

    private EngineFixture.Outcome reply(final String handle, final String body) {
        return engine.send(
                EngineFixture.udp(
                        EngineFixture.CLIENT,
                        EngineFixture.CONTROL,
                        EngineFixture.SERVER,
                        EngineFixture.REQUESTER_PORT,
                        EngineFixture.message("REP", handle, SEQUENCE, body)),
                now++);
    }

    private EngineFixture.Outcome connect(final int port, final int flags) {
        return engine.send(
                EngineFixture.tcp(EngineFixture.SERVER, 50_000 + port % 1000, EngineFixture.CLIENT, port, flags),
                now++);
    }

    private void announce(final String handle, final String line) {
        request(handle, "sendbackup");
        assertEquals("accept reply", reply(handle, "CONNECT " + line + "\n").summary());
    }

    private static Policy only(final int services, final PortSet ports) {
        return EngineFixture.policy(services, ports);
    }

    private static Policy only(final PortSet ports) {
        return only(Service.SENDBACKUP.bit(), ports);
    }

    /** The whole way of a reload when no worker is at a batch. */
    private int reload(final Policy policy) {
        engine.engine().settings(EngineFixture.settings(policy));
        final PolicyRevocation revocation = new PolicyRevocation(engine.tables(), policy);
        revocation.exchanges();
        int revoked = revocation.expectations();
        revocation.flows();
        revoked += revocation.expectations();
        return revoked;
    }

    @Test
    void shouldTakeBackWhatThePolicyForbidsAndKeepTheRest() {
        announce(HANDLE, "DATA 11001 MESG 11002 INDEX 12003");

        assertEquals(1, reload(only(PortSet.range(11_000, 11_999))));

        assertEquals(Set.of(11_001, 11_002), engine.expectedPorts());
        assertEquals(1, engine.tables().counters().removed(Removal.RELOADED));
        assertEquals("accept expected", connect(11_001, TcpView.SYN).summary());
        assertEquals("drop unexpected", connect(12_003, TcpView.SYN).summary());
    }

    @Test
    void shouldAskForTheServiceThatAnnouncedIt() {
        announce(HANDLE, "DATA 11001 MESG 11002 INDEX 11003");

        assertEquals(3, reload(only(Service.AMINDEXD.bit(), PortSet.range(1024, 65_535))));

        assertEquals(Set.of(), engine.expectedPorts());
    }

    @Test
    void shouldForgetAnExchangeSoThatItsReplyIsUnsolicited() {
        request(HANDLE, "sendbackup");
        request("000-2", "noop");

        final PolicyRevocation revocation = new PolicyRevocation(engine.tables(), only(PortSet.range(1024, 65_535)));
        engine.engine().settings(EngineFixture.settings(only(PortSet.range(1024, 65_535))));

        assertEquals(1, revocation.exchanges());
        assertEquals(
                "drop unsolicited", reply("000-2", "OPTIONS features=ff;\n").summary());
        assertEquals(
                "accept reply",
                reply(HANDLE, "CONNECT DATA 11001 MESG 11002 INDEX 11003\n").summary());
    }

    /** A requester at its quota gave the exchange up; what it announced is as good as before. */
    @Test
    void shouldJudgeWhatWasAnnouncedWithoutItsExchange() {
        announce(HANDLE, "DATA 11001 MESG 11002 INDEX 12003");
        engine.tables().transactions().expire(new Scratch(), now + 400 * SECOND, 1 << 20);
        assertEquals(0, engine.tables().transactions().size());

        assertEquals(1, reload(only(PortSet.range(11_000, 11_999))));
        assertEquals(Set.of(11_001, 11_002), engine.expectedPorts());

        assertEquals(2, reload(only(Service.AMINDEXD.bit(), PortSet.range(1024, 65_535))));
        assertEquals(Set.of(), engine.expectedPorts());
    }

    /** The REP in flight: its exchange may go on, the ports that it announces are held against the new policy. */
    @Test
    void shouldOpenNothingForAReplyInFlightWhosePortsAreForbiddenNow() {
        request(HANDLE, "sendbackup");

        reload(only(PortSet.range(12_000, 12_100)));

        assertEquals(
                "accept refused-reply",
                reply(HANDLE, "CONNECT DATA 11001 MESG 11002 INDEX 11003\n").summary());
        assertEquals(Set.of(), engine.expectedPorts());
    }

    @Test
    void shouldKeepAnEstablishedConnectionThatMayNotBeMadeAnyMore() {
        announce(HANDLE, "DATA 11001 MESG 11002 INDEX 11003");
        connect(11_001, TcpView.SYN);

        assertEquals(2, reload(NOTHING));

        assertEquals("accept established", connect(11_001, TcpView.ACK).summary());
        assertEquals("drop not-allowed", request("000-2", "sendbackup").summary());
    }

    /** A connection refused after the reload must not bring its expectation back. */
    @Test
    void shouldNotArmAgainWhatIsForbidden() {
        announce(HANDLE, "DATA 11001 MESG 11002 INDEX 11003");
        connect(11_001, TcpView.SYN);
        reload(NOTHING);

        refuse(11_001);

        assertEquals(Set.of(), engine.expectedPorts());
        assertEquals("drop unexpected", connect(11_001, TcpView.SYN).summary());
    }

    @Test
    void shouldStillArmAgainWhatIsAllowed() {
        announce(HANDLE, "DATA 11001 MESG 11002 INDEX 11003");
        connect(11_001, TcpView.SYN);
        reload(only(PortSet.range(11_000, 11_999)));

        refuse(11_001);

        assertTrue(engine.expectedPorts().contains(11_001));
    }

    private void refuse(final int port) {
        final byte[] reset = PacketBuilder.ip(EngineFixture.CLIENT, EngineFixture.SERVER)
                .tcp(port, 50_000 + port % 1000, TcpView.RST | TcpView.ACK, 0, 1001, NO_BYTES, NO_BYTES);
        assertEquals("accept established", engine.send(reset, now++).summary());
    }

    /** Workers judge on while the tables are gone over. */
    @Test
    void shouldNotTouchWhatIsAnnouncedUnderTheNewPolicy() {
        announce(HANDLE, "DATA 11001 MESG 11002 INDEX 11003");
        final Policy policy = only(PortSet.range(11_000, 11_999));
        engine.engine().settings(EngineFixture.settings(policy));
        final PolicyRevocation revocation = new PolicyRevocation(engine.tables(), policy);
        revocation.exchanges();
        announce("000-2", "DATA 11101 MESG 11102 INDEX 11103");

        assertEquals(0, revocation.expectations());

        assertEquals(6, engine.expectedPorts().size());
    }

    /** The SYN takes the expectation before the sweep, the refusal comes between the sweeps. */
    @Test
    void shouldFindInTheSecondRoundWhatWasArmedAgainDuringTheFirst() {
        announce(HANDLE, "DATA 11001 MESG 11002 INDEX 11003");
        engine.engine().settings(EngineFixture.settings(NOTHING));
        final PolicyRevocation revocation = new PolicyRevocation(engine.tables(), NOTHING);
        revocation.exchanges();
        connect(11_001, TcpView.SYN);
        assertEquals(2, revocation.expectations());
        refuse(11_001);
        assertEquals(Set.of(11_001), engine.expectedPorts());

        revocation.flows();

        assertEquals(1, revocation.expectations());
        assertEquals(Set.of(), engine.expectedPorts());
    }

    @Test
    void shouldHoldRecoveryAgainstItsOwnAllowance() {
        final Policy old = LegacyConnection.policy();
        final EngineFixture recovery = new EngineFixture(EngineFixture.settings(old), TableLimits.DEFAULTS);
        final LegacyConnection tape = LegacyConnection.of(false);
        recovery.send(tape.syn(), now++);
        recovery.send(tape.synAck(), now++);
        recovery.send(tape.client(0, LegacyConnection.CLIENT_TEXT), now++);
        recovery.send(tape.server(0, LegacyConnection.SERVER_TEXT), now++);
        assertEquals(Set.of(LegacyConnection.PORT), recovery.expectedPorts());

        final PolicyRevocation same = new PolicyRevocation(recovery.tables(), old);
        assertEquals(0, same.expectations());
        final PolicyRevocation other = new PolicyRevocation(recovery.tables(), EngineFixture.policy());

        assertEquals(1, other.expectations());
    }
}
