package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.config.Settings;
import org.amverdict.firewall.Firewall;
import org.amverdict.host.Host;

/**
 * The kernel reassembles fragments before the queue, which it does in namespaces and families where conntrack is in
 * use.
 */
final class DefragmentationCheck implements SettingsCheck {
    @Override
    public String name() {
        return "defragmentation";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Firewall firewall = examination.firewall(host);
        final RuleProbes probes = examination.probes(host, settings);
        if (!probes.meetsQueue(true) && !probes.meetsQueue(false)) {
            return List.of(RulesCheck.noRule());
        }
        final List<Finding> findings = new ArrayList<>();
        for (final boolean ipv4 : new boolean[] {true, false}) {
            if (!probes.has(ipv4) || firewall.tracked().has(ipv4)) {
                continue;
            }
            if (!firewall.unreadable().isEmpty()) {
                findings.add(Finding.unknown(
                        "no rule that was read needs conntrack for " + RuleProbes.family(ipv4) + ", and not all were",
                        Remedies.AS_ROOT));
            } else {
                findings.add(Finding.warning(
                        "no rule makes conntrack active for " + RuleProbes.family(ipv4)
                                + ", so a reply in fragments announces nothing",
                        (ipv4 ? "iptables" : "ip6tables")
                                + " -t raw -A PREROUTING -m conntrack --ctstate INVALID -j RETURN"));
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("conntrack is active, so the kernel puts fragments together"));
        }
        return findings;
    }
}
