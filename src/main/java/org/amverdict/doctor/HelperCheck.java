package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.host.Host;
import org.amverdict.host.KernelParts;

/**
 * The kernel's own helper, nf_conntrack_amanda, is not attached to the same traffic; it would open what this program
 * refuses. Attached by a CT rule of iptables, a helper of nft, or by itself (nf_conntrack_helper, gone since Linux
 * 6.0).
 */
final class HelperCheck implements SettingsCheck {
    private static final String AUTOMATIC = "/proc/sys/net/netfilter/nf_conntrack_helper";
    private static final String EXPECTED = "/proc/net/nf_conntrack_expect";

    @Override
    public String name() {
        return "kernel-helper";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final boolean loaded = !host.list("/sys/module/nf_conntrack_amanda").isEmpty()
                || KernelParts.of(host, "CONFIG_NF_CONNTRACK_AMANDA", "nf_conntrack_amanda")
                        == KernelParts.State.PRESENT;
        final RuleProbes probes = examination.probes(host, settings);
        final List<String> attached = new ArrayList<>();
        probes.all().stream()
                .flatMap(probe -> probe.trace().helpers().stream())
                .filter(step -> step.rule().effect().target().equals("amanda"))
                .map(Step::text)
                .distinct()
                .forEach(attached::add);
        if (loaded && host.read(AUTOMATIC).orEmpty().strip().equals("1")) {
            attached.add("net.netfilter.nf_conntrack_helper = 1");
        }
        if (attached.isEmpty() && host.read(EXPECTED).orEmpty().lines().anyMatch(line -> line.contains(" amanda"))) {
            attached.add(EXPECTED + " has expectations of it");
        }
        if (attached.isEmpty()) {
            if (loaded && !examination.firewall(host).unreadable().isEmpty()) {
                return List.of(Finding.unknown(
                        "nf_conntrack_amanda is loaded; whether a rule attaches it cannot be seen", Remedies.AS_ROOT));
            }
            return List.of(Finding.ok(loaded ? "nf_conntrack_amanda is there, but not attached" : "not loaded"));
        }
        final String remedy = attached.get(0).startsWith("net.")
                ? "sysctl -w net.netfilter.nf_conntrack_helper=0"
                : attached.get(0).contains("(nft ")
                        ? "nft -a list ruleset   # delete the rule with 'ct helper set' by its handle"
                        : "iptables-save -t raw | grep -- '--helper amanda'   # then delete that rule with -D";
        // Packets that it expects are RELATED: they pass unjudged if a rule before the queue accepts them.
        final Optional<Probe> opened = probes.ofKind(Kind.RELATED).stream()
                .filter(probe -> probe.trace()
                        .shadow()
                        .filter(step -> step.rule().action() == Action.ACCEPT)
                        .isPresent())
                .findFirst();
        return List.of(
                opened.isPresent()
                        ? Finding.fault(
                                "nf_conntrack_amanda opens connections past the queue: " + attached + ", and "
                                        + opened.get()
                                                .trace()
                                                .shadow()
                                                .map(Step::text)
                                                .orElse("")
                                        + " accepts what it expects",
                                remedy)
                        : Finding.warning("nf_conntrack_amanda reads the same traffic: " + attached, remedy));
    }
}
