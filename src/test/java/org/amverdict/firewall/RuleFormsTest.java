package org.amverdict.firewall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.Set;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.firewall.ProbePacket.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms that iptables-save and nft -j print: each is read, or a perhaps. */
final class RuleFormsTest {
    private static final String REQ = "udp 192.0.2.10 850 198.51.100.7 10080";

    /** Whether a rule with this condition drops the request. */
    private static Certainty iptables(final String condition, final String sets) {
        return new Recorded()
                .iptables("*filter\n:FORWARD ACCEPT [0:0]\n:C - [0:0]\n-A FORWARD " + condition + "\nCOMMIT\n", sets)
                .trace(Recorded.packet(REQ, State.NEW, "eth0", "eth1"), Path.ACROSS)
                .isDropped();
    }

    private static Certainty nft(final String statements) {
        return new Recorded()
                .nft("""
                        {"nftables": [{"table": {"family": "inet", "name": "t", "handle": 1}},
                        {"set": {"family": "inet", "name": "plain", "table": "t", "type": "ipv4_addr", "elem": ["192.0.2.10"]}},
                        {"set": {"family": "inet", "name": "filled", "table": "t", "type": "ipv4_addr", "flags": "dynamic"}},
                        {"chain": {"family": "inet", "table": "t", "name": "c", "type": "filter", "hook": "forward", "prio": 0,
                        "policy": "accept"}}, {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": [%s]}}]}
                        """.formatted(statements))
                .trace(Recorded.packet(REQ, State.NEW, "eth0", "eth1"), Path.ACROSS)
                .isDropped();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NO      | -d 224.0.0.251/32 -j DROP",
                "YES     | -s 192.0.0.10/255.0.0.255 -j DROP",
                "NO      | -s 192.0.0.11/255.0.0.255 -j DROP",
                "PERHAPS | -s what.is.this -j DROP",
                "YES     | -m iprange --src-range 192.0.2.1-192.0.2.10 -j DROP",
                "NO      | -m iprange ! --src-range 192.0.2.1-192.0.2.10 -j DROP",
                "NO      | -p tcp -m tcp --dport 10080 -j DROP",
                "YES     | ! -p tcp -j DROP",
                "YES     | -p udp -m udp --sport :900 --dport 10000: -j REJECT --reject-with icmp-port-unreachable",
                "PERHAPS | -p udp -m udp --dport amanda -j DROP",
                "YES     | -p udp -m multiport --dports 53,10000:10100 -j DROP",
                "PERHAPS | -p udp -m multiport --dports 53,amanda -j DROP",
                "YES     | -i eth+ -o eth1 -j DROP",
                "NO      | ! -i eth+ -j DROP",
                "NO      | -i docker0 -j DROP",
                "NO      | -m conntrack --ctstate INVALID,UNTRACKED,DNAT -j DROP",
                "PERHAPS | -m conntrack --ctorigsrc 192.0.2.10 -j DROP",
                "YES     | -m mark --mark 0x0/0xff0000 -j DROP",
                "NO      | -m mark --mark 0x4000/0x4000 -j DROP",
                "PERHAPS | -m mark --mark what -j DROP",
                "NO      | -m addrtype --dst-type LOCAL -j DROP",
                "NO      | -m rpfilter --invert -j DROP",
                "PERHAPS | -m limit --limit 5/sec -j DROP",
                "PERHAPS | -m invented --with \"-j ACCEPT\" -j DROP",
                "YES     | -m comment --comment \"a \\\" -j ACCEPT\" -j DROP",
                "PERHAPS | -m string --string -j --algo bm --to 65535 -j DROP",
                "PERHAPS | -j TARPIT",
                "PERHAPS | -m x [unsupported revision] -j DROP",
                "PERHAPS | -j NFQUEUE [unsupported revision]",
                "PERHAPS | -j NFQUEUE --queue-num what",
                "NO      | -j LOG --log-prefix \"[UFW BLOCK] \"",
                "NO      | -p icmp -m icmp --icmp-type 8 -j DROP",
                "YES     | -m set --match-set good src -j DROP",
                "NO      | -m set --match-set good dst -j DROP",
                "YES     | -m set --match-set pairs src,dst -j DROP",
                "PERHAPS | -m set --match-set timed src -j DROP",
                "YES     | -m set --match-set list src -j DROP",
                "PERHAPS | -m set --match-set holes dst -j DROP",
                "PERHAPS | -m set --match-set macs src,src -j DROP",
                "PERHAPS | -m set --match-set unheard-of src -j DROP",
                "YES     | -m set --match-set ports dst -j DROP"
            })
    void shouldReadWhatIptablesPrints(final Certainty drops, final String rule) {
        final String sets = """
                create good hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1
                add good 192.0.2.10 comment "a b"
                create pairs hash:net,port family inet
                add pairs 192.0.2.0/24,udp:10000-10100
                create timed hash:ip family inet timeout 60
                add timed 192.0.2.10 timeout 59
                create list list:set size 8
                add list good
                create holes hash:net family inet
                add holes 198.51.100.0/24
                add holes 198.51.100.7 nomatch
                create macs hash:ip,mac family inet
                add macs 192.0.2.10,02:00:00:00:00:01
                create ports bitmap:port range 1-65535
                add ports 10000-10100
                """;

        assertEquals(drops, iptables(rule, sets), rule);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "YES     ; {'match': {'op': '==', 'left': {'payload': {'protocol': 'ip', 'field': 'saddr'}}, 'right': '@plain'}}",
                "PERHAPS ; {'match': {'op': '==', 'left': {'payload': {'protocol': 'ip', 'field': 'saddr'}}, 'right': '@filled'}}",
                "PERHAPS ; {'match': {'op': '==', 'left': {'payload': {'protocol': 'ip', 'field': 'saddr'}}, 'right': '@absent'}}",
                "NO      ; {'match': {'op': '!=', 'left': {'payload': {'protocol': 'ip6', 'field': 'saddr'}}, 'right': '2001:db8::1'}}",
                "NO      ; {'match': {'op': '!=', 'left': {'payload': {'protocol': 'tcp', 'field': 'dport'}}, 'right': 22}}",
                "YES     ; {'match': {'op': '==', 'left': {'payload': {'protocol': 'ip', 'field': 'saddr'}}, 'right': {'range': ['192.0.2.1', '192.0.2.20']}}}",
                "PERHAPS ; {'match': {'op': '<', 'left': {'meta': {'key': 'length'}}, 'right': 100}}",
                "NO      ; {'match': {'op': '==', 'left': {'meta': {'key': 'iifname'}}, 'right': {'set': ['docker0', 'br-*']}}}",
                "YES     ; {'match': {'op': '==', 'left': {'meta': {'key': 'iifname'}}, 'right': 'eth*'}}",
                "NO      ; {'match': {'op': 'in', 'left': {'ct': {'key': 'status'}}, 'right': 'dnat'}}",
                "YES     ; {'match': {'op': '==', 'left': {'&': [{'ct': {'key': 'status'}}, 'dnat']}, 'right': 0}}",
                "PERHAPS ; {'match': {'op': '==', 'left': {'invented': {'key': 1}}, 'right': true}}",
                "PERHAPS ; {'invented': {'x': [1, null]}}",
                "PERHAPS ; {'xt': null}",
                "PERHAPS ; {'xt': {'type': 'match', 'name': 'physdev'}}",
                "PERHAPS ; {'limit': {'rate': 5, 'per': 'second'}}",
                "PERHAPS ; {'vmap': {'key': {'payload': {'protocol': 'udp', 'field': 'dport'}}, 'data': '@absent'}}",
                "NO      ; {'vmap': {'key': {'payload': {'protocol': 'udp', 'field': 'dport'}}, 'data': {'set': [[10080, {'accept': null}]]}}}",
                "NO      ; {'vmap': {'key': {'payload': {'protocol': 'udp', 'field': 'dport'}}, 'data': {'set': [['*', {'accept': null}]]}}}",
                "PERHAPS ; {'queue': {'num': {'map': {'key': {'meta': {'key': 'cpu'}}, 'data': '@absent'}}}}",
                "NO      ; {'match': {'op': '==', 'left': {'exthdr': {'name': 'frag'}}, 'right': true}}",
                "YES     ; {'mangle': {'key': {'meta': {'key': 'mark'}}, 'value': {'|': [{'meta': {'key': 'mark'}}, 5]}}}, {'match': {'op': '==', 'left': {'&': [{'meta': {'key': 'mark'}}, 4]}, 'right': 4}}",
                "NO      ; {'fwd': {'dev': 'x'}}, {'accept': null}",
                "YES     ; {'counter': {'packets': 1, 'bytes': 2}}, {'log': {'prefix': 'drop'}}"
            })
    void shouldReadWhatNftPrints(final Certainty drops, final String statements) {
        final Certainty found = nft(statements.replace('\'', '"') + ", {\"drop\": null}");

        // A packet that a statement takes away perhaps is not sure to come further.
        assertEquals(statements.contains("fwd") ? Certainty.PERHAPS : drops, found, statements);
    }

    /** Text that no tool prints must not end the checks either. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-A",
                "-A FORWARD -s",
                "-A FORWARD -j",
                "-A FORWARD ! -m",
                "-A FORWARD -p udp --dport 99999999999 -j DROP",
                "-A FORWARD -m mark --mark 0xfffffffff/1 -j DROP",
                "-A FORWARD -j MARK --set-xmark",
                "-A FORWARD \"",
                "-A FORWARD -m multiport --dports , -j DROP",
                "-A FORWARD -m set --match-set",
                "-A FORWARD -s /24 -j DROP",
                "-A FORWARD -s 1.2.3.4/999 -j DROP",
                "-A FORWARD -m iprange --src-range - -j DROP",
                "-A FORWARD -g nowhere",
                "-A FORWARD -m tcp --tcp-flags SYN -j DROP",
                "-A FORWARD -j NFQUEUE --queue-balance 5:1"
            })
    void shouldNotStumble(final String line) {
        final RuleTrace trace = new Recorded()
                .iptables("*filter\n:FORWARD ACCEPT\n" + line + "\nCOMMIT\n")
                .trace(Recorded.packet(REQ, State.NEW), Path.ACROSS);

        assertTrue(trace.isDropped() != null && trace.reachesQueue() != null);
    }

    /** A JSON value in the wrong place, or a missing one. */
    @Test
    void shouldNotStumbleOverOtherJson() {
        final String[] values = {
            "null",
            "1",
            "\"x\"",
            "[]",
            "{}",
            "[null]",
            "{\"set\": null}",
            "{\"range\": [1]}",
            "{\"prefix\": {}}",
            "{\"elem\": {\"val\": null}}",
            "{\"concat\": [1]}",
            "\"@\"",
            "\"*\"",
            "true",
            "{\"|\": []}",
            "{\"<<\": [1, 99]}"
        };
        final String[] keys = {
            "match", "vmap", "queue", "mangle", "jump", "ct helper", "flow", "set", "xt", "limit", "dnat", "fwd"
        };
        final Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            final String inner = "{\"op\": \"==\", \"left\": " + pick(values, random) + ", \"right\": "
                    + pick(values, random) + ", \"key\": " + pick(values, random) + ", \"data\": "
                    + pick(values, random) + ", \"num\": " + pick(values, random) + "}";
            final String statement =
                    "{\"" + pick(keys, random) + "\": " + (random.nextBoolean() ? inner : pick(values, random)) + "}";

            assertTrue(nft(statement) != null, statement);
        }
    }

    private static String pick(final String[] of, final Random random) {
        return of[random.nextInt(of.length)];
    }

    @Test
    void shouldNotTakeOtherTextForRules() {
        assertNull(NftText.of("", Set.of()));
        assertNull(NftText.of("{\"nftables\": 7}", Set.of()));
        assertNull(NftText.of("{\"nftables\": [{\"rule\": ", Set.of()));
        assertFalse(IptablesText.of("iptables", true, "*filter\n:FORWARD DROP [0:0]\n", IpSets.UNKNOWN)
                .whole());
    }

    /** A rule that may accept does not hide one that surely drops, nor the reverse. */
    @Test
    void shouldCarryPerhapsToTheEnd() {
        final String mayAccept = "-A FORWARD -m limit --limit 5/sec -j ACCEPT\n";
        final String mayDrop = "-A FORWARD -m limit --limit 5/sec -j DROP\n";
        final String queue = "-A FORWARD -p udp -j NFQUEUE --queue-num 10\n";

        assertEquals("NO, dropped PERHAPS", walk(mayAccept + "-A FORWARD -j DROP\n" + queue, true));
        assertEquals("PERHAPS, dropped NO", walk(mayAccept + queue, true));
        assertEquals("PERHAPS, dropped PERHAPS", walk(mayDrop + queue, true));
        assertEquals("YES, dropped NO", walk("-A FORWARD -m limit --limit 5/sec -j LOG\n" + queue, true));
        assertEquals("NO, dropped YES", walk(mayDrop + "-A FORWARD -j DROP\n" + queue, true));
        assertEquals("YES, dropped NO", walk("-A FORWARD -m x -j C\n-A C -j RETURN\n" + queue, false));
        assertEquals(
                "YES, dropped NO",
                walk("-A FORWARD -m x -j C\n-A C -p udp -j NFQUEUE --queue-num 11\n" + queue, false));
        assertEquals("PERHAPS, dropped PERHAPS", walk("-A FORWARD -m x -j C\n-A C -j DROP\n" + queue, false));
        assertEquals("PERHAPS, dropped NO", walk("-A FORWARD -m x -j RETURN\n" + queue, false));
        assertEquals("PERHAPS, dropped NO", walk("-A FORWARD -m x -g C\n" + queue, false));
        // Another program's queue in the same chain takes the packet first; what it does is not known.
        assertEquals("NO, dropped NO", walk("-A FORWARD -p udp -j NFQUEUE --queue-num 99\n" + queue, false));
    }

    private static String walk(final String rules, final boolean policyDrop) {
        final RuleTrace trace = new Recorded()
                .iptables("*filter\n:FORWARD " + (policyDrop ? "DROP" : "ACCEPT") + " [0:0]\n:C - [0:0]\n" + rules
                        + "COMMIT\n")
                .trace(Recorded.packet(REQ, State.NEW), Path.ACROSS);
        return trace.reachesQueue() + ", dropped " + trace.isDropped();
    }

    @Test
    void shouldFindFlowTables() {
        final String json = """
                {"nftables": [{"chain": {"family": "inet", "table": "t", "name": "c", "type": "filter", "hook": "forward", "prio": 5,
                "policy": "accept"}}, {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": [
                {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "protocol"}}, "right": {"set": ["tcp", "udp"]}}},
                {"flow": {"op": "add", "flowtable": "@ft"}}]}}]}
                """;

        final RuleTrace trace = new Recorded().nft(json).trace(Recorded.packet(REQ, State.ESTABLISHED), Path.ACROSS);

        assertEquals("flow add @ft", trace.flowTables().get(0).rule().text().replaceFirst(".*flow", "flow"));
        assertEquals(Certainty.YES, trace.flowTables().get(0).taken());
    }
}
