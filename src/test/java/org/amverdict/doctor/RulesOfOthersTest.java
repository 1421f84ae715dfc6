package org.amverdict.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amverdict.host.Host;
import org.junit.jupiter.api.Test;

/**
 * Rules of nft and of other people. The texts are nft's own; this kernel has no queue for nft, so the statement queue was
 * put in the place of a log, in the form of libnftables-json(5).
 */
final class RulesOfOthersTest {
    private static final List<Check> CHECKS = List.of(
            new RulesCheck(),
            new RuleOrderCheck(),
            new DirectionsCheck(),
            new MergedDatagramsCheck(),
            new BypassCheck(),
            new DefragmentationCheck());

    private static String resource(final String name) throws IOException {
        return Files.readString(CapturedHost.RESOURCES.resolve(name));
    }

    private static CapturedHost withNft(final String json) {
        return DoctorTest.router()
                .tool("iptables-nft-save", Host.Access.OK, "")
                .tool("ip6tables-nft-save", Host.Access.OK, "")
                .tool("nft -j list ruleset", Host.Access.OK, json);
    }

    private static CapturedHost withIptables(final String saved) {
        return DoctorTest.router()
                .tool("iptables-nft-save", Host.Access.OK, saved)
                .tool("nft -j list ruleset", Host.Access.MISSING, "nft is not installed");
    }

    private static Map<String, List<Finding>> run(final Host host) {
        final Examination examination = Examination.of(CapturedHost.RESOURCES.resolve("amverdict.yaml"));
        final Map<String, List<Finding>> found = new TreeMap<>();
        for (final Check check : CHECKS) {
            found.put(check.name(), check.run(host, examination));
        }
        return found;
    }

    private static String status(final Map<String, List<Finding>> found) {
        final TreeMap<String, Status> worst = new TreeMap<>();
        found.forEach((check, findings) -> {
            final Status status = findings.stream().map(Finding::status).reduce(Status.OK, Status::worse);
            if (status != Status.OK) {
                worst.put(check, status);
            }
        });
        return worst.toString();
    }

    @Test
    void shouldUnderstandOurOwnRulesForNft() throws IOException {
        final Map<String, List<Finding>> found = run(withNft(resource("nft/gate.json")));

        assertEquals("{bypass=WARNING}", status(found), found.toString());
        assertTrue(found.toString().contains("from nft inet amverdict forward"), found.toString());
    }

    @Test
    void shouldTellInlineFromGate() throws IOException {
        final Map<String, List<Finding>> found = run(withNft(resource("nft/inline.json")));

        assertEquals("{bypass=WARNING, defragmentation=WARNING}", status(found), found.toString());
        assertTrue(found.toString().contains("placement inline or offload"), found.toString());
    }

    /** The remedy makes rules for the tool that has them. */
    @Test
    void shouldSeeOneDirectionMissingInNft() throws IOException {
        final String one = resource("nft/gate.json")
                .replace("\"field\": \"sport\"}}, \"right\": 10080", "\"field\": \"sport\"}}, \"right\": 53");

        final Map<String, List<Finding>> found = run(withNft(one));

        assertEquals("{bypass=WARNING, udp-directions=FAULT}", status(found), found.toString());
        assertTrue(found.toString().contains("--format nft --at forward --apply"), found.toString());
    }

    /** Datagrams that somebody merged must be cut apart before they are queued. */
    @Test
    void shouldSeeControlDatagramsGoToAQueueForUnsegmentedPackets() throws IOException {
        final String toStreams = """
                -A FORWARD -p udp -m udp --dport 10080 -j NFQUEUE --queue-num 11
                -A FORWARD -p udp -m udp --sport 10080 -j NFQUEUE --queue-balance 10:11
                COMMIT
                """;

        final List<Finding> found = merged(withIptables(HEAD + toStreams));

        assertEquals(1, found.size());
        final Finding finding = found.get(0);
        assertEquals(Status.WARNING, finding.status());
        assertTrue(finding.message().contains("control datagrams to queues 11-14"), finding.toString());
        assertTrue(finding.remedy().contains("set copy: packet on queues 11-14"), finding.toString());
        assertEquals(
                Status.OK,
                merged(withIptables(HEAD + QUEUE + "COMMIT\n")).get(0).status());
    }

    private static List<Finding> merged(final Host host) {
        return new MergedDatagramsCheck().run(host, Examination.of(CapturedHost.RESOURCES.resolve("amverdict.yaml")));
    }

