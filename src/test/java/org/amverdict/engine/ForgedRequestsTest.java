package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.amverdict.track.TableName;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An honest exchange beside whatever others ask in its requester's name: they can forge the requester's address and reach
 * real responders, but see nothing of the traffic.
 */
final class ForgedRequestsTest {
    private static final TableLimits LIMITS = TableLimits.DEFAULTS;
    private static final long SECOND = EngineFixture.SECOND;
    private static final int PER_REQUESTER = LIMITS.transactions().perRequester();
    private static final int REQUESTER_PORTS = 512;

    private final EngineFixture fixture = new EngineFixture(EngineFixture.settings(policy()), LIMITS);
    private final Exchange estimate = Exchange.of("sendsize").withNames("000-00000001", "1795174338");
    private int forged;

    /** All hosts of two networks may ask each other for everything. */
    private static Policy policy() {
        int all = 0;
        for (final Service service : Service.values()) {
            all |= service.bit();
        }
        final HostSet hosts = HostSet.of("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24");
        return Policy.of(List.of(new Allowance("all", hosts, hosts, all, Policy.DEFAULT_STREAM_PORTS, false)));
    }

    private void judges(final String expected, final byte[] packet, final long now) {
        assertEquals(expected, fixture.send(packet, now).summary());
    }

    private void ask(final Exchange exchange, final long now) {
        judges("accept request", exchange.request(), now);
        judges("accept reply", exchange.fromResponder("ACK", ""), now);
    }

    /** Another exchange between these hosts, as somebody makes it up. */
    private Exchange forge(final String requester, final String responder) {
        return forge("noop", requester, responder);
    }

    private Exchange forge(final String service, final String requester, final String responder) {
        forged++;
        return Exchange.of(service)
                .withHosts(requester, responder)
                .withPorts(512 + forged % REQUESTER_PORTS, EngineFixture.CONTROL)
                .withNames("f" + forged, "1");
    }

    private Exchange forge() {
        return forge(EngineFixture.SERVER, EngineFixture.CLIENT);
    }

    @Test
    void shouldKeepAnAcknowledgedExchangeWhateverIsAskedInItsRequestersName() {
        ask(estimate, 0);
        for (int i = 0; i < 5 * PER_REQUESTER; i++) {
            judges("accept request", forge().request(), SECOND);
        }

        judges("accept reply", estimate.reply("/ 0 SIZE 5"), 3600 * SECOND);
        assertEquals(PER_REQUESTER, fixture.tables().transactions().size());
        assertTrue(fixture.tables().counters().limitReached(TableName.TRANSACTIONS, LimitScope.REQUESTER) > 0);
    }

    @Test
    void shouldKeepItThoughAPrepIsAllThatWasSeenOfTheResponder() {
        judges("accept request", estimate.request(), 0);
        judges("accept reply", estimate.fromResponder("PREP", "x"), 0);
        for (int i = 0; i < 5 * PER_REQUESTER; i++) {
            judges("accept request", forge().request(), SECOND);
        }

        judges("accept reply", estimate.reply("/ 0 SIZE 5"), 3600 * SECOND);
    }

    @Test
    void shouldKeepItInAFullTableWhoeverFillsIt() {
        final List<Exchange> estimates = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            estimates.add(estimate.withHosts(EngineFixture.SERVER, "198.51.100." + i));
            ask(estimates.get(i - 1), 0);
        }
        for (int i = 0; i < 3 * LIMITS.transactions().capacity(); i++) {
            judges(
                    "accept request",
                    forge("203.0.113." + (1 + i % 254), EngineFixture.CLIENT).request(),
                    SECOND);
        }

