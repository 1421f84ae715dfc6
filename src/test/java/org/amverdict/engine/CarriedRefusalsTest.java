package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amverdict.packet.TcpView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.HostPrefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel carried the RST that refused a connection, and conntrack reports it. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class CarriedRefusalsTest {
    private static final long NOW = 100 * EngineFixture.SECOND;
    private static final int STREAM = 50_081;
    private static final String EXPECTED = "accept expected";
    private static final String UNEXPECTED = "drop unexpected";

    private final EngineFixture fixture = new EngineFixture();
    private final CarriedRefusals refusals = new CarriedRefusals(fixture.tables(), () -> NOW);
    private final Exchange exchange;
    private final TcpSegments first;
    private final TcpSegments second;
    private final Tuple connection;

    CarriedRefusalsTest(final boolean ipv6) {
        exchange = ipv6 ? Exchange.of("sendbackup").overIpv6() : Exchange.of("sendbackup");
        first = TcpSegments.of(exchange, STREAM);
        second = first.startingAt(777_777, 0);
        final HostPrefix requester = HostPrefix.parse(exchange.requester());
        final HostPrefix responder = HostPrefix.parse(exchange.responder());
        connection = new Tuple()
                .set(requester.high(), requester.low(), Exchange.CONNECTOR, responder.high(), responder.low(), STREAM);
        assertEquals("accept request", judge(exchange.request()));
        assertEquals("accept reply", judge(exchange.reply("CONNECT DATA " + STREAM + " MESG 50082 INDEX 50083")));
    }

    private String judge(final byte[] packet) {
        return fixture.send(packet, NOW).summary();
    }

    @Test
    void shouldExpectARefusedConnectionOnceMore() {
        assertEquals(EXPECTED, judge(first.syn()));
        assertEquals(UNEXPECTED, judge(second.syn()));

        refusals.accept(connection);

        assertEquals(EXPECTED, judge(second.syn()));
        refusals.accept(connection);
        assertEquals(UNEXPECTED, judge(first.syn()), "once more, not for ever");
        assertEquals("accept established", judge(second.synAck()), "what stays unseen may be known better here");
    }

    @Test
    void shouldCountARefusalOnceThatWasSeenAsWell() {
        assertEquals(EXPECTED, judge(first.syn()));
        assertEquals("accept established", judge(first.startingAt(1000, -1).back(TcpView.RST | TcpView.ACK, 0, 0, 0)));

        refusals.accept(connection);

        assertEquals(1, fixture.tables().counters().rearmed());
        assertEquals(EXPECTED, judge(second.syn()));
    }

    /** The report is of an earlier connection, or of the other direction. */
    @Test
    void shouldLeaveAConnectionAloneThatIsUnderWay() {
        assertEquals(EXPECTED, judge(first.syn()));
        refusals.accept(new Tuple().reversedOf(connection));
        assertEquals("accept established", judge(first.synAck()));
        assertEquals("accept established", judge(first.forth(TcpView.ACK, 0, 0, 0)));

        refusals.accept(connection);

        assertEquals(0, fixture.tables().counters().rearmed());
        assertEquals("accept established", judge(first.back(TcpView.ACK, 0, 0, 100)));
    }

    @Test
    void shouldNotExpectAgainWhatTheOperatorTookBack() {
        assertEquals(EXPECTED, judge(first.syn()));
        fixture.tables().flows().disarmUnless((tuple, stream, service, owner) -> false);

        refusals.accept(connection);

        assertEquals(UNEXPECTED, judge(second.syn()));
    }
}
