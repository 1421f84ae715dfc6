package org.amverdict.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.firewall.Firewall;
import org.amverdict.firewall.FirewallReader;
import org.amverdict.host.Host.Access;
import org.junit.jupiter.api.Test;

/** Rules that no tool shows are unreadable, not absent. */
final class UnseenRulesTest {
    private static final String SAVED = "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n";

    private final CapturedHost host = DoctorTest.router();

    private void without(final String... tools) {
        for (final String tool : tools) {
            host.tool(tool, Access.MISSING, tool + " is not installed");
        }
    }

    private void expect(final String words) {
        final Firewall firewall = FirewallReader.read(host);

        assertEquals(1, firewall.unreadable().size(), firewall.unreadable().toString());
        assertTrue(
                firewall.unreadable().get(0).toString().contains(words),
                firewall.unreadable().toString());
    }

    @Test
    void shouldSayThatNoToolShowsRules() {
        without("iptables-nft-save", "ip6tables-nft-save", "nft -j list ruleset");

        expect("no tool that shows rules is installed");
    }

    /** The plain program is of one variant only, and says which. */
    @Test
    void shouldNotTakeRulesOfOneVariantForThoseOfTheOther() {
        host.file("/proc/net/ip_tables_names", "filter\n");
        host.tool("iptables-save", Access.OK, SAVED);
        host.tool("iptables-save --version", Access.OK, "iptables-save v1.8.9 (nf_tables)\n");

        expect("iptables-legacy-save is not installed");
    }

    @Test
    void shouldMissNftWhereItsRulesAreLoaded() {
        without("nft -j list ruleset");
        host.file(
                "/proc/modules", "nft_reject_inet 16384 2 - Live 0x0\nnf_tables 300000 9 nft_reject_inet, Live 0x0\n");

        expect("nft_reject is loaded, and nft is not installed");
    }

    @Test
    void shouldSayThatTextIsCutOffOrStrange() {
        host.tool("iptables-nft-save", Access.OK, "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ACC");
        expect("are cut off");

        host.tool("iptables-nft-save", Access.OK, SAVED).tool("nft -j list ruleset", Access.OK, "{\"nftables\": [{");
        expect("libnftables-json(5)");
    }
}
