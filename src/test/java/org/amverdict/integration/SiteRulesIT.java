package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.Asked;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program adds to a firewall. Policy DROP, and rules of the site for ssh, a range of its own and DNS, each direction
 * by itself, since the site's rules must decide about every packet of what is not Amanda's.
 */
@Tag("root")
@Timeout(60)
class SiteRulesIT {
    private static final String MARKS = "marks: {data: 0x10, mesg: 0x11, index: 0x12, mask: 0xff}";
    private static final String STATIC =
            "static: [{from: [192.0.2.10, \"2001:db8:1::10\"], to: [198.51.100.20, \"2001:db8:2::20\"], tcp: 6000-6010}]";

    /** Of the site: forth and back. */
    private static final Set<Integer> SITE = Set.of(22, 5005);
    /** The site lets the SYN pass and not its answer. */
    private static final int HALF = 9000;
    /** What Amanda may use without an announcement. */
    private static final Set<Integer> AMANDA = Set.of(6005, 10_080);

    private static final int ANNOUNCED = 11_001;
    private static final List<Integer> PORTS =
            List.of(22, 23, 5005, 5011, 6005, 6011, 8080, HALF, 10_080, 10_081, ANNOUNCED, 11_002);

    private static final int SILENCE_MS = 300;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    /** After ours, as most sites have them: {@code rules --apply} puts its jump first. */
    private static void addSiteRules(final Host firewall) throws IOException {
        for (final String tool : List.of("iptables", "ip6tables")) {
            for (final String match : List.of(
                    "-p tcp --dport 22",
                    "-p tcp --sport 22",
                    "-p tcp --dport 5000:5010",
                    "-p tcp --sport 5000:5010",
                    "-p tcp --dport " + HALF,
                    "-p udp --dport 53")) {
                final List<String> command = new ArrayList<>(List.of(tool, "-A", "FORWARD"));
                command.addAll(List.of(match.split(" ", -1)));
                command.addAll(List.of("-j", "ACCEPT"));
                firewall.run(command.toArray(new String[0]));
            }
        }
    }

    /** The ports among {@link #PORTS} that connect. */
    private static Set<Integer> connecting(
            final Host from, final Host to, final Family family, final Set<Integer> expected) throws IOException {
        final List<AutoCloseable> listeners = new ArrayList<>();
        try {
            for (final int port : PORTS) {
                listeners.add(Streams.listen(to, family, port));
            }
            return from.call(() -> connecting(from, to, family, PORTS, expected));
        } finally {
            for (final AutoCloseable listener : listeners) {
                close(listener);
            }
        }
    }

    private static void close(final AutoCloseable resource) throws IOException {
        try {
            resource.close();
        } catch (final IOException e) {
            throw e;
        } catch (final Exception e) {
            throw new IOException(e);
        }
    }