    /** "ct state vmap { established : accept, … }" first, as most examples on the web have it. */
    @Test
    void shouldSeeRepliesPassInAVerdictMap() throws IOException {
        final Map<String, List<Finding>> found = run(withNft(resource("nft/classic-mistake.json")));

        assertEquals("{rule-order=FAULT}", status(found), found.toString());
        assertTrue(found.toString().contains("vmap established : accept"), found.toString());
        assertTrue(found.toString().contains("the queue never sees the "), found.toString());
    }

    @Test
    void shouldBelieveThatAPassMarkIsAccepted() throws IOException {
        final String other = """
                , {"chain": {"family": "inet", "table": "o", "name": "f", "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}}
                %s]}""";
        final String accept = """
                , {"rule": {"family": "inet", "table": "o", "chain": "f", "expr": [{"match": {"op": "==", "left": {"&": [{"meta": {"key": "mark"}}, 16777216]}, "right": 16777216}}, {"accept": null}]}}
                """;
        final String set = "{\"mangle\": {\"key\": {\"meta\": {\"key\": \"mark\"}}, \"value\":"
                + " {\"|\": [{\"meta\": {\"key\": \"mark\"}}, 16777216]}}}, ";
        final String unmarked = resource("nft/gate.json").strip().replaceFirst("]}$", "");
        final String ours =
                unmarked.replace("{\"queue\"", set + "{\"queue\"").replace("{\"accept\"", set + "{\"accept\"");

        assertEquals("{bypass=WARNING, rule-order=FAULT}", status(run(withNft(ours + other.formatted("")))));
        assertEquals("{bypass=WARNING}", status(run(withNft(ours + other.formatted(accept)))));
        // Nothing sets the mark: the other table drops.
        assertEquals("{bypass=WARNING, rule-order=FAULT}", status(run(withNft(unmarked + other.formatted(accept)))));
    }

    private static final String ESTABLISHED =
            "{\"match\": {\"op\": \"in\", \"left\": {\"ct\": {\"key\": \"state\"}}, \"right\": \"established\"}}";

    /** Our own rules of placement offload, as nft 0.9.8 to 1.1 print them. */
    @Test
    void shouldNotWarnOfOurOwnRulesOfOffload() throws IOException {
        final String marked =
                "{\"match\": {\"op\": \"!=\", \"left\": {\"&\": [{\"ct\": {\"key\": \"mark\"}}, 255]}, \"right\": 0}}";
        final String left =
                "{\"match\": {\"op\": \"==\", \"left\": {\"&\": [{\"ct\": {\"key\": \"mark\"}}, 134217728]},"
                        + " \"right\": 134217728}}";
        final String gate = resource("nft/gate.json");
        assertTrue(gate.contains(ESTABLISHED), gate);

        for (final String condition : new String[] {marked, left}) {
            final Map<String, List<Finding>> found = run(withNft(gate.replace(ESTABLISHED, condition)));

            assertTrue(
                    found.getOrDefault("rule-order", List.of()).stream()
                            .allMatch(finding -> !finding.remedy().contains("delete")
                                    && !finding.message().contains("ct mark")),
                    found.toString());
        }
    }

    /** A flow table behind our chain: the third packet, the REP, never comes. */
    @Test
    void shouldSeeAFlowTable() throws IOException {
        final String gate = resource("nft/gate.json").strip().replaceFirst("]}$", "");
        final String flows = """
                , {"flowtable": {"family": "inet", "name": "ft", "table": "f", "handle": 3, "hook": "ingress", "prio": 0, "dev": ["to-a", "to-b"]}}
                , {"chain": {"family": "inet", "table": "f", "name": "f", "type": "filter", "hook": "forward", "prio": 5, "policy": "accept"}}
                , {"rule": {"family": "inet", "table": "f", "chain": "f", "expr": [%s{"flow": {"op": "add", "flowtable": "@ft"}}]}}]}""";
        final String protocols =
                "{\"match\": {\"op\": \"==\", \"left\": {\"meta\": {\"key\": \"l4proto\"}}, \"right\": %s}}, ";

        assertEquals("{bypass=WARNING, rule-order=FAULT}", status(run(withNft(gate + flows.formatted("")))));
        final Map<String, List<Finding>> both =
                run(withNft(gate + flows.formatted(protocols.formatted("{\"set\": [\"tcp\", \"udp\"]}"))));
        assertEquals("{bypass=WARNING, rule-order=FAULT}", status(both), both.toString());
        assertTrue(both.toString().contains("its third packet, the REP, never comes to the queue"), both.toString());
        assertEquals("{bypass=WARNING}", status(run(withNft(gate + flows.formatted(protocols.formatted("\"tcp\""))))));
    }

