package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.host.Host;

/**
 * Control datagrams go to queues where the kernel splits what was merged on the way: a queue with {@code gso} delivers
 * several datagrams as one packet, which is dropped.
 */
final class MergedDatagramsCheck implements SettingsCheck {
    @Override
    public String name() {
        return "merged-udp";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final TreeSet<Integer> used = new TreeSet<>();
        for (final Probe probe : examination.probes(host, settings).all()) {
            if (probe.kind() == Kind.REQUEST || probe.kind() == Kind.REPLY) {
                for (final Step step : probe.queues()) {
                    for (int queue = step.rule().effect().queues().first();
                            queue <= step.rule().effect().queues().last();
                            queue++) {
                        used.add(queue);
                    }
                }
            }
        }
        if (used.isEmpty()) {
            return List.of(RulesCheck.noRule());
        }
        final List<Finding> findings = new ArrayList<>();
        for (final QueueRange range : settings.queues()) {
            if (range.gso() && used.subSet(range.first(), range.last() + 1).size() > 0) {
                findings.add(Finding.warning(
                        "rules hand control datagrams to queues " + range.numbers() + ", which take packets before"
                                + " segmentation: datagrams that a sender or a network card has merged are dropped"
                                + " (reason merged)",
                        range.copy() == Settings.Copy.PACKET
                                ? "take gso: true from queues " + range.numbers() + " in " + examination.file()
                                : "set copy: packet on queues " + range.numbers() + " in " + examination.file()
                                        + ", or hand UDP to one that has it"));
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("the kernel cuts merged control datagrams apart before it queues them"));
        }
        return findings;
    }
}
