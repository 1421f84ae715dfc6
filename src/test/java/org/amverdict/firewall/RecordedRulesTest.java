package org.amverdict.firewall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.firewall.ProbePacket.State;
import org.amverdict.firewall.RuleTrace.Step;
import org.junit.jupiter.api.Test;

/**
 * Rule sets of others: ufw 0.36.2 and firewalld 1.3.3 of Debian 12 as they made them, and the kind of rules that Docker and
 * zone firewalls make. Our rules are put where an operator would put them.
 */
final class RecordedRulesTest {
    private static final String REQ = "udp 192.0.2.10 850 198.51.100.7 10080";
    private static final String REP = "udp 198.51.100.7 10080 192.0.2.10 850";
    private static final String SYN = "tcp 192.0.2.10 45000 198.51.100.7 20001";
    private static final String QUEUE = """
            -A OURS -p udp -m multiport --ports 10080 -j NFQUEUE --queue-num 10
            -A OURS -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT
            -A OURS -p tcp -j NFQUEUE --queue-balance 11:14
            """;

    /** Our chain before everything else of these chains of table filter. */
    private static String first(final String saved, final String... chains) {
        String with = saved;
        for (final String chain : chains) {
            with = inFilter(with, ":OURS - [0:0]\n-A " + chain + " -j OURS\n", "-A ");
        }
        return inFilter(with, QUEUE, "COMMIT");
    }

    /** Our chain behind everything else. */
    private static String last(final String saved, final String chain) {
        return inFilter(inFilter(saved, ":OURS - [0:0]\n", "-A "), "-A " + chain + " -j OURS\n" + QUEUE, "COMMIT");
    }

    private static String inFilter(final String saved, final String inserted, final String before) {
        final int at = saved.indexOf("\n" + before, saved.indexOf("*filter")) + 1;
        return saved.substring(0, at) + inserted + saved.substring(at);
    }

    private static void expect(final String answers, final RuleTrace trace) {
        assertEquals(
                answers,
                "queue " + trace.reachesQueue() + ", dropped " + trace.isDropped(),
                trace.packet() + ": " + trace.doubts() + trace.droppers());
    }

    @Test
    void shouldReadUfw() throws IOException {
        final Recorded client = new Recorded().iptables(first(Recorded.text("ufw.iptables-save"), "INPUT", "OUTPUT"));

        expect("queue YES, dropped NO", client.trace(Recorded.packet(REQ, State.NEW), Path.IN));
        expect("queue YES, dropped NO", client.trace(Recorded.packet(REP, State.ESTABLISHED), Path.OUT));
        expect("queue YES, dropped NO", client.trace(Recorded.packet(SYN, State.NEW), Path.IN));

        final Recorded alone = new Recorded().iptables(Recorded.text("ufw.iptables-save"));
        expect("queue NO, dropped YES", alone.trace(Recorded.packet(REQ, State.NEW), Path.IN));
        expect("queue NO, dropped NO", alone.trace(Recorded.packet(REP, State.ESTABLISHED), Path.OUT));
        expect(
                "queue NO, dropped NO",
                alone.trace(Recorded.packet("tcp 192.0.2.10 45000 198.51.100.7 8085", State.NEW), Path.IN));
        expect(
                "queue NO, dropped PERHAPS",
                alone.trace(Recorded.packet("tcp 192.0.2.10 45000 198.51.100.7 2222", State.NEW), Path.IN));
    }

    @Test
    void shouldReadUfwForIpv6() throws IOException {
        final String req = "udp 2001:db8::10 850 2001:db8:1::7 10080";
        final Recorded client = new Recorded().ip6tables(first(Recorded.text("ufw.ip6tables-save"), "INPUT", "OUTPUT"));

        expect("queue YES, dropped NO", client.trace(Recorded.packet(req, State.NEW), Path.IN));

        final String reply = "udp 2001:db8:1::7 10080 2001:db8::10 850";
        final Recorded behind = new Recorded().ip6tables(last(Recorded.text("ufw.ip6tables-save"), "INPUT"));
        expect("queue YES, dropped NO", behind.trace(Recorded.packet(req, State.NEW), Path.IN));
        final RuleTrace never = behind.trace(Recorded.packet(reply, State.ESTABLISHED), Path.IN);
        expect("queue NO, dropped NO", never);
        assertTrue(never.shadow().orElseThrow().text().contains("RELATED,ESTABLISHED -j ACCEPT"), never.shadow() + "");
    }

    /** What the queue accepts in a table of iptables, firewalld's own table rejects afterwards. */
    @Test
    void shouldSeeThatFirewalldRejectsWhatTheQueueAccepts() throws IOException {
        final String ours = """
                *filter
                :INPUT ACCEPT [0:0]
                :FORWARD ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                :OURS - [0:0]
                -A FORWARD -j OURS
                COMMIT
                """;
        final Recorded router = new Recorded().iptables(first(ours)).nft(Recorded.text("firewalld.nft.json"));

        // eth0 is in zone public, eth1 in internal; firewalld was told to forward port 8080 to another host.
        final RuleTrace req = router.trace(Recorded.packet(REQ, State.NEW, "eth0", "eth2"), Path.ACROSS);
        expect("queue YES, dropped YES", req);
        assertTrue(
                req.droppers().stream()
                        .anyMatch(step -> step.text().contains("reject") && step.queued() == Certainty.YES),
                req.droppers().toString());
        expect(
                "queue YES, dropped NO",
                router.trace(Recorded.packet(REP, State.ESTABLISHED, "eth2", "eth0"), Path.ACROSS));
        // What it gives another destination perhaps goes another way.
        final RuleTrace forwarded = router.trace(
                Recorded.packet("tcp 192.0.2.10 45000 198.51.100.7 8080", State.NEW, "eth0", "eth2"), Path.ACROSS);
        expect("queue PERHAPS, dropped NO", forwarded);
        assertTrue(
                forwarded.doubts().get(0).text().contains("dnat"),
                forwarded.doubts().toString());
    }

