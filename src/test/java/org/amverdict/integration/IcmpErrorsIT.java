package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What routers and hosts report about streams and datagrams, under the rules that the program writes. */
@Tag("root")
@Timeout(120)
class IcmpErrorsIT {
    private static final int STREAM_BYTES = 1_000_000;
    /** Every link has an MTU of 1500 but the one between the router and the server; IPv6 wants 1280 at least. */
    private static final int NARROW = 1300;
    /** As long as TCP repeats several times what does not arrive. */
    private static final int STALL_MS = 4_000;

    private static final int OTHER_PORT = 9_999;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    static List<Family> families() {
        return Kernel.families();
    }

    static Stream<Arguments> familiesAndPlacements() {
        return families().stream()
                .flatMap(family -> Stream.of("inline", "gate", "offload").map(at -> Arguments.of(family, at)));
    }

    /**
     * Puts a router between firewall and server. What the client sends does not fit its last link, so that the router's
     * report goes back through the firewall.
     */
    private static void narrow(final EngineLab lab) throws IOException {
        final String router = lab.network().prefix() + "router";
        run(List.of("ip", "netns", "add", router));
        lab.network().own(() -> run(List.of("ip", "netns", "delete", router)));
        run(List.of("ip", "netns", "exec", router, "sh", "-c", """
                cd /proc/sys/net && echo 1 > ipv4/ip_forward && echo 1 > ipv6/conf/all/forwarding
                echo 0 > ipv4/conf/all/rp_filter && echo 0 > ipv4/conf/default/rp_filter
                for d in all default; do echo 0 > ipv6/conf/$d/accept_dad; echo 0 > ipv6/conf/$d/dad_transmits; done
                """));
        final String firewall = lab.network().firewall().namespace();
        final String server = lab.server().namespace();
        run(List.of(
                "ip", "-n", firewall, "link", "add", "router", "type", "veth", "peer", "name", "eth0", "netns",
                router));
        run(List.of(
                "ip", "-n", router, "link", "add", "eth1", "type", "veth", "peer", "name", "eth1", "netns", server));
        final String text = """
                %1$s addr add 10.0.1.1/30 dev router
                %1$s addr add fd00:1::1/64 dev router nodad
                %1$s link set router up
                %2$s addr add 10.0.1.2/30 dev eth0
                %2$s addr add fd00:1::2/64 dev eth0 nodad
                %2$s link set eth0 up
                %2$s addr add 10.0.2.1/30 dev eth1
                %2$s addr add fd00:2::1/64 dev eth1 nodad
                %2$s link set eth1 mtu %4$d up
                %3$s addr add 10.0.2.2/30 dev eth1
                %3$s addr add fd00:2::2/64 dev eth1 nodad
                %3$s link set eth1 up
                %1$s route add 192.0.2.10/32 via 10.0.1.2
                %1$s -6 route add 2001:db8:1::10/128 via fd00:1::2
                %2$s route add 192.0.2.10/32 via 10.0.2.2
                %2$s -6 route add 2001:db8:1::10/128 via fd00:2::2
                %2$s route add default via 10.0.1.1
                %2$s -6 route add default via fd00:1::1
                %3$s route add 198.51.100.0/24 via 10.0.2.1
                %3$s -6 route add 2001:db8:2::/64 via fd00:2::1
                """.formatted("ip -n " + firewall, "ip -n " + router, "ip -n " + server, NARROW);
        for (final String line : text.lines().toList()) {
            run(List.of(line.split(" ", -1)));
        }
    }

    private static String run(final List<String> command) throws IOException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** A rule of the operator's own before those of the program. */
    private static void firewall(final EngineLab lab, final Family family, final String rule) throws IOException {
        final String tool = family == Family.IPV4 ? "iptables" : "ip6tables";
        final String line = tool + " -w 5 -I FORWARD " + rule;
        run(lab.network().firewall().inside(List.of(line.split(" ", -1))));
    }

    /** What the client believes it can send to the server, bytes; the MTU of its own link unless it was told. */
    private static int learntMtu(final EngineLab lab, final Family family) throws IOException {
        final String server = lab.server().address(family).getHostAddress();
        final String route = run(lab.client().inside(List.of("ip", "route", "get", server)));
        final int at = route.indexOf(" mtu ");
        return at < 0 ? 1500 : Integer.parseInt(route.substring(at + 5).replaceFirst("(?s)\\s.*", ""));
    }

