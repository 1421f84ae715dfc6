package org.amverdict.doctor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.doctor.Passages.Passage;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.host.Bridges;
import org.amverdict.host.Bridges.Bridge;
import org.amverdict.host.Host;

/**
 * Packets that cross a bridge between the hosts of a line meet the rules of iptables and nft: without br_netfilter, or with
 * its setting off, they pass without meeting any.
 */
final class BridgeCheck implements SettingsCheck {
    @Override
    public String name() {
        return "bridge";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Passages passages = examination.passages(host);
        final Bridges bridges = passages.bridges();
        if (!bridges.known()) {
            return List.of(
                    Finding.unknown("whether this host has a bridge cannot be seen", "apt-get install iproute2"));
        }
        final Map<String, Finding> findings = new LinkedHashMap<>();
        final TreeSet<String> crossed = new TreeSet<>();
        for (final Probe probe : examination.probes(host, settings).judged()) {
            final Passage passage = probe.passage();
            final Optional<Bridge> bridge = passages.bridge(passage);
            if (bridge.isEmpty()) {
                continue;
            }
            crossed.add(bridge.get().name());
            if (!bridge.get().sees(probe.ipv4())) {
                final String setting = "net.bridge.bridge-nf-call-" + (probe.ipv4() ? "iptables" : "ip6tables");
                findings.putIfAbsent(
                        bridge.get().name() + setting,
                        Finding.fault(
                                "packets between " + passage.requester() + " and " + passage.responder()
                                        + " cross the bridge " + bridge.get().name() + " without meeting a rule of "
                                        + RuleProbes.family(probe.ipv4()) + ": every port is open",
                                "modprobe br_netfilter && sysctl -w " + setting + "=1"));
            }
        }
        if (!findings.isEmpty()) {
            return List.copyOf(findings.values());
        }
        return List.of(Finding.ok(
                crossed.isEmpty()
                        ? "packets of the configured hosts cross no bridge"
                        : "rules see what crosses " + String.join(", ", crossed)));
    }
}
