package org.amverdict.integration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The router translates addresses; the program rewrites nothing, it judges where the addresses are those that matter. */
@Tag("root")
@Timeout(60)
class NatIT {
    private static final Family IPV4 = Family.IPV4;
    /** Addresses of the router itself, on the stranger's network. */
    private static final String PUBLIC4 = "203.0.113.5";

    private static final String PUBLIC6 = "2001:db8:3::5";
    private static final int OTHER_CONTROL_PORT = 10_090;
    /** It is left to the site, where the router has the address and nothing listens. */
    private static final Outcome UNTRANSLATED = Outcome.REFUSED;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    /** The public addresses are the router's own, so that what is not translated ends at a host that refuses it. */
    private static Host publish(final EngineLab lab) throws IOException {
        final Host firewall = lab.network().firewall();
        firewall.run("ip", "addr", "add", PUBLIC4 + "/32", "dev", "stranger");
        firewall.run("ip", "addr", "add", PUBLIC6 + "/128", "dev", "stranger", "nodad");
        return lab.network().alias(firewall, PUBLIC4, PUBLIC6);
    }

    private static byte[] reply(final Transaction of, final int firstPort) {
        final String streams = "DATA %d MESG %d INDEX %d".formatted(firstPort, firstPort + 1, firstPort + 2);
        return AmandaMessages.connectReply(of, streams);
    }

