package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Examination;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.Family;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.Streams.Outcome;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.QueueSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code amverdict doctor} before a real kernel: with the rules that {@code amverdict rules} makes nothing is wrong; then
 * one thing is broken, and exactly its check says so.
 */
@Tag("root")
@Timeout(120)
class DoctorIT {
    private static final List<String> OF_RULES =
            List.of("rules", "rule-order", "udp-directions", "bypass", "kernel-helper", "defragmentation");
    private static final String ONE_WAY =
            "-p udp -m multiport --sports 10080 -j NFQUEUE --queue-num 0"; // as 'rules' writes it

    private NetworkLab lab;
    private Path configuration;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @BeforeEach
    void open() throws IOException {
        lab = NetworkLab.open();
        configuration = EngineLab.configuration(lab, Setup.USUAL);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private void rules(final String... options) throws IOException {
        final List<String> all = new ArrayList<>(List.of("--format", "iptables", "--at", "forward"));
        all.addAll(List.of(options));
        FirewallRules.applyAsAnOperator(lab.firewall(), EngineLab.launcher(), configuration, all);
    }

    private void sh(final String script) throws IOException {
        lab.firewall().run("sh", "-euc", script);
    }

    private Examination examine(final String... before) throws IOException {
        return Examination.of(lab.firewall(), configuration, before);
    }

    /** With the rules in place; the state that the tests then spoil. */
    private Examination healthy() throws IOException {
        rules();
        final Examination before = examine();
        for (final String check : OF_RULES) {
            assertEquals("ok", before.status(check), check + ": " + before.text(check));
        }
        for (final String check : List.of("configuration", "queue-depth", "receive-buffer", "metrics-port")) {
            assertEquals("ok", before.status(check), check + ": " + before.text(check));
        }
        // Rules without a daemon are a fault; with one, see the last test.
        assertEquals("fault", before.status("queues"), before.text("queues"));
        assertEquals(1, before.exit(), before.toString());
        return before;
    }

    private void expect(final Map<String, String> worse, final Examination before, final Examination after) {
        assertEquals(worse, after.worseThan(before), after.toString());
        assertEquals(
                after.checks().values().stream().anyMatch(seen -> seen.status().equals("fault")) ? 1 : 0,
                after.exit(),
                after.toString());
    }

    private void expect(final String check, final String status, final String words, final Examination before)
            throws IOException {
        final Examination after = examine();
        expect(Map.of(check, status), before, after);
        assertTrue(after.text(check).contains(words), after.text(check));
    }

    @Test
    void shouldChangeNothing() throws IOException {
        rules();
        // Without counters: neighbor discovery continues meanwhile.
        final String look = "{ iptables-save; ip6tables-save; nft list ruleset; } | grep -v '^#'"
                + " | sed -E 's/\\[[0-9:]+\\]//; s/packets [0-9]+ bytes [0-9]+//g';"
                + " cat /proc/net/netfilter/nfnetlink_queue /proc/net/ip_tables_names /proc/net/ip6_tables_names;"
                + " sysctl -a 2>/dev/null | grep -E 'rp_filter|rmem_max|forward'";
        final String before = lab.firewall().run("sh", "-c", look);

        examine();

        assertEquals(before, lab.firewall().run("sh", "-c", look));
    }

    @Test
    void shouldSeeThatThereAreNoRules() throws IOException {
        final Examination before = healthy();
        lab.firewall().run(EngineLab.launcher().toString(), "rules", "--format", "iptables", "--remove");

        // Without rules nothing needs the daemon.
        final Examination after = examine();
        expect(Map.of("rules", "fault", "queues", "ok"), before, after);
        assertTrue(
                after.text("rules").contains("no rule hands IPv4 and IPv6 of the configured hosts"),
                after.text("rules"));
    }

    @Test
    void shouldSeeThatOneFamilyHasNoRules() throws IOException {
        final Examination before = healthy();
        sh("ip6tables -F FORWARD");

        expect("rules", "fault", "no rule hands IPv6 of", before);
    }

    @Test
    void shouldSeeThatItsRemedyHelps() throws IOException {
        final Examination before = healthy();
        sh("ip6tables -F FORWARD");
        final String remedy = examine().text("rules").replaceFirst("(?s).* -> amverdict ", "");

        sh(EngineLab.launcher() + " " + remedy);

        expect(Map.of(), before, examine());
    }

    @Test
    void shouldSeeThatEstablishedRepliesPassBeforeTheQueue() throws IOException {
        final Examination before = healthy();
        sh("iptables -I FORWARD 1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");

        expect("rule-order", "fault", "RELATED,ESTABLISHED -j ACCEPT", before);
    }

    @Test
    void shouldSeeThatAnEarlierRuleDrops() throws IOException {
        final Examination before = healthy();
        sh("iptables -t mangle -I PREROUTING -s 192.0.2.0/24 -p tcp -j DROP");

        expect("rule-order", "fault", "drops it first", before);
    }

    @Test
    void shouldSeeThatAnEarlierRuleMayAccept() throws IOException {
        final Examination before = healthy();
        sh("ip6tables -I FORWARD 1 -m limit --limit 5/sec -j ACCEPT");

        expect("rule-order", "warning", "may let packets pass before the queue", before);
    }

    @Test
    void shouldNotMindRulesForOtherTraffic() throws IOException {
        final Examination before = healthy();
        sh("""
                iptables -I FORWARD 1 -p icmp -j ACCEPT
                iptables -I FORWARD 1 -s 203.0.113.0/24 -j ACCEPT
                iptables -I FORWARD 1 -i lo -j ACCEPT
                iptables -I FORWARD 1 -i eth7 -j ACCEPT
                iptables -I FORWARD 1 -p tcp -m multiport --dports 22,443 -j ACCEPT
                iptables -I FORWARD 1 ! -d 198.51.100.0/24 ! -s 198.51.100.0/24 -j DROP
                iptables -N MINE; iptables -A MINE -p udp --dport 53 -j DROP; iptables -A MINE -j RETURN
                iptables -A MINE -j DROP; iptables -I FORWARD 1 -j MINE
                nft add table inet other; nft 'add chain inet other forward { type filter hook forward priority 5; }'
                nft 'add rule inet other forward tcp dport 22 drop'
                """);

        expect(Map.of(), before, examine());
    }

    @Test
    void shouldSeeThatAnotherTableDropsWhatTheQueueAccepts() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "no nft here");
        final Examination before = healthy();
        sh(
                "nft add table inet other; nft 'add chain inet other f { type filter hook forward priority 5; policy drop; }'");