    private static void negotiate(final EngineLab lab, final Family family, final InetAddress client, final int port)
            throws IOException {
        try (Conversation udp = lab.dump(family)) {
            udp.requester().talkTo(client, AmandaPeer.CONTROL_PORT);
            final Transaction of = lab.nextTransaction();
            final byte[] reply =
                    AmandaMessages.connectReply(of, "DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2));
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply), "sendbackup");
        }
    }

    /**
     * The client sends on the stream; counts what arrives at the server before it is silent for so long.
     *
     * @param client as the server knows it
     */
    private static int transfer(
            final EngineLab lab, final Family family, final InetAddress client, final int port, final int silenceMs)
            throws IOException {
        try (ServerSocket listener = Streams.listen(lab.client(), family, port);
                Socket requester = lab.server().call(() -> bound(lab.server().address(family)))) {
            requester.connect(new InetSocketAddress(client, port), EngineLab.ARRIVE_MS);
            listener.setSoTimeout(EngineLab.ARRIVE_MS);
            try (Socket responder = listener.accept()) {
                // No orphan that goes on sending keeps the namespace.
                responder.setSoLinger(true, 0);
                final Thread sender = new Thread(() -> send(responder), "stream-sender");
                sender.setDaemon(true);
                sender.start();
                requester.setSoTimeout(silenceMs);
                return count(requester);
            }
        }
    }

    /** Not before it is bound does a socket belong to the namespace of its thread. */
    private static Socket bound(final InetAddress local) throws IOException {
        final Socket socket = new Socket();
        socket.bind(new InetSocketAddress(local, 0));
        return socket;
    }

    private static void send(final Socket stream) {
        try {
            stream.getOutputStream().write(new byte[STREAM_BYTES]);
        } catch (final IOException e) {
            // The test has seen enough and closed it.
            return;
        }
    }

    private static int count(final Socket stream) throws IOException {
        final byte[] buffer = new byte[65_536];
        int total = 0;
        try {
            while (total < STREAM_BYTES) {
                final int read = stream.getInputStream().read(buffer);
                if (read < 0) {
                    return total;
                }
                total += read;
            }
        } catch (final SocketTimeoutException e) {
            return total;
        }
        return total;
    }

    private static long accepted(final EngineLab lab, final String reason) throws IOException {
        return (long) lab.metrics().sum("amverdict_packets_total", "verdict=\"accept\"", "reason=\"" + reason + "\"");
    }

    private static Setup setup(final String placement) {
        final Setup rules = Setup.USUAL.rules(placement);
        return placement.equals("offload")
                ? rules.with("marks: {data: 0x10, mesg: 0x11, index: 0x12, state: 0x13, mask: 0xff}")
                : rules;
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("familiesAndPlacements")
    void shouldLetTheSenderLearnThePathsMtu(final Family family, final String placement) throws IOException {
        try (EngineLab lab = EngineLab.start(setup(placement))) {
            narrow(lab);
            negotiate(lab, family, lab.client().address(family), 11_001);
            assertEquals(1500, learntMtu(lab, family), "before");

            assertEquals(
                    STREAM_BYTES,
                    transfer(lab, family, lab.client().address(family), 11_001, 20_000),
                    "bytes through DATA");

            assertEquals(NARROW, learntMtu(lab, family));
            assertEquals(placement.equals("inline"), accepted(lab, "related") > 0, "judged by the program");
            assertEquals(0, lab.judged("not-amanda"));
        }
    }

    /** The router quotes the public address, and the kernel translates the quotation before the program sees it. */
    @ParameterizedTest
    @MethodSource("families")
    void shouldLetAPublishedClientLearnThePathsMtu(final Family family) throws IOException {
        final boolean ipv4 = family == Family.IPV4;
        final String known = ipv4 ? "10.0.9.9" : "fd00:9::9";
        final InetAddress client = InetAddress.getByName(known);
        final Setup setup = setup("inline")
                .with("published: [{public: \"" + known + "\", host: \"" + (ipv4 ? "198.51.100.20" : "2001:db8:2::20")
                        + "\"}]");
        try (EngineLab lab = EngineLab.start(setup)) {
            narrow(lab);
            final String server = lab.server().namespace();
            run(List.of("ip", "-n", lab.network().firewall().namespace(), "addr", "add", known, "dev", "lo"));
            run(List.of("ip", "-n", server, "route", "add", known, "via", ipv4 ? "10.0.2.1" : "fd00:2::1"));
            negotiate(lab, family, client, 11_001);

            assertEquals(STREAM_BYTES, transfer(lab, family, client, 11_001, 20_000), "bytes through DATA");

            assertEquals(NARROW, learntMtu(lab, family));
            assertTrue(accepted(lab, "related") > 0, "judged by the program");
            assertEquals(0, lab.judged("not-amanda"));
        }
    }

    /** Without this the tests above would be green on a path that is wide enough. */
    @ParameterizedTest
    @MethodSource("families")
    void shouldStallWhereTheErrorsAreDropped(final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(setup("inline"))) {
            narrow(lab);
            firewall(
                    lab,
                    family,
                    family == Family.IPV4
                            ? "-p icmp --icmp-type fragmentation-needed -j DROP"
                            : "-p icmpv6 --icmpv6-type packet-too-big -j DROP");
            negotiate(lab, family, lab.client().address(family), 11_001);

            assertEquals(
                    0, transfer(lab, family, lab.client().address(family), 11_001, STALL_MS), "bytes through DATA");

            assertEquals(1500, learntMtu(lab, family));
        }
    }

    /** A socket that gets errors from the kernel: connected. */
    private static DatagramSocket connected(
            final Host from, final int sourcePort, final Host to, final int port, final Family family)
            throws IOException {
        final DatagramSocket socket = from.call(() -> new DatagramSocket(sourcePort, from.address(family)));
        socket.connect(to.address(family), port);
        socket.setSoTimeout(EngineLab.ARRIVE_MS);
        return socket;
    }

    private static void send(final DatagramSocket socket, final byte[] datagram) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length));
    }

    private static void receive(final DatagramSocket socket) throws IOException {
        socket.receive(new DatagramPacket(new byte[100], 100));
    }

    /** There is no listener on the client, as when Amanda's service is not started there. */
    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("familiesAndPlacements")
    void shouldTellTheRequesterThatNobodyListens(final Family family, final String placement) throws IOException {
        try (EngineLab lab = EngineLab.start(setup(placement));
                DatagramSocket requester =
                        connected(lab.server(), 850, lab.client(), AmandaPeer.CONTROL_PORT, family)) {
            send(requester, AmandaMessages.noop(lab.nextTransaction()));

            assertThrows(PortUnreachableException.class, () -> receive(requester));
            assertEquals(1, accepted(lab, "related"), "judged by the program in every placement");
            assertEquals(0, lab.judged("not-amanda"));
        }
    }

    /** The operator's own rule lets the datagram pass; the program knows of no such exchange. */
    @ParameterizedTest
    @MethodSource("families")
    void shouldLeaveAnErrorAboutADatagramThatItDoesNotKnowToTheSite(final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(setup("inline"));
                DatagramSocket other = connected(lab.server(), 850, lab.client(), OTHER_PORT, family)) {
            firewall(lab, family, "-p udp --dport " + OTHER_PORT + " -j ACCEPT");
            send(other, new byte[10]);

            assertThrows(SocketTimeoutException.class, () -> receive(other));

            assertEquals(1, lab.left("not-amanda"), "and the site's policy drops it");
            assertEquals(0, accepted(lab, "related"));
        }
    }

    @Test
    void shouldPassAnUnknownErrorWhereTheSiteLetsItPass() throws IOException {
        final Family family = Family.IPV4;
        try (EngineLab lab = EngineLab.start(setup("inline").monitor());
                DatagramSocket other = connected(lab.server(), 850, lab.client(), OTHER_PORT, family)) {
            lab.policy("ACCEPT");
            firewall(lab, family, "-p udp --dport " + OTHER_PORT + " -j ACCEPT");
            send(other, new byte[10]);

            assertThrows(PortUnreachableException.class, () -> receive(other));

            assertEquals(0, lab.metrics().sum("amverdict_would_drop_total", "reason=\"not-amanda\""));
            assertFalse(lab.left("not-amanda") == 0);
        }
    }
}
