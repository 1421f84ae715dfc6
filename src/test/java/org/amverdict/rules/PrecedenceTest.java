package org.amverdict.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.amverdict.config.Settings;
import org.amverdict.doctor.CapturedHost;
import org.amverdict.host.Host.Access;
import org.amverdict.host.Routes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rules of others may stand before the jump to our chain. */
final class PrecedenceTest {
    private static final String CONFIGURATION = """
            allow:
              - {requesters: 192.0.2.10, responders: 198.51.100.0/24, services: noop, stream-ports: 20000-30000}
            static:
              - {from: 192.0.2.10, to: 203.0.113.0/24, tcp: 11000-11040}
            """;

    /** The backup server is behind eth0, the clients behind eth1 and eth2, the others behind eth3. */
    private static final String ROUTES = """
            [{"dst":"default","gateway":"203.0.113.1","dev":"eth3"},{"dst":"192.0.2.0/24","dev":"eth0"},
            {"dst":"198.51.100.0/25","dev":"eth1"},{"dst":"198.51.100.128/25","dev":"eth2"},
            {"dst":"203.0.113.0/24","dev":"eth3"},{"dst":"172.17.0.0/16","dev":"docker0"}]""";

    private static Optional<String> before(final String chain, final String... rules) {
        final CapturedHost host = new CapturedHost("none")
                .tool("ip -j -4 route show table all", Access.OK, ROUTES)
                .tool("ip -j -6 route show table all", Access.OK, "[]");
        final Settings settings = RuleSetTest.settings(CONFIGURATION);
        final String saved = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:OWN - [0:0]\n"
                + ":AMVERDICT - [0:0]\n" + String.join("\n", rules) + "\n-A " + chain + " -j AMVERDICT\n"
                + "-A " + chain + " -j DROP\n-A AMVERDICT -p udp -j NFQUEUE --queue-num 10\nCOMMIT\n";
        return new Precedence(settings, Routes.of(host))
                .deciding("iptables", InstalledChains.of(saved), "filter", chain + " -j AMVERDICT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-A FORWARD -m conntrack --ctstate INVALID -j DROP",
                "-A FORWARD -m state --state INVALID -j DROP",
                "-A FORWARD -i lo -j ACCEPT",
                "-A FORWARD -i docker0 -o eth3 -j ACCEPT",
                "-A FORWARD -i wg+ -j DROP",
                "-A FORWARD -o eth0 -i eth0 -j DROP",
                "-A FORWARD -p icmp -j ACCEPT",
                "-A FORWARD -p gre -j ACCEPT",
                "-A FORWARD -p esp -j DROP",
                "-A FORWARD -p tcp -m tcp --dport 22 -j ACCEPT",
                "-A FORWARD -p udp -m udp --dport 53 -j ACCEPT",
                "-A FORWARD -p tcp -m multiport --dports 25,80,443 -j ACCEPT",
                "-A FORWARD -p udp -m multiport --sports 53,123 -j DROP",
                "-A FORWARD -s 10.0.0.0/8 -j DROP",
                "-A FORWARD -d 198.51.101.0/24 -j ACCEPT",
                "-A FORWARD -s 198.51.100.0/24 -d 198.51.100.0/24 -j ACCEPT",
                "-A FORWARD ! -s 0.0.0.0/0 -j DROP",
                "-A FORWARD -m iprange --src-range 192.0.2.11-192.0.2.99 -j DROP",
                "-A FORWARD -m pkttype --pkt-type broadcast -j DROP",
                "-A FORWARD -j LOG --log-prefix \"x -j DROP\"",
                "-A FORWARD",
                "-A FORWARD -m comment --comment \"counts\"",
                "-A FORWARD -m conntrack --ctstate NEW -j NFLOG --nflog-group 1",
                "-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
                "-A FORWARD -j OWN",
                "-A FORWARD -s 192.0.2.10/32 -j AMVERDICT"
            })
    void shouldLetRulesStandThatCannotDecideAboutAmanda(final String rule) {
        assertEquals(Optional.empty(), before("FORWARD", rule));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-A FORWARD -j ACCEPT",
                "-A FORWARD -p tcp -j DROP",
                "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-A FORWARD -m conntrack ! --ctstate INVALID -j ACCEPT",
                "-A FORWARD -m conntrack --ctstate INVALID,NEW -j DROP",
                "-A FORWARD -i eth0 -j ACCEPT",
                "-A FORWARD -i eth2 -o eth0 -j DROP",
                "-A FORWARD -i eth+ -j DROP",
                "-A FORWARD ! -i eth0 -j DROP",
                "-A FORWARD -s 192.0.2.10/32 -j ACCEPT",
                "-A FORWARD -d 198.51.100.77/32 -j DROP",
                "-A FORWARD -d 198.51.0.0/16 -p udp -j DROP",
                "-A FORWARD ! -s 192.0.2.10/32 -j DROP",
                "-A FORWARD ! -d 198.51.100.77/32 -j DROP",
                "-A FORWARD -m iprange --dst-range 198.51.100.250-198.51.101.9 -j DROP",
                "-A FORWARD -p udp -m udp --dport 10000:11000 -j ACCEPT",
                "-A FORWARD -p udp -m udp ! --dport 53 -j DROP",
                "-A FORWARD -p tcp -m tcp --dport 29999 -j DROP",
                "-A FORWARD -p tcp -m multiport --dports 22,11040 -j ACCEPT",
                "-A FORWARD -p tcp -m tcp --sport 1024:65535 -j DROP",
                "-A FORWARD -m mark --mark 0x1 -j DROP",
                "-A FORWARD -m limit --limit 1/sec -j ACCEPT",
                "-A FORWARD -m set --match-set others src -j DROP",
                "-A FORWARD -m newmodule --something 1 -j DROP",
                "-A FORWARD -j NFQUEUE --queue-num 99",
                "-A FORWARD -j SOMETHING --else 1",
                "-A FORWARD -p udp -j REJECT --reject-with icmp-port-unreachable"
            })
    void shouldNameTheRuleThatMayDecideAboutAmanda(final String rule) {
        assertEquals(Optional.of(rule), before("FORWARD", "-A FORWARD -p icmp -j ACCEPT", rule));
    }

    @Test
    void shouldFollowJumps() {
        final String jump = "-A FORWARD -p udp -j OWN";
        assertEquals(Optional.empty(), before("FORWARD", "-A OWN -p tcp -j DROP", jump));
        assertEquals(Optional.of("-A OWN -j DROP"), before("FORWARD", "-A OWN -j DROP", jump));
        assertEquals(Optional.empty(), before("FORWARD", "-A OWN -j RETURN", "-A OWN -j DROP", jump));
        assertTrue(before("FORWARD", "-A OWN -j DROP", "-A FORWARD -g OWN").isPresent());
    }

    @Test
    void shouldSeeThePacketsOfEachHook() {
        assertEquals(Optional.empty(), before("INPUT", "-A INPUT -p icmp -j ACCEPT", "-A INPUT -i lo -j ACCEPT"));
        assertTrue(before("INPUT", "-A INPUT -i eth0 -j ACCEPT").isPresent());
        assertTrue(before("OUTPUT", "-A OUTPUT -o eth1 -j ACCEPT").isPresent());
        assertEquals(Optional.empty(), before("OUTPUT", "-A OUTPUT -o docker0 -j ACCEPT"));
    }

    @Test
    void shouldMoveTheJumpButCallItInPlace() {
        final String saved = """
                *filter
                :FORWARD DROP [0:0]
                :AMVERDICT - [0:0]
                -A FORWARD -m conntrack --ctstate INVALID -j DROP
                -A FORWARD -j AMVERDICT
                COMMIT
                """;
        final IptablesTable wanted = new IptablesTable("filter");
        wanted.hook("FORWARD", "AMVERDICT");
        final Precedence precedence = new Precedence(RuleSetTest.settings(CONFIGURATION));
        final RuleDifference difference =
                IptablesComparison.of("iptables", List.of(wanted), InstalledChains.of(saved), precedence);
        assertEquals(RuleStanding.IN_PLACE, difference.standing());
        assertEquals(
                List.of(
                        "- iptables filter -A FORWARD -j AMVERDICT (not first)",
                        "+ iptables filter -I FORWARD -j AMVERDICT"),
                difference.lines());
        final RuleDifference behind = IptablesComparison.of(
                "iptables",
                List.of(wanted),
                InstalledChains.of(saved.replace("-m conntrack --ctstate INVALID ", "")),
                precedence);
        assertEquals(RuleStanding.NOT_FIRST, behind.standing());
        assertEquals(
                "- iptables filter -A FORWARD -j AMVERDICT (not first; what may decide before is -A FORWARD -j DROP)",
                behind.lines().get(0));
    }
}
