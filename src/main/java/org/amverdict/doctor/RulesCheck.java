package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.doctor.Passages.Way;
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
        if (!all && examination.firewall(host).chains().isEmpty()) {
            return findings; // nothing was seen, so nothing is known to be missing
        }
        if (probes.all().isEmpty()) {
            findings.add(Finding.warning(
                    "no two different hosts of one family are configured, so no packet of theirs can be followed",
                    "amverdict check --print"));
            return findings;
        }
        final String remedy = Remedies.apply(host, examination, settings);
        final TreeSet<Integer> used = new TreeSet<>();
        final TreeSet<String> places = new TreeSet<>();
        for (final Probe probe : probes.judged()) {
            for (final Step step : probe.queues()) {
                places.add(step.chain().place().toString());
                used.addAll(numbers(step));
            }
        }
        // The rule may be in a part that could not be read.
        addMissing(all ? Status.FAULT : Status.UNKNOWN, remedy, probes, findings);
        addIncidental(probes, examination, findings);
        addStrangers(probes, remedy, findings);
        addNumbers(remedy, settings, used, findings);
        if (!probes.complete()) {
            findings.add(Finding.unknown(
                    "only " + Passages.PAIRS_MAX + " pairs of the configured hosts were followed",
                    "amverdict doctor --host CLIENT"));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("packets of the configured hosts go to queues " + numbers(settings) + " from "
                    + String.join(", ", places)));
        }
        return findings;
    }

    /** For each family and place: nothing is queued there, or not all of it. */
    private static void addMissing(
            final Status status, final String remedy, final RuleProbes probes, final List<Finding> findings) {
        final Map<String, List<String>> nothing = new TreeMap<>();
        for (final boolean ipv4 : new boolean[] {true, false}) {
            for (final Way way : Way.values()) {
                final List<Probe> there = probes.judged().stream()
                        .filter(probe -> probe.ipv4() == ipv4 && probe.passage().way() == way)
                        .toList();
                final List<Probe> missing = there.stream()
                        .filter(probe -> probe.kind() == Kind.SYN
                                && !probe.meetsQueue()
                                && probe.strangers().isEmpty())
                        .toList();
                if (!there.isEmpty() && there.stream().noneMatch(RulesCheck::isQueued)) {
                    nothing.computeIfAbsent(way.hooks(), hooks -> new ArrayList<>())
                            .add(RuleProbes.family(ipv4));
                } else if (!missing.isEmpty()) {
                    findings.add(new Finding(status, "no rule queues the " + missing.get(0) + more(missing), remedy));
                }
            }
        }
        nothing.forEach((hooks, families) -> findings.add(new Finding(
                status,
                "no rule hands " + String.join(" and ", families) + " of the configured hosts to a queue in " + hooks,
                remedy)));
    }

    private static boolean isQueued(final Probe probe) {
        return probe.meetsQueue() || !probe.strangers().isEmpty();
    }

    /** How many pairs of hosts besides the one that is shown. */
    static String more(final List<Probe> probes) {
        final long pairs = probes.stream().map(Probe::passage).distinct().count();
        return pairs < 2 ? "" : ", nor those between " + (pairs - 1) + " other pairs of hosts";
    }

    /** This host's own address is in a range, and its filter drops what the program would let pass. */
    private static void addIncidental(
            final RuleProbes probes, final Examination examination, final List<Finding> findings) {
        probes.incidental().stream()
                .filter(probe -> probe.passage().way() != Way.ACROSS && probe.judged())
                .filter(probe -> probe.dropped().isPresent())
                .findFirst()
                .ifPresent(probe -> findings.add(Finding.warning(
                        "an address of this host is in a line of the configuration, and its own packets are not queued: "
                                + probe.dropped().map(Step::text).orElse("") + " drops the " + probe,
                        "if this host is backed up too: amverdict rules -c " + examination.file()
                                + " --at everywhere --apply; if not, leave its address out of the line")));
    }

    private static void addStrangers(final RuleProbes probes, final String remedy, final List<Finding> findings) {
        final TreeSet<Integer> strange = new TreeSet<>();
        for (final Probe probe : probes.judged()) {
            for (final Step step : probe.strangers()) {
                strange.addAll(numbers(step));
            }
        }
        if (!strange.isEmpty()) {
            findings.add(Finding.fault(
                    "rules hand packets of the configured hosts to queues " + strange + ", which are not configured",
                    remedy));
        }
    }

    private static List<Integer> numbers(final Step step) {
        final Range queues = step.rule().effect().queues();
        return IntStream.rangeClosed(queues.first(), queues.last()).boxed().toList();
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
            findings.add(Finding.fault("rules use queues " + strange + ", which are not configured", remedy));
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
        return Finding.unknown("found no rule that queues packets of the configured hosts; see 'rules'", "");
    }
}