    /** Rules that only set a mark: the rules behind them see it. */
    @Test
    void shouldFollowAMarkThatARuleOfItsOwnSets() throws IOException {
        final String gate = resource("nft/gate.json").strip().replaceFirst("]}$", "");
        final String chains = """
                , {"chain": {"family": "inet", "table": "m", "name": "m", "type": "filter", "hook": "forward", "prio": -150, "policy": "accept"}}
                , {"rule": {"family": "inet", "table": "m", "chain": "m", "expr": [{"mangle": {"key": {"meta": {"key": "mark"}}, "value": 7}}]}}
                , {"rule": {"family": "inet", "table": "m", "chain": "m", "expr": [{"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": %d}}, {"drop": null}]}}]}""";

        assertEquals("{bypass=WARNING, rule-order=FAULT}", status(run(withNft(gate + chains.formatted(7)))));
        assertEquals("{bypass=WARNING}", status(run(withNft(gate + chains.formatted(8)))));
    }

    private static final String HEAD =
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:MINE - [0:0]\n";
    private static final String QUEUE = """
            -A FORWARD -p udp -m udp --dport 10080 -j NFQUEUE --queue-num 10
            -A FORWARD -p udp -m udp --sport 10080 -j NFQUEUE --queue-num 10
            -A FORWARD -p tcp -m state --state ESTABLISHED -j ACCEPT
            -A FORWARD -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j NFQUEUE --queue-balance 11:14
            """;

    private static String of(final String before) {
        return status(run(withIptables(HEAD + before + QUEUE + "COMMIT\n")));
    }

    @Test
    void shouldUnderstandRulesWrittenByHand() {
        assertEquals("{}", of(""));
        assertEquals("{}", of("-A FORWARD -s 203.0.113.0/24 -j ACCEPT\n"));
        assertEquals("{}", of("-A FORWARD ! -s 192.0.2.10/32 ! -d 192.0.2.10/32 -j ACCEPT\n"));
        assertEquals(
                "{}",
                of("-A FORWARD -m comment --comment \"a \\\" -j ACCEPT\" -m conntrack --ctstate INVALID -j DROP\n"));
        assertEquals("{rule-order=UNKNOWN}", of("-A FORWARD -m set --match-set bad src -j DROP\n"));
        assertEquals("{}", of("-A FORWARD -p tcp -m tcp ! --dport 1:65535 -j ACCEPT\n"));
        assertEquals(
                "{}", of("-A MINE -p udp -j RETURN\n-A MINE -p tcp -j RETURN\n-A MINE -j DROP\n-A FORWARD -j MINE\n"));
        assertEquals("{rule-order=FAULT}", of("-A FORWARD -s 192.0.2.0/24 -p udp -j ACCEPT\n"));
        assertEquals("{rule-order=FAULT}", of("-A FORWARD -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT\n"));
        assertEquals("{rule-order=FAULT}", of("-A FORWARD -p udp -m multiport --ports 53,10000:10100 -j REJECT\n"));
        assertEquals("{rule-order=FAULT}", of("-A MINE -d 192.0.2.10/32 -j ACCEPT\n-A FORWARD -j MINE\n"));
        assertEquals("{rule-order=WARNING}", of("-A FORWARD -m limit --limit 5/sec -j ACCEPT\n"));
        assertEquals("{rule-order=WARNING}", of("-A FORWARD -m set --match-set good src -j ACCEPT\n"));
        assertEquals("{rule-order=WARNING}", of("-A FORWARD -m something -j ACCEPT\n"));
        assertEquals("{rule-order=WARNING}", of("-A FORWARD -m udp --unheard-of 7 -j ACCEPT\n"));
    }

    /** What follows a chain that all packets are sent to for good is not reached. */
    @Test
    void shouldFollowGoto() {
        final Map<String, List<Finding>> found =
                run(withIptables(HEAD + "-A MINE -j ACCEPT\n-A FORWARD -g MINE\n" + QUEUE + "COMMIT\n"));

        // The queue stands behind a goto: no packet of IPv4 comes there.
        assertTrue(found.toString().contains("no rule hands IPv4"), found.toString());
    }

    @Test
    void shouldNotBeLedRoundInCircles() {
        final String circle = "-A MINE -j MINE\n-A MINE -j MINE\n-A FORWARD -j MINE\n";

        assertEquals("{}", of(circle));
    }