    /** (a) What the client sees as its server is the router, what the program sees is the server. */
    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline"})
    void shouldWorkBehindSourceNatOfTheRequester(final String placement) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules(placement))) {
            for (final Family family : Kernel.families()) {
                final String tool = family == IPV4 ? "iptables" : "ip6tables";
                lab.network()
                        .firewall()
                        .run(tool, "-t", "nat", "-A", "POSTROUTING", "-o", "client", "-j", "MASQUERADE");
                final InetAddress router = InetAddress.getByName(family == IPV4 ? "198.51.100.1" : "2001:db8:2::1");
                try (Conversation udp = lab.dump(family)) {
                    final Transaction of = lab.nextTransaction();
                    assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
                    assertEquals(router, udp.responder().other(), "the server is hidden");
                    assertTrue(udp.answer(AmandaMessages.ack(of)));
                    assertTrue(udp.answer(reply(of, 11_001)));
                    assertTrue(udp.ask(AmandaMessages.ack(of)));
                }
                for (int port = 11_001; port <= 11_003; port++) {
                    assertReaches(lab, lab.client(), lab.client(), family, port, router);
                }
                assertEquals(Outcome.SILENT, lab.connect(family, 11_001), "a second connection");
                assertEquals(Outcome.SILENT, lab.connect(family, 11_004));
            }
        }
    }

    /** Connects from the server to {@code called}, and insists that {@code there} gets it. */
    private static void assertReaches(
            final EngineLab lab,
            final Host called,
            final Host there,
            final Family family,
            final int port,
            final InetAddress caller)
            throws IOException {
        try (ServerSocket listener = Streams.listen(there, family, port)) {
            listener.setSoTimeout(EngineLab.ARRIVE_MS);
            try (Socket server = Streams.connect(lab.server(), called, family, port, EngineLab.ARRIVE_MS);
                    Socket host = listener.accept()) {
                assertEquals(caller, host.getInetAddress());
                host.getOutputStream().write('d');
                assertEquals('d', server.getInputStream().read());
                server.getOutputStream().write('u');
                host.setSoTimeout(EngineLab.ARRIVE_MS);
                assertEquals('u', host.getInputStream().read());
            }
        } catch (final SocketTimeoutException e) {
            throw new IOException(called.address(family) + " port " + port + " does not reach " + there.namespace(), e);
        }
    }

    private static Conversation ask(
            final EngineLab lab, final Host called, final Host there, final Family family, final int port)
            throws IOException {
        final AmandaPeer responder = AmandaPeer.responder(there, family);
        final AmandaPeer requester = AmandaPeer.requester(lab.server(), called, family);
        requester.talkTo(called.address(family), port);
        return new Conversation(requester, responder, EngineLab.ARRIVE_MS);
    }

    /** (b) The server knows the client by an address of the router alone. */
    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldReachAPublishedHost(final String placement) throws IOException {
        final Setup setup = Setup.USUAL
                .rules(placement)
                .with("marks: {data: 0x10, mesg: 0x11, index: 0x12, mask: 0xff}")
                .with("published: [{public: " + PUBLIC4 + ", host: 198.51.100.20}, {public: \"" + PUBLIC6
                        + "\", host: \"2001:db8:2::20\"}]");
        try (EngineLab lab = EngineLab.start(setup)) {
            final Host router = publish(lab);
            for (final Family family : Kernel.families()) {
                final InetAddress server = lab.server().address(family);
                assertEquals(UNTRANSLATED, attempt(lab, router, family, 11_001), "before it is negotiated");
                try (Conversation udp = ask(lab, router, lab.client(), family, AmandaPeer.CONTROL_PORT)) {
                    final Transaction of = lab.nextTransaction();
                    assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply(of, 11_001)));
                    assertEquals(router.address(family), udp.requester().other(), "who answers");
                }
                for (int port = 11_001; port <= 11_003; port++) {
                    assertReaches(lab, router, lab.client(), family, port, server);
                }
                assertEquals(UNTRANSLATED, attempt(lab, router, family, 11_001), "a second connection");
                assertEquals(UNTRANSLATED, attempt(lab, router, family, 11_004));
                assertReaches(lab, router, lab.client(), family, AmandaPeer.CONTROL_PORT, server);
                assertNotEquals(
                        Outcome.CONNECTED,
                        Streams.attempt(lab.stranger(), router, family, AmandaPeer.CONTROL_PORT, EngineLab.SILENCE_MS),
                        "nobody allowed the stranger");
            }
            lab.removeRules();
            assertFalse(
                    lab.network().firewall().run("iptables-save").contains("AMVERDICT"), "every table is as before");
        }
    }

    /** The site translates a port of the public address itself, and the router serves another. */
    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldLeaveOtherPortsOfThePublicAddressToTheSite(final String placement) throws IOException {
        final Setup setup = Setup.USUAL
                .rules(placement)
                .with("marks: {data: 0x10, mesg: 0x11, index: 0x12, mask: 0xff}")
                .with("published: [{public: " + PUBLIC4 + ", host: 198.51.100.20}, {public: \"" + PUBLIC6
                        + "\", host: \"2001:db8:2::20\"}]");
        try (EngineLab lab = EngineLab.start(setup)) {
            final Host router = publish(lab);
            for (final Family family : Kernel.families()) {
                final String tool = family == IPV4 ? "iptables" : "ip6tables";
                final String address = router.address(family).getHostAddress();
                final String to = family == IPV4 ? "198.51.100.20:2222" : "[2001:db8:2::20]:2222";
                for (final String rule : List.of(
                        "-t nat -A PREROUTING -d " + address + " -p tcp --dport 2222 -j DNAT --to-destination " + to,
                        "-A FORWARD -p tcp --dport 2222 -j ACCEPT",
                        "-A FORWARD -p tcp --sport 2222 -j ACCEPT")) {
                    router.run((tool + " " + rule).split(" ", -1));
                }
                final InetAddress server = lab.server().address(family);
                assertReaches(lab, router, lab.client(), family, 2222, server);
                assertReaches(lab, router, router, family, 2223, server);
                try (Conversation udp = ask(lab, router, lab.client(), family, AmandaPeer.CONTROL_PORT)) {
                    final Transaction of = lab.nextTransaction();
                    assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply(of, 11_001)));
                }
                assertReaches(lab, router, lab.client(), family, 11_001, server);
            }
            assertEquals(0, (long) lab.metrics().sum("amverdict_not_continued_total"));
            assertEquals(0, (long) lab.metrics().sum("amverdict_packets_total", "verdict=\"drop\""));
        }
    }

    /** (b) An estimate takes longer than conntrack remembers a UDP exchange. */
    @Test
    void shouldAnswerUnderThePublicAddressHoweverLate() throws IOException {
        final Setup setup = Setup.USUAL
                .rules("gate")
                .with("published: [{public: " + PUBLIC4 + ", control-port: " + OTHER_CONTROL_PORT
                        + ", host: 198.51.100.20}, {public: \"" + PUBLIC6 + "\", host: \"2001:db8:2::20\"}]");
        try (EngineLab lab = EngineLab.start(setup)) {
            final Host router = publish(lab);
            final String timeouts = "cd /proc/sys/net/netfilter && echo 1 > nf_conntrack_udp_timeout"
                    + " && echo 1 > nf_conntrack_udp_timeout_stream";
            lab.network().firewall().run("sh", "-c", timeouts);
            for (final Family family : Kernel.families()) {
                final int port = family == IPV4 ? OTHER_CONTROL_PORT : AmandaPeer.CONTROL_PORT;
                try (Conversation udp = ask(lab, router, lab.client(), family, port)) {
                    final Transaction of = lab.nextTransaction();
                    assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
                    assertTrue(udp.answer(AmandaMessages.ack(of)));
                    awaitForgotten(lab);

                    assertTrue(udp.answer(reply(of, 11_001)));
                    assertEquals(router.address(family), udp.requester().other(), "who answers");
                    assertTrue(udp.ask(AmandaMessages.ack(of)), "sent to where the answer came from");
                }
                assertReaches(
                        lab, router, lab.client(), family, 11_001, lab.server().address(family));
                try (Conversation udp = lab.dump(family)) {
                    final Transaction of = lab.nextTransaction();
                    assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)), "by its own address");
                    assertTrue(udp.answer(AmandaMessages.ack(of)));
                    awaitForgotten(lab);

                    assertTrue(udp.answer(reply(of, 11_001)));
                    assertEquals(lab.client().address(family), udp.requester().other(), "who answers");
                }
            }
        }
    }

    private static void awaitForgotten(final EngineLab lab) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> lab.network()
                        .firewall()
                        .run("sh", "-c", "grep -c ' udp ' /proc/net/nf_conntrack || true")
                        .equals("0"));
    }

    /** Where a listener waits behind the router, so that a translated SYN would connect. */
    private static Outcome attempt(final EngineLab lab, final Host router, final Family family, final int port)
            throws IOException {
        try (ServerSocket listener = Streams.listen(lab.client(), family, port)) {
            return Streams.attempt(lab.server(), router, family, listener.getLocalPort(), EngineLab.SILENCE_MS);
        }
    }

    private static double heldBack(final EngineLab lab) throws IOException {
        return lab.metrics().sum("amverdict_replies_refused_total", "why=\"held-back\"");
    }

    /** (c) The server connects to one address and port: it is for the host that announced it first. */
    @Test
    void shouldHoldBackASecondHostThatAnnouncesTheSamePort() throws IOException {
        final Setup setup = Setup.USUAL
                .allow("192.0.2.10", "203.0.113.66")
                .rules("gate")
                .with("control-ports: [10080]")
                .with("published: [{public: " + PUBLIC4 + ", host: 198.51.100.20}, {public: " + PUBLIC4
                        + ", control-port: " + OTHER_CONTROL_PORT + ", host: 203.0.113.66}]");
        try (EngineLab lab = EngineLab.start(setup)) {
            final Host router = publish(lab);
            final InetAddress server = lab.server().address(IPV4);
            try (Conversation first = ask(lab, router, lab.client(), IPV4, AmandaPeer.CONTROL_PORT);
                    Conversation second = ask(lab, router, lab.stranger(), IPV4, OTHER_CONTROL_PORT)) {
                final Transaction one = lab.nextTransaction();
                final Transaction two = lab.nextTransaction();
                assertTrue(first.ask(AmandaMessages.sendbackup(one, true)));
                assertTrue(second.ask(AmandaMessages.sendbackup(two, true)));
                assertTrue(first.answer(reply(one, 11_001)));
                final byte[] other = AmandaMessages.connectReply(two, "DATA 11011 MESG 11012 INDEX 11002");

                second.responder().send(other);
                await().atMost(Duration.ofMillis(EngineLab.ARRIVE_MS)).until(() -> heldBack(lab) == 1);
                assertEquals(1, lab.drops("refused-reply"));
                assertReaches(lab, router, lab.client(), IPV4, 11_001, server);
                second.responder().send(other);
                await().atMost(Duration.ofMillis(EngineLab.ARRIVE_MS)).until(() -> heldBack(lab) == 2);
                assertEquals(UNTRANSLATED, attempt(lab, router, IPV4, 11_011), "nothing of it is open");

                assertReaches(lab, router, lab.client(), IPV4, 11_002, server);
                assertTrue(second.answer(other), "the first one's connection is made, so the second is told");
                assertReaches(lab, router, lab.stranger(), IPV4, 11_002, server);
                assertReaches(lab, router, lab.stranger(), IPV4, 11_011, server);
                assertReaches(lab, router, lab.client(), IPV4, 11_003, server);
                assertReaches(lab, router, lab.stranger(), IPV4, 11_012, server);

                // Gone is as good as taken.
                final Transaction three = lab.nextTransaction();
                final Transaction four = lab.nextTransaction();
                assertTrue(first.ask(AmandaMessages.sendbackup(three, true)));
                assertTrue(second.ask(AmandaMessages.sendbackup(four, true)));
                assertTrue(second.answer(reply(four, 11_021)));
                first.responder().send(reply(three, 11_021));
                await().atMost(Duration.ofMillis(EngineLab.ARRIVE_MS)).until(() -> heldBack(lab) == 3);
                assertTrue(second.answer(AmandaMessages.nak(four, "no such disk\n")));
                assertTrue(first.answer(reply(three, 11_021)));
                assertReaches(lab, router, lab.client(), IPV4, 11_021, server);
                assertEquals(3, heldBack(lab));
            }
        }
    }
}
