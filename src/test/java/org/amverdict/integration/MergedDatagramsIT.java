package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.amverdict.harness.DatagramBurst;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.harness.Trial;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several UDP datagrams that reach the firewall as one packet are judged one by one. They are merged by their sender (UDP_SEGMENT),
 * or by the firewall's own device (rx-udp-gro-forwarding, rx-gro-list). That they are merged is asserted by a rule of the
 * kernel that counts packets longer than any single datagram.
 */
@Tag("root")
@Timeout(60)
class MergedDatagramsIT {
    private static final int SERVER_PORT = 850;
    private static final int IP_AND_UDP = 60;
    /** How long the device waits for more datagrams to merge; they come within microseconds. */
    private static final long GATHER_NANOS = 100_000_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @ParameterizedTest
    @CsvSource({
        "gate, sender, ''",
        "inline, sender, ''",
        "gate, router, rx-udp-gro-forwarding",
        "inline, router, rx-udp-gro-forwarding",
        "gate, router, rx-gro-list"
    })
    void shouldJudgeEachDatagramAsIfItHadComeAlone(final String placement, final String merger, final String feature)
            throws IOException {
        final boolean bySender = merger.equals("sender");
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules(placement))) {
            if (!bySender) {
                mergeAtTheRouter(lab, feature);
            }
            for (final Family family : Kernel.families()) {
                final Trial trial = new Trial(lab, family, bySender);
                trial.shouldDropTheRequestThatIsNotAllowed();
                trial.shouldOpenTheStreamsOfEveryReply();
            }
            assertEquals(0, lab.drops("merged"), "the kernel hands over no merged datagrams");
        }
    }

    /** A queue of whole packets that an operator opens for unsegmented ones, though control datagrams come to it. */
    @ParameterizedTest
    @ValueSource(strings = {"enforce", "monitor"})
    void shouldDropWhatComesMergedAllTheSame(final String mode) throws IOException {
        final boolean monitor = mode.equals("monitor");
        final Setup setup = Setup.USUAL.rules("gate");
        try (EngineLab lab = EngineLab.start(monitor ? setup.monitor() : setup)) {
            lab.policy("ACCEPT");
            lab.stopDaemon();
            final String file = Files.readString(lab.file());
            Files.writeString(lab.file(), file.replace("copy: packet}", "copy: packet, gso: true}"));
            lab.startDaemon();
            int times = 0;
            for (final Family family : Kernel.families()) {
                final byte[] one = AmandaMessages.noop(lab.nextTransaction());
                final byte[] two = AmandaMessages.noop(lab.nextTransaction());
                try (AmandaPeer client = AmandaPeer.responder(lab.client(), family)) {
                    new Trial(lab, family, true).send(true, List.of(one, two));
                    assertArrayEquals(monitor ? one : null, client.receive(EngineLab.SILENCE_MS), family.label());
                    assertArrayEquals(monitor ? two : null, client.receive(EngineLab.SILENCE_MS), family.label());
                }
                times++;
            }
            assertEquals(monitor ? 0 : times, lab.drops("merged"));
            assertEquals(
                    monitor ? times : 0, lab.metrics().sum("amverdict_would_drop_total", "reason=\"merged\""), "told");
        }
    }

    private static void mergeAtTheRouter(final EngineLab lab, final String feature) throws IOException {
        final Host firewall = lab.network().firewall();
        assumeTrue(hasEthtool(firewall), "SKIPPED: no ethtool, without which no device can be told to merge datagrams");
        for (final String device : List.of("server", "client")) {
            firewall.run("ethtool", "-K", device, "gro", "on", feature, "on");
            firewall.run("sh", "-c", "echo " + GATHER_NANOS + " > /sys/class/net/" + device + "/gro_flush_timeout");
        }
    }

    private static boolean hasEthtool(final Host host) {
        try {
            host.run("ethtool", "--version");
            return true;
        } catch (final IOException e) {
            System.err.println("SKIPPED: datagrams merged by the router: " + e.getMessage());
            return false;
        }
    }

    /** Datagrams of one family, merged by one side. */
    private record Trial(EngineLab lab, Family family, boolean bySender) {
        /** Of three requests of equal length the second is for a service that the line does not have. */
        void shouldDropTheRequestThatIsNotAllowed() throws IOException {
            final byte[] allowed = AmandaMessages.noop(lab.nextTransaction());
            final byte[] forbidden = sameLength(request(lab.nextTransaction(), "amindexd"), allowed.length);
            final byte[] alsoAllowed = AmandaMessages.noop(lab.nextTransaction());
            final long before = lab.drops("service-not-allowed");

            try (AmandaPeer client = AmandaPeer.responder(lab.client(), family)) {
                send(true, List.of(allowed, forbidden, alsoAllowed));

                assertArrayEquals(allowed, client.receive(EngineLab.ARRIVE_MS), family.label());
                assertArrayEquals(alsoAllowed, client.receive(EngineLab.ARRIVE_MS), family.label());
                assertNull(client.receive(EngineLab.SILENCE_MS), "a service that is not allowed");
            }
            assertEquals(before + 1, lab.drops("service-not-allowed"));
        }

        void shouldOpenTheStreamsOfEveryReply() throws IOException {
            final Transaction first = lab.nextTransaction();
            final Transaction second = lab.nextTransaction();
            final int port = family == Family.IPV4 ? 11_001 : 12_001;
            try (AmandaPeer client = AmandaPeer.responder(lab.client(), family)) {
                final byte[] one = AmandaMessages.sendbackup(first, true);
                final byte[] two = AmandaMessages.sendbackup(second, true);
                send(true, List.of(one, two));
                assertArrayEquals(one, client.receive(EngineLab.ARRIVE_MS), family.label());
                assertArrayEquals(two, client.receive(EngineLab.ARRIVE_MS), family.label());
            }
            final byte[] one = AmandaMessages.connectReply(first, streams(port));
            final byte[] two = AmandaMessages.connectReply(second, streams(port + 10));

            try (AmandaPeer server = AmandaPeer.requester(lab.server(), SERVER_PORT, lab.client(), family)) {
                send(false, List.of(one, two));
                assertArrayEquals(one, server.receive(EngineLab.ARRIVE_MS), family.label());
                assertArrayEquals(two, server.receive(EngineLab.ARRIVE_MS), family.label());
            }
            for (int i = 0; i < 3; i++) {
                assertEquals(Outcome.CONNECTED, lab.connect(family, port + i), "of the first reply, " + family);
                assertEquals(Outcome.CONNECTED, lab.connect(family, port + 10 + i), "of the second reply, " + family);
            }
            assertEquals(Outcome.SILENT, lab.connect(family, port + 3), "that nobody announced");
        }

        private static String streams(final int port) {
            return "DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2);
        }

        private static byte[] request(final Transaction of, final String service) {
            return AmandaMessages.request(of, "amandabackup", service, "");
        }

        private static byte[] sameLength(final byte[] request, final int length) {
            final byte[] longer = Arrays.copyOf(request, length);
            final byte[] filler =
                    ("OPTIONS hostname=" + "x".repeat(length) + ";\n").getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(filler, 0, longer, request.length, length - request.length);
            longer[length - 2] = ';';
            longer[length - 1] = '\n';
            return longer;
        }

        /** Sends as one packet, and sees that it is one when it comes to the firewall. */
        void send(final boolean requests, final List<byte[]> datagrams) throws IOException {
            final Host from = requests ? lab.server() : lab.client();
            final Host to = requests ? lab.client() : lab.server();
            final DatagramBurst burst = new DatagramBurst(
                    from,
                    from.address(family),
                    requests ? SERVER_PORT : AmandaPeer.CONTROL_PORT,
                    to.address(family),
                    requests ? AmandaPeer.CONTROL_PORT : SERVER_PORT);
            final Host firewall = lab.network().firewall();
            final String tool = family == Family.IPV4 ? "iptables" : "ip6tables";
            final String longerThanOne = (IP_AND_UDP + datagrams.get(0).length) + ":65535";
            firewall.run(tool, "-t", "raw", "-I", "PREROUTING", "-p", "udp", "-m", "length", "--length", longerThanOne);
            if (bySender) {
                burst.sendMerged(datagrams);
            } else {
                burst.sendApart(datagrams);
            }
            assertTrue(merged(firewall, tool) > 0, "the datagrams came merged");
            firewall.run(tool, "-t", "raw", "-F", "PREROUTING");
        }

        private static long merged(final Host firewall, final String tool) throws IOException {
            final long deadline = System.nanoTime() + EngineLab.ARRIVE_MS * 1_000_000L;
            long packets;
            do {
                packets = firewall.run(tool, "-t", "raw", "-nvxL", "PREROUTING")
                        .lines()
                        .filter(line -> line.contains("length"))
                        .mapToLong(line -> Long.parseLong(line.strip().split(" +", -1)[0]))
                        .sum();
            } while (packets == 0 && System.nanoTime() - deadline < 0);
            return packets;
        }
    }
}