    /** All at once; waits longer only for those that are expected. */
    private static Set<Integer> connecting(
            final Host from, final Host to, final Family family, final List<Integer> ports, final Set<Integer> expected)
            throws IOException, InterruptedException {
        final Map<Integer, SocketChannel> trying = new TreeMap<>();
        final Set<Integer> connected = new TreeSet<>();
        try {
            for (final int port : ports) {
                final SocketChannel channel = SocketChannel.open();
                trying.put(port, channel);
                channel.bind(new InetSocketAddress(from.address(family), 0));
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(to.address(family), port));
            }
            final long start = System.nanoTime();
            long waitedMs = 0;
            while (waitedMs < SILENCE_MS || (waitedMs < EngineLab.ARRIVE_MS && !connected.containsAll(expected))) {
                Thread.sleep(20);
                for (final Map.Entry<Integer, SocketChannel> each : trying.entrySet()) {
                    if (!connected.contains(each.getKey()) && each.getValue().finishConnect()) {
                        connected.add(each.getKey());
                    }
                }
                waitedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            }
        } finally {
            for (final SocketChannel channel : trying.values()) {
                channel.close();
            }
        }
        return connected;
    }

    /** Whether a datagram to that port arrives. */
    private static boolean arrives(final Host from, final Host to, final Family family, final int port, final int ms)
            throws IOException {
        try (DatagramChannel receiver =
                to.call(() -> DatagramChannel.open().bind(new InetSocketAddress(to.address(family), port)))) {
            receiver.configureBlocking(false);
            return from.call(() -> {
                try (DatagramChannel sender = DatagramChannel.open()) {
                    sender.send(ByteBuffer.wrap(new byte[20]), new InetSocketAddress(to.address(family), port));
                }
                final long start = System.nanoTime();
                while (receiver.receive(ByteBuffer.allocate(64)) == null) {
                    if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(ms)) {
                        return false;
                    }
                    Thread.sleep(10);
                }
                return true;
            });
        }
    }

    /** Everything but Amanda's streams: by the site's rules, and where {@code more} says so by the program. */
    private static void assertTable(final EngineLab lab, final Family family, final Set<Integer> more)
            throws IOException {
        assertTable(lab.server(), lab.client(), lab.stranger(), family, more);
    }

    private static void assertTable(
            final Host server, final Host client, final Host stranger, final Family family, final Set<Integer> more)
            throws IOException {
        final Set<Integer> expected = new HashSet<>(SITE);
        expected.addAll(more);
        assertEquals(new TreeSet<>(expected), connecting(server, client, family, expected), family.label());
        // The other direction has a line for recovery; a stranger has none.
        final Set<Integer> back = new HashSet<>(SITE);
        more.stream().filter(port -> port == 10_080).forEach(back::add);
        assertEquals(new TreeSet<>(back), connecting(client, server, family, back), family.label());
        assertEquals(new TreeSet<>(SITE), connecting(stranger, client, family, SITE), family.label());
        assertTrue(arrives(server, client, family, 53, EngineLab.ARRIVE_MS), family.label());
        assertFalse(arrives(server, client, family, 54, SILENCE_MS), family.label());
        assertFalse(arrives(server, client, family, 10_080, SILENCE_MS), "a control datagram that is none");
    }

    /** The table is that of the site's rules alone. */
    @Test
    void shouldBeWhatTheSitesRulesSay() throws IOException {
        try (NetworkLab lab = NetworkLab.open()) {
            for (final String tool : List.of("iptables", "ip6tables")) {
                lab.firewall().run(tool, "-P", "FORWARD", "DROP");
            }
            addSiteRules(lab.firewall());
            for (final Family family : Kernel.families()) {
                assertTable(lab.server(), lab.client(), lab.stranger(), family, Set.of());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldChangeNothingInMonitorModeAndAddAmandaInEnforceMode(final String placement) throws IOException {
        final Setup setup = Setup.USUAL.monitor().rules(placement).with(MARKS).with(STATIC);
        try (EngineLab lab = EngineLab.start(setup)) {
            addSiteRules(lab.network().firewall());
            for (final Family family : Kernel.families()) {
                try (Conversation udp = lab.refused(family)) {
                    assertFalse(udp.ask(AmandaMessages.noop(lab.nextTransaction())), "the site lets no request pass");
                }
                assertTable(lab, family, Set.of());
            }
            assertEquals(0, verdicts(lab, "accept"), "every packet continues");
            assertEquals(0, verdicts(lab, "drop"), "every packet continues");
            assertTrue(verdicts(lab, "continue") > 0);

            reload(lab, "mode: monitor", "mode: enforce");

            for (final Family family : Kernel.families()) {
                assertTable(lab, family, AMANDA);
                assertStreamsPass(lab, family);
            }
            assertEquals(0, (long) lab.metrics().sum("amverdict_not_continued_total"));
            assertTrue(lab.drops("bad-control") > 0, "refused control datagrams are dropped");
            assertEquals(0, lab.drops("unexpected") + lab.drops("no-flow") + lab.drops("not-amanda"));
        }
    }

    private static long verdicts(final EngineLab lab, final String verdict) throws IOException {
        return (long) lab.metrics().sum("amverdict_packets_total", "verdict=\"" + verdict + "\"");
    }

    private static void assertStreamsPass(final EngineLab lab, final Family family) throws IOException {
        try (Conversation udp = lab.dump(family)) {
            final Transaction of = lab.nextTransaction();
            assertTrue(
                    udp.exchange(
                            of,
                            AmandaMessages.sendbackup(of, true),
                            AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003")),
                    family.label());
        }
        for (final int port : List.of(ANNOUNCED, 11_002, 11_003)) {
            assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), family, port));
        }
        assertEquals(Outcome.SILENT, lab.connect(family, ANNOUNCED), "a second connection is the site's to decide");
    }

    /** The site can still end a connection that it let in, and one that Amanda negotiated stays. */
    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldLeaveEveryPacketOfAConnectionToTheSite(final String placement) throws IOException {
        final Family family = Family.IPV4;
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules(placement).with(MARKS))) {
            final Host firewall = lab.network().firewall();
            addSiteRules(firewall);
            try (var listener = Streams.listen(lab.client(), family, 22);
                    var socket = Streams.connect(lab.server(), lab.client(), family, 22, EngineLab.ARRIVE_MS)) {
                listener.setSoTimeout(EngineLab.ARRIVE_MS);
                try (var accepted = listener.accept()) {
                    accepted.setSoTimeout(EngineLab.ARRIVE_MS);
                    socket.getOutputStream().write(new byte[100_000]);
                    assertEquals(100_000, accepted.getInputStream().readNBytes(100_000).length);
                    final long queued = lab.queued();
                    socket.getOutputStream().write(new byte[100_000]);
                    assertEquals(100_000, accepted.getInputStream().readNBytes(100_000).length);
                    assertEquals(
                            placement.equals("inline"), lab.queued() > queued, "the kernel carries it, except inline");

                    firewall.run("iptables", "-F", "FORWARD");
                    firewall.run("iptables", "-I", "FORWARD", "-j", "AMVERDICT");
                    socket.getOutputStream().write(1);
                    accepted.setSoTimeout(SILENCE_MS);
                    assertTrue(isSilent(accepted), placement);
                }
            }
        }
    }

    /** An upgrade, and the rules are still those of before: each packet comes back once, and no more. */
    @ParameterizedTest
    @ValueSource(strings = {"gate", "everything"})
    void shouldJudgeAPacketTwiceAtMostIfTheRulesAreOlder(final String rules) throws IOException {
        final Family family = Family.IPV4;
        final boolean gate = rules.equals("gate");
        try (EngineLab lab = EngineLab.start(gate ? Setup.USUAL : Setup.USUAL.everything())) {
            reload(lab, "other-traffic: drop", "other-traffic: continue");
            assertEquals(Outcome.SILENT, lab.connect(family, 12_345));
            final long continued = verdicts(lab, "continue");
            assertTrue(continued > 0);
            assertEquals(continued, lab.drops("unexpected"), "each one came back, and was dropped then");
            assertEquals(continued, (long) lab.metrics().sum("amverdict_not_continued_total"));
            assertEquals(2 * continued, lab.queued());

            reload(lab, "mode: enforce", "mode: monitor");
            assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), family, 12_345));
            final long back = (long) lab.metrics().sum("amverdict_not_continued_total");
            assertTrue(back > continued);
            assertEquals(back - continued, verdicts(lab, "accept"), "as monitor mode was before");
            assertEquals(back, verdicts(lab, "continue"));
            assertEquals(2 * back, lab.queued());
        }
    }

    private static void reload(final EngineLab lab, final String before, final String after) throws IOException {
        Files.writeString(lab.file(), Files.readString(lab.file()).replace(before, after));
        assertEquals(0, Asked.of(lab, "reload").status());
    }

    private static boolean isSilent(final java.net.Socket socket) throws IOException {
        try {
            socket.getInputStream().read();
            return false;
        } catch (final java.net.SocketTimeoutException e) {
            return true;
        }
    }
}
