package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;
import org.amverdict.rules.RuleOptions.Placement;

/**
 * One host to examine. The lab has server 192.0.2.10, firewall .1 and client 198.51.100.20, and the same in IPv6; the
 * daemon listens on the queues 0 to 1. Immutable.
 *
 * @param name of the case
 * @param place which host of the lab is examined: firewall, client or server
 * @param rules the rules of 'amverdict rules --at', empty for none
 * @param placement of these rules
 * @param bypass whether these rules let packets pass while no program listens
 * @param script what is then done to the host
 * @param lines further lines of the configuration
 * @param allow its allowances
 * @param daemon the last queue that the daemon listens on, -1 if it is stopped
 * @param expected the status of each check that the case is about
 */
record HostCase(
        String name,
        String place,
        String rules,
        Placement placement,
        boolean bypass,
        String script,
        String lines,
        String allow,
        int daemon,
        Map<String, Status> expected) {
    private static final String DUMPS = """
              - name: dumps
                requesters: [192.0.2.10, "2001:db8:1::10"]
                responders: [198.51.100.20, "2001:db8:2::20"]
                services: [noop, selfcheck, sendsize, sendbackup]
            """;

    /** The firewall with its rules, in enforce mode, before a policy that drops. */
    static HostCase named(final String name) {
        return new HostCase(name, "firewall", "forward", Placement.GATE, false, DROP, "", DUMPS, 1, Map.of());
    }

    private static final String DROP = "iptables -P FORWARD DROP; ip6tables -P FORWARD DROP\n";

    HostCase on(final String host, final String at) {
        final String policy = host.equals("firewall") ? DROP : """
                for t in iptables ip6tables; do $t -P INPUT DROP; $t -P OUTPUT DROP; done
                ip6tables -A INPUT -p icmpv6 -j ACCEPT; ip6tables -A OUTPUT -p icmpv6 -j ACCEPT
                """;
        return new HostCase(name, host, at, placement, bypass, policy, lines, allow, daemon, expected);
    }

    HostCase rules(final String at) {
        return new HostCase(name, place, at, placement, bypass, script, lines, allow, daemon, expected);
    }

    HostCase placement(final Placement other) {
        return new HostCase(name, place, rules, other, bypass, script, lines, allow, daemon, expected);
    }

    HostCase withBypass() {
        return new HostCase(name, place, rules, placement, true, script, lines, allow, daemon, expected);
    }

    /** Shell commands in its namespace, after the rules. */
    HostCase then(final String commands) {
        return new HostCase(
                name, place, rules, placement, bypass, script + commands + "\n", lines, allow, daemon, expected);
    }

    HostCase with(final String line) {
        return new HostCase(
                name, place, rules, placement, bypass, script, lines + line + "\n", allow, daemon, expected);
    }

    HostCase allow(final String requesters, final String responders) {
        final String line = "  - {name: dumps, requesters: [%s], responders: [%s], services: [noop, sendbackup]}\n"
                .formatted(requesters, responders);
        return new HostCase(name, place, rules, placement, bypass, script, lines, line, daemon, expected);
    }

    HostCase queues(final int last) {
        return new HostCase(name, place, rules, placement, bypass, script, lines, allow, last, expected);
    }

    /** No program listens. */
    HostCase stopped() {
        return queues(-1);
    }

    HostCase expect(final String check, final Status status) {
        final Map<String, Status> more = new LinkedHashMap<>(expected);
        more.put(check, status);
        return new HostCase(name, place, rules, placement, bypass, script, lines, allow, daemon, Map.copyOf(more));
    }

    HostCase fault(final String check) {
        return expect(check, Status.FAULT);
    }

    HostCase warning(final String check) {
        return expect(check, Status.WARNING);
    }

    Host on(final NetworkLab lab) {
        return switch (place) {
            case "client" -> lab.client();
            case "server" -> lab.server();
            default -> lab.firewall();
        };
    }

    String configuration(final Path directory) {
        final String usual = lines.contains("queues:") ? "" : "queues: [{numbers: 0, copy: packet}, {numbers: 1}]\n";
        final String events = lines.contains("events:") ? "" : "events: {file: %s/events.json}\n".formatted(directory);
        return (lines.contains("mode:") ? "" : "mode: enforce\n")
                + usual
                + "allow:\n"
                + allow
                + events
                + "metrics: {listen: off}\ncontrol: {socket: off}\nstate: {file: %s/state}\n".formatted(directory)
                + lines;
    }

    @Override
    public String toString() {
        return name;
    }
}
