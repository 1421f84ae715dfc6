package org.amverdict.doctor;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.firewall.Certainty;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.RuleTrace;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.host.Host;

/**
 * No rule before the queue decides what the queue should decide, no rule after it drops what it accepted, and in gate
 * placement established connections pass before the queue.
 */
final class RuleOrderCheck implements SettingsCheck {
    private static final int SHOWN_MAX = 4;

    @Override
    public String name() {
        return "rule-order";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final RuleProbes probes = examination.probes(host, settings);
        if (!probes.meetsQueue(true) && !probes.meetsQueue(false)) {
            return List.of(RulesCheck.noRule());
        }
        // Each rule once, no matter how many packets meet it.
        final Map<String, Finding> findings = new LinkedHashMap<>();
        for (final Probe probe : probes.judged()) {
            judged(probe.trace(), examination, probes, findings);
        }
        boolean inline = false;
        for (final Probe probe : probes.ofKind(Kind.OTHER_UDP)) {
            inline |= probe.trace().queued().isPresent();
        }
        for (final Probe probe : probes.ofKind(Kind.ESTABLISHED)) {
            established(probe, probes, inline, examination, findings);
        }
        if (findings.isEmpty()) {
            return List.of(Finding.ok(
                    inline
                            ? "placement inline or offload: nothing decides before the queue"
                            : "placement gate: established connections pass, nothing else decides before the queue"));
        }
        return findings.values().stream()
                .sorted(Comparator.comparing(Finding::status).reversed())
                .limit(SHOWN_MAX)
                .toList();
    }

    private static void judged(
            final RuleTrace trace,
            final Examination examination,
            final RuleProbes probes,
            final Map<String, Finding> findings) {
        final Optional<Step> shadow = trace.shadow();
        if (shadow.isPresent()) {
            final boolean accepts = shadow.get().rule().action() == Action.ACCEPT;
            findings.putIfAbsent(
                    shadow.get().text(),
                    Finding.fault(
                            "the queue never sees the " + trace.packet() + ": "
                                    + shadow.get().text() + " " + (accepts ? "accepts" : "drops") + " it first",
                            reorder(shadow.get(), examination, probes)));
            return;
        }
        if (trace.queued().isEmpty()) {
            return;
        }
        final Optional<Step> dropped = dropped(trace);
        dropped.ifPresent(step -> findings.putIfAbsent(
                step.text(),
                Finding.fault(
                        "what the queue accepts is dropped afterwards by " + step.text() + ": the " + trace.packet(),
                        "amverdict rules -c " + examination.file()
                                + " --format nft --pass-mark 0x1000000 --apply; then accept that mark in "
                                + step.chain().place())));
        for (final Step step : trace.perhapsAccepted()) {
            findings.putIfAbsent(
                    step.text(),
                    Finding.warning(
                            step.text() + " may accept packets before the queue sees them, such as the "
                                    + trace.packet(),
                            reorder(step, examination, probes)));
        }
    }

    private static void established(
            final Probe probe,
            final RuleProbes probes,
            final boolean inline,
            final Examination examination,
            final Map<String, Finding> findings) {
        final RuleTrace trace = probe.trace();
        final boolean queued = trace.queued().isPresent();
        final Optional<Step> dropped = dropped(trace);
        if (dropped.isPresent() && probes.meetsQueue(probe.ipv4()) && !queued) {
            findings.putIfAbsent(
                    dropped.get().text(),
                    Finding.fault(
                            "connections that were let in die: " + dropped.get().text() + " drops the "
                                    + trace.packet(),
                            RulesCheck.apply(examination, probes)));
        } else if (queued && !inline) {
            findings.putIfAbsent(
                    "established",
                    Finding.warning(
                            "established connections are queued too, by "
                                    + trace.queued().get().text()
                                    + ": no rule accepts them before it, so bulk data goes through the program",
                            RulesCheck.apply(examination, probes)));
        }
    }

    /** What surely drops the packet. */
    private static Optional<Step> dropped(final RuleTrace trace) {
        return trace.isDropped() == Certainty.YES ? trace.droppers().stream().findFirst() : Optional.empty();
    }

    private static String reorder(final Step step, final Examination examination, final RuleProbes probes) {
        return step.chain().place().tool().equals("nft")
                ? "nft -a list chain " + step.chain().place().table() + " "
                        + step.chain().place().name()
                        + "   # then delete the rule by its handle, or put it behind the queue"
                : "amverdict rules --format iptables --remove && " + RulesCheck.apply(examination, probes);
    }
}
