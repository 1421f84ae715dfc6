package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.packet.PacketView;
import org.amverdict.policy.PortSet;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;

/** What the engine says a dropped packet nearly fitted. */
final class NearMissesTest {
    private static final long NOW = 5 * EngineFixture.SECOND;
    private static final long MILLI = 1_000_000;
    private static final String CONNECT = "CONNECT DATA 11001 MESG 11002 INDEX 11003";
    private static final Exchange DUMP = Exchange.of("sendbackup");
    private static final String SECOND_ADDRESS = "198.51.100.25";

    private final EngineFixture engine = new EngineFixture();
    private final List<String> causes = new ArrayList<>();

    NearMissesTest() {
        engine.tell(this::note);
    }

    private void note(final PacketView packet, final Decision decision, final long nowNanos) {
        final String other = decision.cause() == Cause.OTHER_ADDRESS || decision.cause() == Cause.OTHER_REQUESTER
                ? " " + Long.toHexString(decision.otherLow() & 0xffff_ffffL)
                : " " + (decision.causeNumber() >>> Integer.SIZE) + "," + (int) decision.causeNumber();
        causes.add(decision.cause() == Cause.NONE ? "none" : decision.cause().label() + other);
    }

    private String causeOf(final byte[] packet, final long nowNanos) {
        causes.clear();
        engine.send(packet, nowNanos);
        assertEquals(1, causes.size());
        return causes.get(0);
    }

    private void announce() {
        engine.send(DUMP.request(), NOW);
        engine.send(DUMP.fromResponder("ACK", ""), NOW);
        assertEquals("accept reply", engine.send(DUMP.reply(CONNECT), NOW).summary());
    }

    @Test
    void shouldNameBothInterfacesOfAnAnswerThatComesAnotherWay() {
        engine.interfaces(7, 8);
        engine.send(DUMP.request(), NOW);
        engine.interfaces(9, 7);

        assertEquals("other-interface 8,9", causeOf(DUMP.reply(CONNECT), NOW));
    }

    @Test
    void shouldNameBothInterfacesOfARepeatedRequestThatComesAnotherWay() {
        engine.interfaces(7, 8);
        engine.send(DUMP.request(), NOW);
        engine.interfaces(9, 8);

        assertEquals("other-interface 7,9", causeOf(DUMP.request(), NOW));
    }

    @Test
    void shouldNameBothInterfacesOfASynThatComesAnotherWay() {
        engine.interfaces(7, 8);
        engine.send(DUMP.request(), NOW);
        engine.interfaces(8, 7);
        engine.send(DUMP.reply(CONNECT), NOW);
        engine.interfaces(9, 8);

        assertEquals("other-interface 7,9", causeOf(DUMP.syn(11_001), NOW));
    }

    @Test
    void shouldNameTheAddressThatWasAskedWhenAnotherAnswers() {
        engine.send(DUMP.request(), NOW);

        assertEquals(
                "other-address c6336414",
                causeOf(DUMP.withHosts(EngineFixture.SERVER, SECOND_ADDRESS).reply(CONNECT), NOW));
    }

    @Test
    void shouldNameNoAddressForAnotherHandle() {
        engine.send(DUMP.request(), NOW);
        final Exchange other =
                DUMP.withHosts(EngineFixture.SERVER, SECOND_ADDRESS).withNames("000-00000099", "1795174338");

        assertEquals("none", causeOf(other.reply(CONNECT), NOW));
    }

    @Test
    void shouldNameTheRequesterThatThePortWasAnnouncedTo() {
        announce();

        assertEquals(
                "other-requester c000020a",
                causeOf(DUMP.withHosts("192.0.2.11", EngineFixture.CLIENT).syn(11_001), NOW));
        engine.send(DUMP.syn(11_001), NOW);
        assertEquals(
                "none",
                causeOf(DUMP.withHosts("192.0.2.11", EngineFixture.CLIENT).syn(11_001), NOW + MILLI),
                "it is taken by now");
    }

    @Test
    void shouldSayThatItsTimeIsOverBeforeHousekeepingComes() {
        announce();

        final long late = NOW + TableLimits.DEFAULTS.expectations().lifetimeNanos();
        assertEquals("expired 0,1000", causeOf(DUMP.syn(11_001), late + 1000));
    }

    @Test
    void shouldTellAWrongPortFromARequestThatIsAnothers() {
        final Exchange natted = DUMP.withPorts(51_000, EngineFixture.CONTROL);
        assertEquals("requester-port 0,51000", causeOf(natted.request(), NOW));
        engine.send(DUMP.request(), NOW);

        assertEquals(
                "other-request 0,0", causeOf(DUMP.fromRequester("REQ", EngineFixture.requestBody("selfcheck")), NOW));
    }

    @Test
    void shouldNameThePortThatIsOutside() {
        engine.engine().settings(EngineFixture.settings(EngineFixture.policy(-1, PortSet.range(11_000, 11_002))));
        engine.send(DUMP.request(), NOW);

        assertEquals("port-outside 0,11003", causeOf(DUMP.reply(CONNECT), NOW));
    }

    /** Of a flood only one packet a millisecond is looked up, and a flood of SYNs does not silence what is said of datagrams. */
    @Test
    void shouldLookUpOneSynAMillisecond() {
        announce();
        final Exchange other = DUMP.withHosts("192.0.2.11", EngineFixture.CLIENT);
        final long later = NOW + MILLI;

        assertEquals("other-requester c000020a", causeOf(other.syn(11_001), later));
        assertEquals("none", causeOf(other.syn(11_001), later + MILLI - 1));
        assertEquals(
                "other-address c6336414",
                causeOf(DUMP.withHosts(EngineFixture.SERVER, SECOND_ADDRESS).reply(CONNECT), later + MILLI - 1));
        assertEquals("other-requester c000020a", causeOf(other.syn(11_001), later + MILLI));
    }
}