    @Test
    void shouldReadFirewalldOverIptables() throws IOException {
        final Recorded router =
                new Recorded().iptables(first(Recorded.text("firewalld.iptables-save"), "FORWARD", "INPUT"));

        expect("queue YES, dropped NO", router.trace(Recorded.packet(REQ, State.NEW, "eth0", "eth2"), Path.ACROSS));
        expect("queue YES, dropped NO", router.trace(Recorded.packet(REQ, State.NEW, "eth0", "eth2"), Path.IN));
        expect(
                "queue NO, dropped YES",
                new Recorded()
                        .iptables(Recorded.text("firewalld.iptables-save"))
                        .trace(Recorded.packet(REQ, State.NEW, "eth0", "eth2"), Path.IN));
    }

    /** The same rules, seen by nft, which shows neither matches nor targets of iptables: nothing is sure. */
    @Test
    void shouldBeUnsureOfWhatNftDoesNotShow() throws IOException {
        final Recorded router = new Recorded().nft(Recorded.text("firewalld-of-iptables.nft.json"));

        assertEquals(
                Certainty.PERHAPS,
                router.trace(Recorded.packet(REQ, State.NEW), Path.ACROSS).isDropped());
    }

    @Test
    void shouldNotMindDockersInterfaces() throws IOException {
        final String saved = last(Recorded.text("docker.iptables-save"), "FORWARD");
        final Recorded router = new Recorded().iptables(saved);

        expect("queue YES, dropped NO", router.trace(Recorded.packet(REQ, State.NEW, "eth0", "eth1"), Path.ACROSS));
        expect(
                "queue YES, dropped NO",
                router.trace(Recorded.packet(REP, State.ESTABLISHED, "eth1", "eth0"), Path.ACROSS));
        // Where the routes are not known, each of its rules may be for our packets.
        final RuleTrace unsure = router.trace(Recorded.packet(REQ, State.NEW), Path.ACROSS);
        expect("queue PERHAPS, dropped PERHAPS", unsure);
        assertTrue(
                unsure.doubts().stream().map(Step::text).anyMatch(text -> text.contains("-i docker0 -j ACCEPT")),
                unsure.doubts().toString());
        // A client in a container: Docker decides before the queue.
        final RuleTrace inside = router.trace(Recorded.packet(REQ, State.NEW, "docker0", "eth1"), Path.ACROSS);
        expect("queue NO, dropped NO", inside);
        assertTrue(
                inside.shadow().orElseThrow().text().contains("-i docker0 -j ACCEPT"),
                inside.queues().toString());
    }

    @Test
    void shouldReadZonesMadeOfVerdictMaps() throws IOException {
        final Recorded zones = new Recorded().nft(Recorded.text("zones.nft.json"));

        expect("queue NO, dropped NO", zones.trace(Recorded.packet(REQ, State.NEW, "lan0", "srv0"), Path.ACROSS));
        expect("queue NO, dropped YES", zones.trace(Recorded.packet(REQ, State.NEW, "guest7", "srv0"), Path.ACROSS));
        expect("queue NO, dropped YES", zones.trace(Recorded.packet(SYN, State.NEW, "lan0", "srv0"), Path.ACROSS));
        expect("queue NO, dropped NO", zones.trace(Recorded.packet(REP, State.NEW, "srv0", "lan0"), Path.ACROSS));
        expect("queue NO, dropped PERHAPS", zones.trace(Recorded.packet(REQ, State.NEW), Path.ACROSS));
        expect(
                "queue NO, dropped NO",
                zones.trace(
                        Recorded.packet("tcp 192.0.2.10 45000 198.51.100.7 22", State.NEW, "lan0", "srv0"),
                        Path.ACROSS));
        // Banned, until the element's time is over.
        expect(
                "queue NO, dropped YES",
                zones.trace(
                        Recorded.packet("tcp 203.0.113.5 45000 198.51.100.7 22", State.NEW, "lan0", "srv0"),
                        Path.ACROSS));
    }

    /** A chain of type route drops like any other; one of another interface and a table that sleeps do not. */
    @Test
    void shouldReadChainsOfTypeRoute() throws IOException {
        final Recorded server = new Recorded().nft(Recorded.text("route-chain.nft.json"));

        expect("queue NO, dropped YES", server.trace(Recorded.packet(REQ, State.NEW), Path.OUT));
        expect("queue NO, dropped NO", server.trace(Recorded.packet(REP, State.NEW), Path.OUT));
        // nft 1.0.6 names neither the interface of a chain nor the flag of a table.
        expect("queue NO, dropped PERHAPS", server.trace(Recorded.packet(REQ, State.NEW), Path.IN));
        expect("queue NO, dropped PERHAPS", server.trace(Recorded.packet(REP, State.NEW), Path.ACROSS));
    }
}
