package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.junit.jupiter.api.Test;

/** A tunnel, VLAN or PPP link that is set up anew has another index than before; nothing else has changed. */
final class RecreatedInterfaceTest {
    private static final int SERVERS = 3;
    private static final int CLIENTS = 4;
    private static final int CLIENTS_ANEW = 9;
    private static final int ELSEWHERE = 5;
    private static final String TWO = "CONNECT DATA 2001 MESG 2002 INDEX -1";

    private final EngineFixture fixture = new EngineFixture();
    private final Exchange estimate = Exchange.of("sendsize");
    private final Exchange dump = Exchange.of("sendbackup").withNames("000-00000001", "1");

    private String forth(final byte[] packet, final int clients) {
        fixture.interfaces(SERVERS, clients);
        return fixture.send(packet, 1).summary();
    }

    private String back(final byte[] packet, final int clients) {
        fixture.interfaces(clients, SERVERS);
        return fixture.send(packet, 1).summary();
    }

    private void present(final int... indexes) {
        fixture.tables().interfaces().publish(indexes);
    }

    private void recreate() {
        present(1, SERVERS, ELSEWHERE, CLIENTS_ANEW);
    }

    @Test
    void shouldAcceptTheRestOfAnExchangeOverTheNewOne() {
        present(1, SERVERS, CLIENTS, ELSEWHERE);
        forth(estimate.request(), CLIENTS);
        back(estimate.fromResponder("ACK", ""), CLIENTS);
        assertEquals("drop unsolicited", back(estimate.reply("/ 0 SIZE 5"), CLIENTS_ANEW), "before it is known");

        recreate();

        assertEquals("accept reply", back(estimate.reply("/ 0 SIZE 5"), CLIENTS_ANEW));
        assertEquals("drop unsolicited", back(estimate.reply("/ 0 SIZE 6"), ELSEWHERE), "the new one is known now");
        assertEquals("accept reply", back(estimate.reply("/ 0 SIZE 5"), CLIENTS_ANEW));
        assertEquals("accept ack", forth(estimate.acknowledgement(), CLIENTS_ANEW));
    }

    @Test
    void shouldTellInterfacesApartThatAreBothThere() {
        present(1, SERVERS, CLIENTS, ELSEWHERE);
        forth(estimate.request(), CLIENTS);
        forth(dump.request(), CLIENTS);
        back(dump.reply(TWO), CLIENTS);

        assertEquals("drop unsolicited", back(estimate.reply("/ 0 SIZE 5"), ELSEWHERE));
        fixture.interfaces(ELSEWHERE, CLIENTS);
        assertEquals("drop unexpected", fixture.send(dump.syn(2001), 1).summary());
        assertEquals("accept expected", forth(dump.syn(2001), CLIENTS));
    }

    @Test
    void shouldKeepThemWhereNobodySaysWhichInterfacesThereAre() {
        forth(estimate.request(), CLIENTS);

        assertEquals("drop unsolicited", back(estimate.reply("/ 0 SIZE 5"), CLIENTS_ANEW));
        recreate();
        fixture.tables().interfaces().forget();
        assertEquals("drop unsolicited", back(estimate.reply("/ 0 SIZE 5"), CLIENTS_ANEW));
    }

    @Test
    void shouldTakeARequestAgainFromAServerWhoseLinkIsNew() {
        fixture.interfaces(8, CLIENTS);
        fixture.send(estimate.request(), 1);
        recreate();

        assertEquals("accept request", forth(estimate.request(), CLIENTS_ANEW));
        assertEquals("accept reply", back(estimate.fromResponder("ACK", ""), CLIENTS_ANEW));
    }

    @Test
    void shouldLetTheAnnouncedStreamsConnectOverTheNewOne() {
        fixture.interfaces(8, CLIENTS);
        fixture.send(dump.request(), 1);
        fixture.interfaces(CLIENTS, 8);
        fixture.send(dump.reply(TWO), 1);
        present(1, SERVERS, CLIENTS, ELSEWHERE);

        assertEquals("accept related", back(dump.unreachableForRequester(dump.syn(2001)), CLIENTS));
        assertEquals("accept expected", forth(dump.syn(2001), CLIENTS));
        assertEquals("accept established", back(dump.synAck(2001), CLIENTS));
        recreate();
        assertEquals("accept related", back(dump.unreachableForRequester(dump.syn(2002)), CLIENTS_ANEW));
        assertEquals("accept expected", forth(dump.syn(2002), CLIENTS_ANEW));
    }

    @Test
    void shouldFollowAConnectionOverTheNewOne() {
        forth(dump.request(), CLIENTS);
        back(dump.reply(TWO), CLIENTS);
        forth(dump.syn(2001), CLIENTS);
        back(dump.synAck(2001), CLIENTS);
        forth(dump.data(2001, 1001, 10), CLIENTS);
        present(1, SERVERS, CLIENTS, ELSEWHERE);
        assertDropped(back(answer(5001), ELSEWHERE));
        recreate();

        assertDropped(back(answer(5001 + (1 << 30)), ELSEWHERE)); // the numbers of another connection
        assertEquals("accept related", back(dump.unreachableForRequester(dump.data(2001, 1001, 10)), CLIENTS_ANEW));
        assertEquals("accept established", back(answer(5001), CLIENTS_ANEW));
        assertDropped(back(answer(5011), ELSEWHERE)); // the new one is known now
        assertEquals("accept established", back(answer(5011), CLIENTS_ANEW));
    }

    private static void assertDropped(final String summary) {
        assertTrue(summary.startsWith("drop "), summary);
    }

    private byte[] answer(final int sequence) {
        return PacketBuilder.ip(dump.responder(), dump.requester())
                .tcp(2001, Exchange.CONNECTOR, TcpView.ACK, sequence, 1011, new byte[0], new byte[10]);
    }

    /** The same addresses behind two interfaces: what was announced over one that is gone holds nothing back. */
    @Test
    void shouldAnnounceAgainOverTheNewOneWhatWasExpectedOverTheOld() {
        forth(dump.request(), CLIENTS);
        back(dump.reply(TWO), CLIENTS);
        present(1, SERVERS, CLIENTS, CLIENTS_ANEW);
        final Exchange again = dump.withNames("000-00000002", "2");
        forth(again.request(), CLIENTS_ANEW);
        assertEquals("drop refused-reply", back(again.reply(TWO), CLIENTS_ANEW), "held back");

        recreate();
        assertEquals("accept reply", back(again.reply(TWO), CLIENTS_ANEW));
        assertEquals("accept expected", forth(dump.syn(2001), CLIENTS_ANEW));
    }
}
