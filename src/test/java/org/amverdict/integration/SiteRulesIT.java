package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.amverdict.harness.Asked;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.Family;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.FirewallRules.Placement;
import org.amverdict.lab.Host;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program adds to the firewall of a site. */
@Tag("root")
@Timeout(60)
class SiteRulesIT {
    private static final String MARKS = "marks: {data: 0x10, mesg: 0x11, index: 0x12, mask: 0xff}";
    private static final String STATIC =
            "static: [{from: [192.0.2.10, \"2001:db8:1::10\"], to: [198.51.100.20, \"2001:db8:2::20\"], tcp: 6000-6010}]";
    private static final long READY_MS = 30_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    /** The table is that of the site's rules alone. */
    @Test
    void shouldBeWhatTheSitesRulesSay() throws IOException {
        try (NetworkLab lab = NetworkLab.open()) {
            for (final String tool : List.of("iptables", "ip6tables")) {
                lab.firewall().run(tool, "-P", "FORWARD", "DROP");
            }
            SiteFirewall.addRules(lab.firewall(), "FORWARD", "");
            for (final Family family : Kernel.families()) {
                site(lab).assertTable(family, Set.of());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldChangeNothingInMonitorModeAndAddAmandaInEnforceMode(final String placement) throws IOException {
        final Setup setup = Setup.USUAL.monitor().rules(placement).with(MARKS).with(STATIC);
        try (EngineLab lab = EngineLab.start(setup)) {
            SiteFirewall.addRules(lab.network().firewall(), "FORWARD", "");
            for (final Family family : Kernel.families()) {
                try (Conversation udp = lab.refused(family)) {
                    assertFalse(udp.ask(AmandaMessages.noop(lab.nextTransaction())), "the site lets no request pass");
                }
                site(lab.network()).assertTable(family, Set.of());
            }
            assertEquals(0, verdicts(lab, "accept"), "every packet continues");
            assertEquals(0, verdicts(lab, "drop"), "every packet continues");
            assertTrue(verdicts(lab, "continue") > 0);

            reload(lab, "mode: monitor", "mode: enforce");

            for (final Family family : Kernel.families()) {
                site(lab.network()).assertTable(family, SiteFirewall.AMANDA);
                site(lab.network()).assertStreamsPass(family, lab.nextTransaction());
            }
            assertEquals(0, (long) lab.metrics().sum("amverdict_not_continued_total"));
            assertTrue(lab.drops("bad-control") > 0, "refused control datagrams are dropped");
            assertEquals(0, lab.drops("unexpected") + lab.drops("no-flow") + lab.drops("not-amanda"));
        }
    }

    private static SiteFirewall site(final NetworkLab lab) {
        return new SiteFirewall(lab.server(), lab.client(), lab.stranger(), lab.client());
    }

    private static long verdicts(final EngineLab lab, final String verdict) throws IOException {
        return (long) lab.metrics().sum("amverdict_packets_total", "verdict=\"" + verdict + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldDoSoWithLegacyIptables(final String placement, @TempDir final Path tools) throws IOException {
        useLegacyIptables(tools);
        final Setup setup = Setup.USUAL.monitor().rules(placement).with(MARKS).with(STATIC);
        try (EngineLab lab = EngineLab.start(setup)) {
            lab.removeRules();
            lab.policy("ACCEPT");
            final Host firewall = lab.network().firewall();
            for (final String tool : List.of("iptables-legacy", "ip6tables-legacy")) {
                firewall.run(tool, "-P", "FORWARD", "DROP");
            }
            final List<String> apply = new ArrayList<>(List.of("env", "PATH=" + tools + ":" + System.getenv("PATH")));
            apply.addAll(List.of(
                    EngineLab.launcher().toString(), "rules", "-c", lab.file().toString(), "--apply"));
            apply.addAll(setup.rules());
            firewall.run(apply.toArray(new String[0]));
            SiteFirewall.addRules(firewall, "FORWARD", "-legacy");
            assertTrue(firewall.run("iptables-legacy-save").contains("AMVERDICT"), "in the tables of old");
            site(lab.network()).assertTable(Family.IPV4, Set.of());

            reload(lab, "mode: monitor", "mode: enforce");
            for (final Family family : Kernel.families()) {
                site(lab.network()).assertTable(family, SiteFirewall.AMANDA);
                site(lab.network()).assertStreamsPass(family, lab.nextTransaction());
            }
            assertEquals(0, (long) lab.metrics().sum("amverdict_not_continued_total"));
        }
    }

    private static void useLegacyIptables(final Path directory) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/iptables-legacy")), "no iptables-legacy here");
        for (final String tool : List.of("iptables", "ip6tables")) {
            for (final String part : List.of("", "-save", "-restore")) {
                Files.createSymbolicLink(
                        directory.resolve(tool + part), Path.of("/usr/sbin/" + tool + "-legacy" + part));
            }
        }
    }

    /** The program on an Amanda host itself: INPUT and OUTPUT. */
    @ParameterizedTest
    @CsvSource({"client, gate", "client, offload", "server, inline", "server, gate"})
    void shouldDoSoAtAHostItself(final String at, final String placement) throws IOException {
        try (NetworkLab lab = NetworkLab.open()) {
            final Host host = at.equals("client") ? lab.client() : lab.server();
            final SiteFirewall site = new SiteFirewall(lab.server(), lab.client(), lab.stranger(), host);
            final List<String> options = List.of("--format", "iptables", "--at", at, "--placement", placement);
            final Path file = EngineLab.configuration(
                    lab, new Setup("monitor", 0, Placement.GATE, options, "lifetime: 60s", "", MARKS + "\n" + STATIC));
            FirewallRules.applyAsAnOperator(host, EngineLab.launcher(), file, options);
            for (final String chain : List.of("INPUT", "OUTPUT")) {
                SiteFirewall.addRules(host, chain, "");
                for (final String tool : List.of("iptables", "ip6tables")) {
                    host.run(tool, "-A", chain, chain.equals("INPUT") ? "-i" : "-o", "lo", "-j", "ACCEPT");
                    host.run(tool, "-P", chain, "DROP");
                }
                // Neighbors must be found.
                host.run("ip6tables", "-A", chain, "-p", "ipv6-icmp", "-j", "ACCEPT");
            }
            final DaemonProcess daemon =
                    lab.own(DaemonProcess.start(EngineLab.launcher(), host, List.of("-c", file.toString())));
            daemon.awaitReady(READY_MS);
            for (final Family family : Kernel.families()) {
                site.assertTable(family, Set.of());
            }

            Files.writeString(file, Files.readString(file).replace("mode: monitor", "mode: enforce"));
            host.run(
                    EngineLab.launcher().toString(),
                    "reload",
                    "--socket",
                    file.resolveSibling("control.sock").toString());
            int transactions = 0;
            for (final Family family : Kernel.families()) {
                site.assertTable(family, SiteFirewall.AMANDA);
                site.assertStreamsPass(family, Transaction.number(++transactions));
            }
            final MetricsPage page = MetricsPage.read(host, EngineLab.METRICS_PORT);
            assertEquals(0, (long) page.sum("amverdict_not_continued_total"));
            assertTrue(page.sum("amverdict_packets_total", "verdict=\"continue\"") > 0);
        }
    }

    /** The site can still end a connection that it let in, and one that Amanda negotiated stays. */
    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldLeaveEveryPacketOfAConnectionToTheSite(final String placement) throws IOException {
        final Family family = Family.IPV4;
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules(placement).with(MARKS))) {
            final Host firewall = lab.network().firewall();
            SiteFirewall.addRules(firewall, "FORWARD", "");
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
                    accepted.setSoTimeout(SiteFirewall.SILENCE_MS);
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
