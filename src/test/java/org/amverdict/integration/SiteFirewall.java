package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.EngineLab;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;

/**
 * A site with policy DROP, and rules for ssh, a range of its own and DNS, each direction by itself, since the site's
 * rules must decide about every packet of what is not Amanda's.
 *
 * @param server may ask {@code client} for dumps
 * @param client may ask {@code server} for recovery
 * @param stranger a host that no line names
 * @param guarded has the firewall before itself, also toward the stranger
 */
record SiteFirewall(Host server, Host client, Host stranger, Host guarded) {
    /** Of the site: forth and back. */
    static final Set<Integer> SITE = Set.of(22, 5005);
    /** The site lets the SYN pass and not its answer. */
    static final int HALF = 9000;
    /** What Amanda may use without an announcement. */
    static final Set<Integer> AMANDA = Set.of(6005, 10_080);

    static final int ANNOUNCED = 11_001;
    static final List<Integer> PORTS =
            List.of(22, 23, 5005, 5011, 6005, 6011, 8080, HALF, 10_080, 10_081, ANNOUNCED, 11_002);

    static final int SILENCE_MS = 300;

    /**
     * After ours, as most sites have them: {@code rules --apply} puts its jump first.
     *
     * @param kind {@code -legacy}, or nothing for the host's usual tools
     */
    static void addRules(final Host firewall, final String chain, final String kind) throws IOException {
        for (final String tool : List.of("iptables", "ip6tables")) {
            for (final String match : List.of(
                    "-p tcp --dport 22",
                    "-p tcp --sport 22",
                    "-p tcp --dport 5000:5010",
                    "-p tcp --sport 5000:5010",
                    "-p tcp --dport " + HALF,
                    "-p udp --dport 53")) {
                final List<String> command = new ArrayList<>(List.of(tool + kind, "-A", chain));
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
                } catch (final SocketException e) {
                    return false; // the sender's own firewall dropped it
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
    void assertTable(final Family family, final Set<Integer> more) throws IOException {
        final Set<Integer> expected = new HashSet<>(SITE);
        expected.addAll(more);
        assertEquals(new TreeSet<>(expected), connecting(server, client, family, expected), family.label());
        // The other direction has a line for recovery; a stranger has none.
        final Set<Integer> back = new HashSet<>(SITE);
        more.stream().filter(port -> port == 10_080).forEach(back::add);
        assertEquals(new TreeSet<>(back), connecting(client, server, family, back), family.label());
        assertEquals(new TreeSet<>(SITE), connecting(stranger, guarded, family, SITE), family.label());
        assertTrue(arrives(server, client, family, 53, EngineLab.ARRIVE_MS), family.label());
        assertFalse(arrives(server, client, family, 54, SILENCE_MS), family.label());
        assertFalse(arrives(server, client, family, 10_080, SILENCE_MS), "a control datagram that is none");
    }

    /** Amanda's own, which the site's rules do not know. */
    void assertStreamsPass(final Family family, final Transaction of) throws IOException {
        try (Conversation udp = new Conversation(server, client, family, EngineLab.ARRIVE_MS)) {
            assertTrue(
                    udp.exchange(
                            of,
                            AmandaMessages.sendbackup(of, true),
                            AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003")),
                    family.label());
        }
        for (final int port : List.of(ANNOUNCED, 11_002, 11_003)) {
            assertEquals(Outcome.CONNECTED, connect(family, port, EngineLab.ARRIVE_MS));
        }
        assertEquals(
                Outcome.SILENT, connect(family, ANNOUNCED, SILENCE_MS), "a second connection is the site's to decide");
    }

    private Outcome connect(final Family family, final int port, final int ms) throws IOException {
        try (ServerSocket listener = Streams.listen(client, family, port)) {
            return Streams.attempt(server, client, family, listener.getLocalPort(), ms);
        }
    }
}