        assertEquals(
                LIMITS.transactions().capacity(),
                fixture.tables().transactions().size());
        assertTrue(fixture.tables().counters().limitReached(TableName.TRANSACTIONS, LimitScope.GLOBAL) > 0);
        for (final Exchange waiting : estimates) {
            judges("accept reply", waiting.reply("/ 0 SIZE 5"), 3600 * SECOND);
        }
    }

    @Test
    void shouldKeepItThoughRespondersAcknowledgeWhatIsForged() {
        ask(estimate, 0);
        final Exchange elsewhere = estimate.withHosts(EngineFixture.SERVER, "198.51.100.30");
        ask(elsewhere, 0);
        for (int i = 0; i < 5 * PER_REQUESTER; i++) {
            ask(forge(), SECOND);
        }
        final Exchange later = estimate.withHosts(EngineFixture.SERVER, "198.51.100.40");
        ask(later, 2 * SECOND);
        for (int i = 0; i < 5 * PER_REQUESTER; i++) {
            ask(forge(), 3 * SECOND);
        }

        judges("accept reply", estimate.reply("/ 0 SIZE 5"), 3600 * SECOND);
        judges("accept reply", elsewhere.reply("/ 0 SIZE 5"), 3600 * SECOND);
        judges("accept reply", later.reply("/ 0 SIZE 5"), 3600 * SECOND);
    }

    @Test
    void shouldKeepItThoughRespondersReplyToWhatIsForgedAndNobodyAcknowledges() {
        ask(estimate, 0);
        for (int i = 0; i < 5 * PER_REQUESTER; i++) {
            final Exchange other = forge();
            ask(other, SECOND);
            judges("accept reply", other.reply("OPTIONS ;"), SECOND);
        }

        judges("accept reply", estimate.reply("/ 0 SIZE 5"), 3600 * SECOND);
    }

    /** The answer takes a moment, in which some hundred datagrams of others come. */
    @Test
    void shouldHaveRoomForANewOneWhateverFillsTheQuota() {
        for (int i = 0; i < 2 * PER_REQUESTER; i++) {
            final Exchange other = forge(EngineFixture.SERVER, "198.51.100." + (1 + i % 254));
            ask(other, 0);
            if (i % 2 == 0) {
                judges("accept reply", other.reply("OPTIONS ;"), 0);
            }
        }
        final Exchange dump = Exchange.of("sendbackup").withNames("000-00000002", "1");

        judges("accept request", dump.request(), SECOND);
        for (int i = 0; i < 100; i++) {
            final Exchange other = forge(EngineFixture.SERVER, "198.51.100." + (1 + i % 254));
            ask(other, SECOND);
            judges("accept reply", other.reply("OPTIONS ;"), SECOND);
            judges("accept request", forge().request(), SECOND);
        }
        judges("accept reply", dump.fromResponder("ACK", ""), SECOND);
        judges("accept reply", dump.reply("CONNECT DATA 2001 MESG 2002 INDEX 2003"), SECOND);
        judges("accept expected", dump.syn(2001), SECOND);
    }

    /** Real responders announce ports for what is forged, and nobody connects to them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOpenTheStreamsOfAnHonestDumpThoughForgedOnesFillTheQuota(final boolean acknowledged) {
        for (int i = 0; i < LIMITS.expectations().perRequester(); i++) {
            final Exchange forged = forge("sendbackup", EngineFixture.SERVER, "198.51.100." + (1 + i % 200));
            final int port = 2000 + 3 * (i / 200);
            ask(forged, i * SECOND / 100);
            judges(
                    "accept reply",
                    forged.reply("CONNECT DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2)),
                    i * SECOND / 100);
            if (acknowledged) {
                judges("accept ack", forged.acknowledgement(), i * SECOND / 100);
            }
        }
        final Exchange dump = Exchange.of("sendbackup").withNames("000-00000002", "1");

        ask(dump, 20 * SECOND);
        judges("accept reply", dump.reply("CONNECT DATA 5001 MESG 5002 INDEX 5003"), 20 * SECOND);
        judges("accept expected", dump.syn(5001), 20 * SECOND);
        judges("accept expected", dump.syn(5002), 20 * SECOND);
        judges("accept expected", dump.syn(5003), 20 * SECOND);
        assertTrue(
                fixture.tables().expectations().size() <= LIMITS.expectations().perRequester());
    }

    /** Amanda sends its REQ again after ten seconds: when the flood has passed, or in a gap of it. */
    @Test
    void shouldGoOnWithTheRepetitionOfARequestThatWasGivenUp() {
        final Exchange dump = Exchange.of("sendbackup").withNames("000-00000002", "1");
        judges("accept request", dump.request(), 0);
        for (int i = 0; i < 2 * PER_REQUESTER; i++) {
            judges("accept request", forge().request(), 0);
        }
        judges("drop unsolicited", dump.fromResponder("ACK", ""), 0);

        ask(dump, 10 * SECOND);
        judges("accept reply", dump.reply("CONNECT DATA 2001 MESG 2002 INDEX 2003"), 10 * SECOND);
    }

    @Test
    void shouldGiveUpWhatIsOverBeforeWhatIsAsked() {
        final Exchange first = Exchange.of("noop").withNames("first", "1");
        judges("accept request", first.request(), 0);
        for (int i = 1; i < PER_REQUESTER; i++) {
            final Exchange over = forge();
            judges("accept request", over.request(), 0);
            judges("accept reply", over.fromResponder("NAK", "ERROR x\n"), 0);
        }
        for (int i = 1; i < PER_REQUESTER; i++) {
            judges("accept request", forge().request(), 0);
        }

        judges("accept reply", first.fromResponder("ACK", ""), 0);
    }

    @Test
    void shouldKeepItAfterARestart() {
        ask(estimate, 0);
        final Tables restarted = new Tables(LIMITS, 5);
        fixture.tables()
                .transactions()
                .save(0, row -> assertTrue(restarted.transactions().restore(new Scratch(), row, 0, true, SECOND)));
        final EngineFixture engine = new EngineFixture(EngineFixture.settings(policy()), restarted);
        for (int i = 0; i < 2 * PER_REQUESTER; i++) {
            engine.send(forge().request(), SECOND);
        }

        assertEquals(
                "accept reply",
                engine.send(estimate.reply("/ 0 SIZE 5"), 9 * SECOND).summary());
    }
}