        expect("rule-order", "fault", "policy DROP' (nft inet other f)", before);
    }

    @Test
    void shouldSeeThatEstablishedConnectionsAreQueued() throws IOException {
        final Examination before = healthy();
        sh(
                "for c in ASK ANSWER; do iptables -D AMVERDICT-$c -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT; done");

        expect("rule-order", "warning", "established connections are queued too", before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iptables", "ip6tables"})
    void shouldSeeThatRepliesAreNotQueued(final String tool) throws IOException {
        final Examination before = healthy();
        sh(tool + " -D AMVERDICT-ANSWER " + ONE_WAY);

        expect("udp-directions", "fault", "replies are not queued", before);
    }

    @Test
    void shouldSeeThatRulesNameAQueueThatIsNotConfigured() throws IOException {
        final Examination before = healthy();
        sh("iptables -I AMVERDICT-ASK 1 -p udp -m multiport --dports 10080 -j NFQUEUE --queue-num 7");

        expect("rules", "fault", "queues [7], which are not configured", before);
    }

    @Test
    void shouldSeeThatPacketsPassWhileTheProgramIsAway() throws IOException {
        final Examination before = healthy();
        rules("--bypass");

        final Examination after = examine();
        expect(Map.of("bypass", "warning", "queues", "warning"), before, after);
        assertTrue(
                after.text("bypass").contains("while the program is not running packets pass unjudged"),
                after.toString());
    }

    @Test
    void shouldSeeThatNothingPutsFragmentsTogether() throws IOException {
        final Examination before = healthy();
        sh("iptables -F; iptables -X; ip6tables -F; ip6tables -X");
        rules("--placement", "inline");

        expect("defragmentation", "warning", "no rule makes conntrack active for IPv4", before);
    }

    @Test
    void shouldSeeTheKernelsHelper() throws IOException {
        assumeTrue(Files.exists(Path.of("/sys/module/nf_conntrack_amanda")), "this kernel has not got the helper");
        final Examination before = healthy();
        sh("iptables -t raw -A PREROUTING -p udp --dport 10080 -j CT --helper amanda");
        expect("kernel-helper", "warning", "--helper amanda' (iptables-nft raw PREROUTING)", before);

        sh("iptables -I FORWARD 1 -m conntrack --ctstate RELATED -j ACCEPT");
        expect("kernel-helper", "fault", "opens connections past the queue", before);
    }

    @Test
    void shouldSeeTheKernelsHelperInNft() throws IOException {
        assumeTrue(Files.exists(Path.of("/sys/module/nf_conntrack_amanda")), "this kernel has not got the helper");
        final Examination before = healthy();
        sh("""
                nft add table inet h
                nft 'add ct helper inet h backup { type "amanda" protocol udp; }'
                nft 'add chain inet h pre { type filter hook prerouting priority raw; }'
                nft 'add rule inet h pre udp dport 10080 ct helper set "backup"'
                """);

        expect("kernel-helper", "warning", "ct helper set backup", before);
    }

    @Test
    void shouldNotMindTheKernelsHelperOnOtherTraffic() throws IOException {
        assumeTrue(Files.exists(Path.of("/sys/module/nf_conntrack_amanda")), "this kernel has not got the helper");
        final Examination before = healthy();
        sh("iptables -t raw -A PREROUTING -s 203.0.113.0/24 -p udp --dport 10080 -j CT --helper amanda");

        expect(Map.of(), before, examine());
    }

    @Test
    void shouldNameTheProcessThatHasAQueue() throws IOException {
        final Examination before = healthy();
        try (QueueSocket taken = lab.firewall().call(() -> QueueSocket.open(QueueSettings.of(0)))) {
            assertEquals(0, taken.queue());
            final Examination after = examine();
            expect(Map.of(), before, after);
            assertTrue(
                    after.text("queues")
                            .contains("process " + ProcessHandle.current().pid() + ")"),
                    after.text("queues"));
        }
    }

    @Test
    void shouldNameTheProcessThatHasThePortOfTheMetrics() throws IOException {
        final Examination before = healthy();
        try (ServerSocket taken = lab.firewall()
                .call(() -> new ServerSocket(EngineLab.METRICS_PORT, 1, InetAddress.getLoopbackAddress()))) {
            assertEquals(EngineLab.METRICS_PORT, taken.getLocalPort());
            expect("metrics-port", "fault", "process " + ProcessHandle.current().pid() + ")", before);
        }
    }

    @Test
    void shouldSeeThatTheReceiveBufferIsNotGranted() throws IOException {
        final Examination before = healthy();

        // Not root of the host any more: the kernel keeps to net.core.rmem_max.
        final Examination after = examine("unshare", "-Ur");

        assertEquals("ok", before.status("receive-buffer"));
        assertEquals("warning", after.status("receive-buffer"), after.text("receive-buffer"));
        assertTrue(after.text("receive-buffer").contains("sysctl -w net.core.rmem_max="), after.toString());
    }

    @Test
    void shouldShowEveryErrorOfTheConfigurationAndGoOn() throws IOException {
        final Examination before = healthy();
        Files.writeString(configuration, "mode: sometimes\ncolour: red\n");

        final Examination after = examine();

        assertEquals(1, after.exit());
        assertEquals("fault", after.status("configuration"));
        assertTrue(after.text("configuration").contains("amverdict.yaml:1:7"), after.text("configuration"));
        assertTrue(after.text("configuration").contains("amverdict.yaml:2:1"), after.text("configuration"));
        for (final String check : List.of("java", "library", "capability", "kernel-queue", "kernel-version", "clock")) {
            assertEquals(before.status(check), after.status(check), check);
        }
        for (final String check : OF_RULES) {
            assertEquals("unknown", after.status(check), check);
        }
    }

    @Test
    void shouldSayWhatIsUnknownWithoutRoot() throws IOException {
        healthy();
        // User nobody must be able to read the build's output and the file.
        assumeTrue(
                lab.firewall()
                        .run(
                                "sh",
                                "-c",
                                "setpriv --reuid=65534 --regid=65534 --clear-groups test -r "
                                        + EngineLab.launcher().toAbsolutePath() + " && echo yes || echo no")
                        .contains("yes"),
                "the build is root's alone");
        sh("chmod 755 " + configuration.getParent() + "; chmod 644 " + configuration);

        final Examination after = examine(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all");

        assertEquals(77, after.exit(), after.toString());
        for (final String check : List.of("capability", "queues", "queue-depth", "rules", "receive-buffer")) {
            assertEquals("unknown", after.status(check), check + ": " + after.text(check));
            assertTrue(after.text(check).contains("sudo amverdict doctor"), after.text(check));
        }
        for (final String check : OF_RULES) {
            assertTrue(!after.status(check).equals("ok") || check.equals("kernel-helper"), check + after.text(check));
        }
    }

    /** The tables of old, with the tools that a host may have as its iptables. */
    @Test
    void shouldReadTheTablesOfOld() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/iptables-legacy")), "no iptables-legacy here");
        for (final String tool : List.of("iptables", "ip6tables")) {
            for (final String part : List.of("", "-save", "-restore")) {
                Files.createSymbolicLink(
                        directory.resolve(tool + part), Path.of("/usr/sbin/" + tool + "-legacy" + part));
            }
        }
        final String path = "PATH=" + directory + ":" + System.getenv("PATH");
        lab.firewall()
                .run(
                        "env",
                        path,
                        EngineLab.launcher().toString(),
                        "rules",
                        "-c",
                        configuration.toString(),
                        "--format",
                        "iptables",
                        "--apply");
        final Examination before = examine();
        for (final String check : OF_RULES) {
            assertEquals("ok", before.status(check), check + ": " + before.text(check));
        }
        assertTrue(before.text("rules").contains("iptables-legacy filter FORWARD"), before.text("rules"));

        sh("iptables-legacy -D AMVERDICT-ANSWER " + ONE_WAY);
        expect("udp-directions", "fault", "replies are not queued", before);
    }

    @Test
    void shouldKnowOurOwnDaemonAndLeaveItAlone() throws IOException {
        lab.close();
        try (EngineLab engine = EngineLab.start(Setup.USUAL.rules("gate"))) {
            final Examination seen = Examination.of(engine.network().firewall(), engine.file());

            final String process = "amverdict (process " + engine.daemon().pid() + ")";
            assertTrue(seen.text("queues").contains("bound by " + process), seen.text("queues"));
            assertTrue(seen.text("metrics-port").contains("served by " + process), seen.text("metrics-port"));
            assertEquals(0, seen.exit(), seen.toString());
            assertEquals(
                    Outcome.CONNECTED,
                    engine.connectPatiently(engine.server(), engine.client(), Family.IPV4, 10_080),
                    "the daemon goes on");
        }
        open();
    }
}
