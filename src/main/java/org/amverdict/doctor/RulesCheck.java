package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.firewall.Range;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.firewall.UnreadableRules;
import org.amverdict.host.Host;

/** Rules hand the packets of the configured hosts to the configured queues, in both families. */
final class RulesCheck implements SettingsCheck {
    @Override
    public String name() {
        return "rules";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final RuleProbes probes = examination.probes(host, settings);
        final List<Finding> findings = new ArrayList<>();
        for (final UnreadableRules rules : examination.firewall(host).unreadable()) {
            findings.add(Finding.unknown(rules.toString(), rules.needsRoot() ? Remedies.AS_ROOT : rules.remedy()));
        }
        final boolean all = findings.isEmpty();
        if (probes.all().isEmpty()) {
            findings.add(Finding.warning(
                    "no two different hosts of one family are configured, so no packet of theirs can be followed",
                    "amverdict check --print"));
            return findings;
        }
        final TreeSet<Integer> used = new TreeSet<>();
        final TreeSet<String> places = new TreeSet<>();
        final List<String> families = new ArrayList<>();
        for (final boolean ipv4 : new boolean[] {true, false}) {
            if (probes.has(ipv4) && !probes.meetsQueue(ipv4)) {
                families.add(RuleProbes.family(ipv4));
            } else if (probes.has(ipv4)) {
                probes.ofKind(Kind.SYN).stream()
                        .filter(probe ->
                                probe.ipv4() == ipv4 && probe.trace().queues().isEmpty())
                        .findFirst()
                        .ifPresent(probe -> findings.add(Finding.fault(
                                "no rule queues the " + probe.trace().packet(), apply(examination, probes))));
            }
        }
        if (!families.isEmpty()) {
            // The rule may be in a part that could not be read.
            findings.add(new Finding(
                    all ? Status.FAULT : Status.UNKNOWN,
                    "no rule hands " + String.join(" and ", families) + " of the configured hosts to a queue",
                    apply(examination, probes)));
        }
        for (final Probe probe : probes.judged()) {
            for (final Step step : probe.trace().queues()) {
                places.add(step.chain().place().toString());
                final Range queues = step.rule().effect().queues();
                for (int queue = queues.first(); queue <= queues.last(); queue++) {
                    used.add(queue);
                }
            }
        }
        addNumbers(apply(examination, probes), settings, used, findings);
        if (findings.isEmpty()) {
            findings.add(Finding.ok("packets of the configured hosts go to queues " + numbers(settings) + " from "
                    + String.join(", ", places)
                    + (probes.complete() ? "" : "; only the first " + RuleProbes.LINES_MAX + " lines were looked at")));
        }
        return findings;
    }

    private static void addNumbers(
            final String remedy, final Settings settings, final SortedSet<Integer> used, final List<Finding> findings) {
        final TreeSet<Integer> configured = new TreeSet<>();
        for (final QueueRange range : settings.queues()) {
            for (int queue = range.first(); queue <= range.last(); queue++) {
                configured.add(queue);
            }
        }
        final TreeSet<Integer> strange = new TreeSet<>(used);
        strange.removeAll(configured);
        if (!strange.isEmpty()) {
            findings.add(Finding.fault(
                    "rules hand packets of the configured hosts to queues " + strange + ", which are not configured",
                    remedy));
        }
        configured.removeAll(used);
        if (!used.isEmpty() && !configured.isEmpty()) {
            findings.add(Finding.warning("no rule uses queues " + configured, remedy));
        }
    }

    static String numbers(final Settings settings) {
        return settings.queues().stream().map(QueueRange::numbers).collect(Collectors.joining(","));
    }

    /** The finding of the checks that examine rules, when there are none. */
    static Finding noRule() {
        return Finding.unknown("no rule that queues packets of the configured hosts was seen; see 'rules'", "");
    }

    /** The command that creates the correct rules. */
    static String apply(final Examination examination, final RuleProbes probes) {
        return "amverdict rules -c " + examination.file() + " --format " + probes.format() + " --at " + probes.at()
                + " --apply";
    }
}
