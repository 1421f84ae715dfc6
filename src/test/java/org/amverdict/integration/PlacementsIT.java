package org.amverdict.integration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.harness.BulkTransfer;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The three placements, each with the rules that {@code amverdict rules --apply} loads before a policy that drops. */
@Tag("root")
@Timeout(60)
class PlacementsIT {
    private static final String MARKS = "marks: {data: 0x10, mesg: 0x11, index: 0x12, mask: 0xff}";
    private static final long BULK_BYTES = 16L << 20;
    private static final long BULK_MS = 20_000;
    /** Handshake, a few segments that cross it, and the end: what may be queued of a stream that the kernel carries. */
    private static final long FEW_PACKETS = 12;
    /** A segment is 64 KiB at most, also when the interfaces merge segments. */
    private static final long MANY_PACKETS = BULK_BYTES >> 16;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private static void negotiate(final EngineLab lab, final Family family, final String streams) throws IOException {
        try (Conversation udp = lab.dump(family)) {
            final Transaction of = lab.nextTransaction();
            assertTrue(
                    udp.exchange(of, AmandaMessages.sendbackup(of, true), AmandaMessages.connectReply(of, streams)),
                    family.label());
        }
    }

    /** An accepted connection, both ends. */
    private record Pair(Socket server, Socket client) implements AutoCloseable {
        static Pair open(final EngineLab lab, final Family family, final int port) throws IOException {
            try (ServerSocket listener = Streams.listen(lab.client(), family, port)) {
                final Socket server = Streams.connect(lab.server(), lab.client(), family, port, EngineLab.ARRIVE_MS);
                listener.setSoTimeout(EngineLab.ARRIVE_MS);
                return new Pair(server, listener.accept());
            }
        }

        void speakBothWays() throws IOException {
            speak(server, client, "from the server");
            speak(client, server, "from the client");
        }

        private static void speak(final Socket from, final Socket to, final String text) throws IOException {
            final byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            to.setSoTimeout(EngineLab.ARRIVE_MS);
            from.getOutputStream().write(bytes);
            assertArrayEquals(bytes, to.getInputStream().readNBytes(bytes.length), text);
        }

