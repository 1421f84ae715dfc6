package org.amverdict.integration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The link to the client is recreated, as a tunnel or a PPP link is, in the middle of an exchange and of a dump. */
@Tag("root")
@Timeout(120)
class RecreatedInterfaceIT {
    private static final Family FAMILY = Family.IPV4;
    /** Less than it takes Amanda to repeat a REP. */
    private static final Duration KNOWN_MAX = Duration.ofSeconds(10);

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private static String index(final EngineLab lab, final String link) throws IOException {
        return lab.network()
                .firewall()
                .run("cat", "/sys/class/net/" + link + "/ifindex")
                .strip();
    }

    /** Recreates the link between the firewall and one of its hosts. */
    private static void recreate(final EngineLab lab, final String link, final Host host) throws IOException {
        final String before = index(lab, link);
        final Host firewall = lab.network().firewall();
        final String address = host.address(FAMILY).getHostAddress();
        final String router = address.substring(0, address.lastIndexOf('.')) + ".1";
        firewall.run("ip", "link", "del", link);
        firewall.run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", host.namespace());
        firewall.run("ip", "addr", "add", router + "/24", "dev", link);
        firewall.run("ip", "link", "set", link, "up");
        host.run("ip", "addr", "add", address + "/24", "dev", "eth0");
        host.run("ip", "link", "set", "eth0", "up");
        host.run("ip", "route", "add", "default", "via", router);
        assertNotEquals(before, index(lab, link), "it has another index");
    }

    @Test
    void shouldLetTheReplyOfAnEstimatePass() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.refused(FAMILY)) {
            final Transaction of = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.selfcheck(of)));
            assertTrue(udp.answer(AmandaMessages.ack(of)));

            recreate(lab, "client", lab.client());

            await().atMost(KNOWN_MAX).until(() -> udp.answer(AmandaMessages.selfcheckReply(of, 300)));
            assertTrue(udp.ask(AmandaMessages.ack(of)));
        }
    }

    @Test
    void shouldLetAnnouncedStreamsConnectAndOthersGoOn() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules("inline"));
                Conversation udp = lab.dump(FAMILY);
                ServerSocket dataPort = Streams.listen(lab.client(), FAMILY, 11_001)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));
            try (Socket server = Streams.connect(lab.server(), lab.client(), FAMILY, 11_001, EngineLab.ARRIVE_MS);
                    Socket client = dataPort.accept()) {
                client.setSoTimeout(30_000);
                server.setSoTimeout(30_000);

                recreate(lab, "client", lab.client());

                client.getOutputStream().write('y');
                assertEquals('y', server.getInputStream().read(), "from the client, by the new link");
                server.getOutputStream().write('x');
                assertEquals('x', client.getInputStream().read(), "towards the client, by the new link");
            }
            recreate(lab, "server", lab.server());
            assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), FAMILY, 11_002));
            assertEquals(Outcome.SILENT, lab.connect(FAMILY, 11_004), "nobody announced it");
        }
    }
}
