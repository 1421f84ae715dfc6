package org.amverdict.doctor;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.firewall.Rule.Action;
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
        final Advice advice = new Advice(host, examination, settings);
        for (final Probe probe : probes.judged()) {
            judged(probe, advice, findings);
        }
        boolean inline = false;
        for (final Probe probe : probes.ofKind(Kind.OTHER_UDP)) {
            inline |= probe.queued().isPresent();
        }
        for (final Probe probe : probes.ofKind(Kind.ESTABLISHED)) {
            established(probe, probes, inline, advice, findings);
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

    private static void judged(final Probe probe, final Advice advice, final Map<String, Finding> findings) {
        final Optional<Step> shadow = probe.shadow();
        if (shadow.isPresent()) {
            final boolean accepts = shadow.get().rule().action() == Action.ACCEPT;
            if (shadow.get().rule().action() != Action.QUEUE) { // 'rules' reports a queue of another program
                findings.putIfAbsent(
                        shadow.get().text(),
                        Finding.fault(
                                "the queue never sees the " + probe + ": " + shadow.get().text() + " "
                                        + (accepts ? "accepts" : "drops") + " it first",
                                advice.reorder(shadow.get())));
            }
            return;
        }
        if (probe.queued().isEmpty()) {
            return;
        }
        probe.trace()
                .dropped()
                .ifPresent(step -> findings.putIfAbsent(
                        step.text(),
                        Finding.fault(
                                "what the queue accepts is dropped afterwards by " + step.text() + ": the " + probe,
                                advice.pass(step))));
        for (final Step step : probe.trace().perhapsAccepted()) {
            // What our own rules let pass, such as a connection that has its mark, they let pass on purpose.
            if (!Lines.isOwnRule(step)) {
                findings.putIfAbsent(
                        step.text(),
                        Finding.warning(
                                step.text() + " may accept packets before the queue sees them, such as the " + probe,
                                advice.reorder(step)));
            }
        }
    }

    private static void established(
            final Probe probe,
            final RuleProbes probes,
            final boolean inline,
            final Advice advice,
            final Map<String, Finding> findings) {
        final Optional<Step> queued = probe.queued();
        final Optional<Step> dropped = probe.trace().dropped();
        if (dropped.isPresent() && probes.meetsQueue(probe.ipv4()) && queued.isEmpty()) {
            findings.putIfAbsent(
                    dropped.get().text(),
                    Finding.fault(
                            "connections that were let in die: " + dropped.get().text() + " drops the " + probe,
                            advice.apply()));
        } else if (queued.isPresent() && !inline) {
            findings.putIfAbsent(
                    "established",
                    Finding.warning(
                            "established connections are queued too, by "
                                    + queued.get().text()
                                    + ": no rule accepts them before it, so bulk data goes through the program",
                            advice.apply()));
        }
    }

    /** What to do about a rule. */
    private record Advice(Host host, Examination examination, Settings settings) {
        String apply() {
            return Remedies.apply(host, examination, settings);
        }

        String reorder(final Step step) {
            return isNft(step)
                    ? "nft -a list chain " + step.chain().place().table() + " "
                            + step.chain().place().name()
                            + "   # then delete the rule by its handle, or put it behind the queue"
                    : "amverdict rules --format iptables --remove && " + apply();
        }

        /** How what the queue accepted gets past a rule behind it. */
        String pass(final Step step) {
            if (examination.canQueue(host, "nft")) {
                return "amverdict rules -c " + examination.file()
                        + " --format nft --pass-mark 0x1000000 --apply; then accept that mark in "
                        + step.chain().place();
            }
            return (isNft(step) ? "nft -a list chain " : "iptables-save   # ") + step.chain().place().table() + " "
                    + step.chain().place().name() + "; let what the queue accepted pass there too";
        }

        private static boolean isNft(final Step step) {
            return step.chain().place().tool().equals("nft");
        }
    }
}
