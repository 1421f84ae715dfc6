package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.junit.jupiter.api.Test;

/** What ends is told, once, with everything that came. */
final class EndingsTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final int SYN_BYTES = 40;
    private static final int DATA = 50_081;

    private final EngineFixture fixture = new EngineFixture();
    private final Exchange exchange = Exchange.of("sendbackup");
    private long now = 1000 * SECOND;

    private void announce() {
        fixture.send(exchange.request(), now);
        fixture.send(exchange.reply("CONNECT DATA 50081 MESG 50082 INDEX 50083"), now);
        fixture.send(exchange.acknowledgement(), now);
        assertEquals(List.of(), fixture.endings());
    }

    private void forth(final int flags, final int sequence, final int acknowledgement, final int payload) {
        fixture.send(
                PacketBuilder.ip(exchange.requester(), exchange.responder())
                        .tcp(
                                Exchange.CONNECTOR,
                                DATA,
                                flags,
                                sequence,
                                acknowledgement,
                                new byte[0],
                                new byte[payload]),
                now);
    }

    private void back(final int flags, final int sequence, final int acknowledgement, final int payload) {
        fixture.send(
                PacketBuilder.ip(exchange.responder(), exchange.requester())
                        .tcp(
                                DATA,
                                Exchange.CONNECTOR,
                                flags,
                                sequence,
                                acknowledgement,
                                new byte[0],
                                new byte[payload]),
                now);
    }

    /** Handshake, 100 bytes back after a silence, and both FINs; not yet the last acknowledgement. */
    private void carry() {
        forth(TcpView.SYN, 1000, 0, 0);
        back(TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
        forth(TcpView.ACK, 1001, 5001, 0);
        now += 7 * SECOND;
        back(TcpView.ACK, 5001, 1001, 100);
        now += 9 * MILLI;
        back(TcpView.ACK | TcpView.FIN, 5101, 1001, 0);
        now += 5 * SECOND;
        forth(TcpView.ACK | TcpView.FIN, 1001, 5102, 0);
    }

    private void keepHouse(final long later) {
        now += later;
        fixture.engine().housekeep(now, 1 << 20);
    }

    @Test
    void shouldTellOfAFinishedFlowWhenTheLastFinIsAcknowledged() {
        announce();
        carry();
        assertEquals(List.of(), fixture.endings());

        back(TcpView.ACK, 5102, 1002, 0);

        assertEquals(
                List.of("flow data of 1 port 50000>50081 finished: 3 packets 120 bytes, 4 packets 260 bytes,"
                        + " 12009 ms, gap 7000 ms"),
                fixture.endings());
        keepHouse(121 * SECOND);
        assertEquals(List.of(), flows(fixture.endings()));
    }

    private static List<String> flows(final List<String> endings) {
        return endings.stream().filter(ending -> ending.startsWith("flow")).toList();
    }

    @Test
    void shouldTellOnceMoreIfPacketsCameAfterTheEnd() {
        announce();
        carry();
        back(TcpView.ACK, 5102, 1002, 0);
        fixture.endings();
        now += SECOND;
        back(TcpView.ACK | TcpView.FIN, 5101, 1001, 0);

        keepHouse(121 * SECOND);

        assertEquals(
                List.of("flow data of 1 port 50000>50081 finished: 3 packets 120 bytes, 5 packets 300 bytes,"
                        + " 13009 ms, gap 7000 ms"),
                flows(fixture.endings()));
    }

    @Test
    void shouldTellOfAFlowWhoseLastAcknowledgementNeverCame() {
        announce();
        carry();

        keepHouse(121 * SECOND);

        assertEquals(1, flows(fixture.endings()).size());
    }

    @Test
    void shouldTellOfAResetAtOnce() {
        announce();
        forth(TcpView.SYN, 1000, 0, 0);
        back(TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
        forth(TcpView.ACK, 1001, 5001, 0);
        back(TcpView.RST, 5001, 0, 0);

        assertEquals(
                List.of(
                        "flow data of 1 port 50000>50081 reset: 2 packets 80 bytes, 2 packets 80 bytes, 0 ms, gap 0 ms"),
                fixture.endings());
    }

    @Test
    void shouldTellOfARefusedConnectionAndThatItIsExpectedOnceMore() {
        announce();
        forth(TcpView.SYN, 1000, 0, 0);
        now += 300 * MILLI;
        back(TcpView.RST | TcpView.ACK, 0, 1001, 0);

        assertEquals(
                List.of("flow data of 1 port 50000>50081 refused: 1 packets 40 bytes, 1 packets 40 bytes, 300 ms,"
                        + " gap 0 ms, rearmed"),
                fixture.endings());
        forth(TcpView.SYN, 2000, 0, 0);
        back(TcpView.RST | TcpView.ACK, 0, 2001, 0);
        assertEquals(
                List.of(
                        "flow data of 1 port 50000>50081 refused: 1 packets 40 bytes, 1 packets 40 bytes, 0 ms, gap 0 ms"),
                fixture.endings());
    }

    @Test
    void shouldTellThatOnlySynsWereSeen() {
        announce();
        forth(TcpView.SYN, 1000, 0, 0);
        forth(TcpView.SYN, 1000, 0, 0);

        keepHouse(121 * SECOND);

        assertEquals(
                List.of("flow data of 1 port 50000>50081 unfollowed: 2 packets " + 2 * SYN_BYTES
                        + " bytes, 0 packets 0 bytes, 0 ms, gap 0 ms"),
                fixture.endings());
    }

    @Test
    void shouldTellOfEveryExpectationThatNobodyTook() {
        announce();
        forth(TcpView.SYN, 1000, 0, 0);

        keepHouse(181 * SECOND);

        assertEquals(
                List.of("expectation index of 1 port 50083 expired", "expectation mesg of 1 port 50082 expired"),
                fixture.endings().stream()
                        .filter(ending -> ending.startsWith("expectation"))
                        .sorted()
                        .toList());
    }

    @Test
    void shouldTellOfWhatANakTakesBack() {
        fixture.send(exchange.request(), now);
        fixture.send(exchange.reply("CONNECT DATA 50081 MESG 50082 INDEX -1"), now);
        fixture.send(exchange.fromResponder("NAK", "ERROR busy\n"), now);

        assertEquals(
                List.of("expectation data of 1 port 50081 nak", "expectation mesg of 1 port 50082 nak"),
                fixture.endings());
    }

    @Test
    void shouldTellOfATransactionWithoutReply() {
        fixture.send(exchange.request(), now);
        announceElsewhere();

        keepHouse(6 * 3600 * SECOND + 1);

        assertEquals(
                List.of("transaction 1 expired"),
                fixture.endings().stream()
                        .filter(ending -> ending.startsWith("transaction"))
                        .toList());
    }

    /** A transaction with a reply is no news when it goes. */
    private void announceElsewhere() {
        final Exchange other = exchange.withNames("000-00000001", "7");
        fixture.send(other.request(), now);
        fixture.send(other.reply("CONNECT DATA 50091 MESG 50092 INDEX 50093"), now);
        fixture.send(other.acknowledgement(), now);
    }

    @Test
    void shouldTellOfAFlowWhosePlaceIsTaken() {
        announce();
        forth(TcpView.SYN, 1000, 0, 0);
        back(TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
        final Exchange next = exchange.withNames("000-00000001", "7");
        fixture.send(next.request(), now);
        fixture.send(next.reply("CONNECT DATA 50081 MESG 50092 INDEX 50093"), now);
        fixture.endings();

        forth(TcpView.SYN, 9000, 0, 0);

        assertEquals(
                List.of(
                        "flow data of 1 port 50000>50081 replaced: 1 packets 40 bytes, 1 packets 40 bytes, 0 ms, gap 0 ms"),
                fixture.endings());
    }
}