    @Test
    void shouldSayThatRulesCannotBeReadInsteadOfThatThereAreNone() {
        final String denied = "iptables-nft-save (status 4): Could not fetch rule set generation id: Permission denied";
        final CapturedHost host = DoctorTest.router()
                .tool("iptables-nft-save", Host.Access.DENIED, denied)
                .tool("ip6tables-nft-save", Host.Access.DENIED, denied)
                .tool("nft -j list ruleset", Host.Access.DENIED, "Operation not permitted (you must be root)");

        final Map<String, List<Finding>> found = run(host);

        assertEquals(
                "{bypass=UNKNOWN, defragmentation=UNKNOWN, merged-udp=UNKNOWN, rule-order=UNKNOWN, rules=UNKNOWN, udp-directions=UNKNOWN}",
                status(found));
    }

    /** A container without iptables and nft: the rules may be there, and no command of theirs would work. */
    @Test
    void shouldNotClaimThatThereAreNoRulesWhereNoToolShowsThem() {
        final CapturedHost host = DoctorTest.router();
        for (final String family : new String[] {"iptables", "ip6tables"}) {
            for (final String variant : new String[] {"", "-nft", "-legacy"}) {
                final String tool = family + variant + "-save";
                host.tool(tool, Host.Access.MISSING, tool + " is not installed");
                host.tool(tool + " --version", Host.Access.MISSING, tool + " is not installed");
            }
        }
        host.tool("nft -j list ruleset", Host.Access.MISSING, "nft is not installed");

        final Map<String, List<Finding>> found = run(host);

        assertEquals(
                "{bypass=UNKNOWN, defragmentation=UNKNOWN, merged-udp=UNKNOWN, rule-order=UNKNOWN, rules=UNKNOWN, udp-directions=UNKNOWN}",
                status(found),
                found.toString());
        final Finding first = found.getOrDefault("rules", List.of()).get(0);
        assertTrue(first.message().contains("no tool that shows them is installed"), first.toString());
        assertEquals("apt-get install nftables iptables", first.remedy());
        assertTrue(!found.toString().contains("remedy=amverdict rules"), found.toString());
    }

    /** Without connections, the rule for ESTABLISHED lets nothing pass: all of TCP comes to the queue. */
    @Test
    void shouldSeeThatConnectionsAreNotTracked() throws IOException {
        final String untracked = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --dport 10080 %s\n"
                + "-A PREROUTING -p udp -m udp --sport 10080 %s\n-A PREROUTING -p tcp %s\nCOMMIT\n";
        final String ours =
                HEAD.replace("FORWARD DROP", "FORWARD ACCEPT") + QUEUE.replace(" --tcp-flags FIN,SYN,RST,ACK SYN", "");
        for (final String target : new String[] {"-j NOTRACK", "-j CT --notrack"}) {
            final Map<String, List<Finding>> found =
                    run(withIptables(untracked.replace("%s", target) + ours + "COMMIT\n"));

            assertEquals("{rule-order=WARNING}", status(found), found.toString());
            assertTrue(found.toString().contains("established connections are queued too"), found.toString());
        }
        final String nft = resource("nft/gate.json").strip().replaceFirst("]}$", "") + """
                , {"chain": {"family": "inet", "table": "r", "name": "r", "type": "filter", "hook": "prerouting", "prio": -300, "policy": "accept"}}
                , {"rule": {"family": "inet", "table": "r", "chain": "r", "expr": [{"notrack": null}]}}]}""";
        final Map<String, List<Finding>> found = run(withNft(nft));
        assertTrue(found.toString().contains("established connections are queued too"), found.toString());
    }

    /** On the host that is backed up the rules stand in INPUT and OUTPUT, and its own address may be in a range. */
    @Test
    void shouldLookAtInputAndOutputOnAClient() {
        final String client = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                + QUEUE.replace("FORWARD", "INPUT") + QUEUE.replace("FORWARD", "OUTPUT") + "COMMIT\n";

        // The captured router has 198.51.100.1, one of the responders.
        final Map<String, List<Finding>> found = run(withIptables(client).file("/proc/sys/net/ipv4/ip_forward", "0\n"));

        assertEquals("{}", status(found), found.toString());
        assertTrue(found.toString().contains("iptables-nft filter INPUT"), found.toString());
        // The same rules on a router: what it forwards meets no queue.
        assertTrue(
                run(withIptables(client)).toString().contains("to a queue in FORWARD, remedy=amverdict rules"),
                found.toString());
    }
}