        @Override
        public void close() throws IOException {
            server.close();
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldCarryWhatIsNegotiatedAndNothingElse(final String placement) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules(placement).with(MARKS))) {
            for (final Family family : Kernel.families()) {
                assertEquals(Outcome.SILENT, lab.connect(family, 11_001), "before it is negotiated");
                negotiate(lab, family, "DATA 11001 MESG 11002 INDEX 11003");
                try (Pair data = Pair.open(lab, family, 11_001);
                        Pair mesg = Pair.open(lab, family, 11_002);
                        Pair index = Pair.open(lab, family, 11_003)) {
                    mesg.speakBothWays();
                    index.speakBothWays();
                    data.speakBothWays();
                    final long before = lab.queued();
                    BulkTransfer.run(data.client(), data.server(), BULK_BYTES, BULK_MS);
                    final long queued = lab.queued() - before;
                    assertTrue(
                            placement.equals("inline") ? queued >= MANY_PACKETS : queued <= FEW_PACKETS,
                            placement + ": " + queued + " packets of the bulk transfer were queued");
                    assertEquals(Outcome.SILENT, lab.connect(family, 11_002), "a second connection");
                    assertEquals(Outcome.SILENT, lab.connect(family, 11_004), "a port that nobody announced");
                    index.speakBothWays();
                }
            }
            shouldRemoveItsOwnRulesAlone(lab);
        }
    }

    /** Foreign rules in every table, above and below ours, and chains whose names look like ours. */
    private static void shouldRemoveItsOwnRulesAlone(final EngineLab lab) throws IOException {
        final Host firewall = lab.network().firewall();
        for (final String tool : List.of("iptables", "ip6tables")) {
            firewall.run(tool, "-N", "AMVERDICTS");
            firewall.run(tool, "-I", "FORWARD", "-j", "AMVERDICTS");
            firewall.run(tool, "-A", "FORWARD", "-p", "tcp", "--dport", "22", "-j", "ACCEPT");
            firewall.run(tool, "-t", "mangle", "-I", "FORWARD", "-j", "MARK", "--set-mark", "0x1000000");
            firewall.run(tool, "-t", "nat", "-A", "POSTROUTING", "-o", "nowhere", "-j", "MASQUERADE");
            firewall.run(tool, "-t", "raw", "-A", "PREROUTING", "-i", "nowhere", "-j", "DROP");
        }
        final List<String> foreign = rules(firewall);
        assertTrue(foreign.removeIf(line -> line.matches(".*AMVERDICT([- ].*)?")), "our rules were there");

        lab.removeRules();

        assertEquals(foreign, rules(firewall));
    }

    /** Without comments, which have the time, and counters. */
    private static List<String> rules(final Host firewall) throws IOException {
        final String saved = firewall.run("iptables-save") + "\n" + firewall.run("ip6tables-save");
        return new ArrayList<>(saved.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceAll("\\[\\d+:\\d+\\]", ""))
                .toList());
    }

    /**
     * Counted by the kernel's own rules beside, packet by packet and byte by byte. Those see what a sender has not cut yet as one
     * packet, which the queue gets cut; so the senders cut.
     */
    @Test
    void shouldMeterStreamsInlineWithoutConntrack() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules("inline"))) {
            final Host firewall = lab.network().firewall();
            for (final String tool : List.of("iptables", "ip6tables")) {
                firewall.run(tool, "-t", "raw", "-A", "PREROUTING", "-j", "CT", "--notrack");
                firewall.run(tool, "-t", "mangle", "-A", "FORWARD", "-p", "tcp", "--dport", "11001");
                firewall.run(tool, "-t", "mangle", "-A", "FORWARD", "-p", "tcp", "--sport", "11001");
            }
            for (final Host host : List.of(lab.server(), lab.client())) {
                host.run("ip", "link", "set", "eth0", "gso_max_segs", "1");
            }
            for (final Family family : Kernel.families()) {
                negotiate(lab, family, "DATA 11001 MESG 11002 INDEX -1");
                try (Pair data = Pair.open(lab, family, 11_001);
                        Pair mesg = Pair.open(lab, family, 11_002)) {
                    mesg.speakBothWays();
                    BulkTransfer.run(data.server(), data.client(), BULK_BYTES >> 4, BULK_MS);
                    BulkTransfer.run(data.client(), data.server(), BULK_BYTES, BULK_MS);
                }
            }

            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
                final long[] forth = kernelCounts(firewall, "dpt:11001");
                final long[] back = kernelCounts(firewall, "spt:11001");
                final MetricsPage page = lab.metrics();
                assertEquals(forth[0], stream(page, "packets", "original"));
                assertEquals(forth[1], stream(page, "bytes", "original"));
                assertEquals(back[0], stream(page, "packets", "reply"));
                assertEquals(back[1], stream(page, "bytes", "reply"));
                assertTrue(forth[1] > BULK_BYTES >> 4 && back[1] > BULK_BYTES, "the rules saw the transfers");
            });
            assertEquals(Outcome.SILENT, lab.connect(Family.IPV4, 11_001), "a second connection");
            assertEquals("0", firewall.run("cat", "/proc/sys/net/netfilter/nf_conntrack_count"), "connections tracked");
        }
    }

    private static long stream(final MetricsPage page, final String unit, final String direction) {
        return (long)
                page.sum("amverdict_stream_" + unit + "_total", "stream=\"data\"", "direction=\"" + direction + "\"");
    }

    /** Packets and bytes that the rules with this match have seen, of both families. */
    private static long[] kernelCounts(final Host firewall, final String match) throws IOException {
        final long[] sum = new long[2];
        for (final String tool : List.of("iptables", "ip6tables")) {
            firewall.run(tool, "-t", "mangle", "-nvxL", "FORWARD")
                    .lines()
                    .filter(line -> line.endsWith(match))
                    .forEach(line -> {
                        final String[] words = line.strip().split(" +", -1);
                        sum[0] += Long.parseLong(words[0]);
                        sum[1] += Long.parseLong(words[1]);
                    });
        }
        return sum;
    }

    @Test
    void shouldSaveTheMarkOfAStreamAsConnectionMark() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules("offload").with(MARKS))) {
            final Host firewall = lab.network().firewall();
            for (final Family family : Kernel.families()) {
                final String tool = family == Family.IPV4 ? "iptables" : "ip6tables";
                for (final String mark : List.of("0x10/0xff", "0x11/0xff", "0x12/0xff")) {
                    firewall.run(tool, "-t", "mangle", "-A", "POSTROUTING", "-m", "connmark", "--mark", mark);
                }
                negotiate(lab, family, "DATA 11001 MESG 11002 INDEX 11003");
                for (int port = 11_001; port <= 11_003; port++) {
                    try (Pair pair = Pair.open(lab, family, port)) {
                        pair.speakBothWays();
                    }
                    final long[] seen = firewall.run(tool, "-t", "mangle", "-nvxL", "POSTROUTING")
                            .lines()
                            .filter(line -> line.contains("connmark match"))
                            .mapToLong(line -> Long.parseLong(line.strip().split(" +", -1)[0]))
                            .toArray();
                    for (int i = 0; i < seen.length; i++) {
                        assertEquals(i <= port - 11_001, seen[i] > 0, family + " after " + port + ", mark " + i);
                    }
                }
            }
        }
    }
}
