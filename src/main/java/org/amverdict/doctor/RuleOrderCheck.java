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
            inline |= probe.trace().queued().isPresent();
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
        probe.trace()
                .shadow()
                .filter(step -> step.rule().action() != Action.QUEUE)
                .ifPresent(step -> {
                    // A queue of another program is reported by 'rules'.
                    final boolean accepts = step.rule().action() != Action.DROP;
                    findings.putIfAbsent(
                            step.text(),
                            Finding.fault(
                                    "the queue never sees the " + probe + ": " + step.text() + " "
                                            + (accepts ? "accepts" : "drops") + " it first",
                                    advice.reorder(step)));
                });
        if (probe.trace().queued().isEmpty()) {
            return;
        }
        final List<Step> doubts = probe.trace().doubts();
        for (final Step step : doubts) {
            // That the queue is not sure follows from the rules before it, if there are any.
            final boolean follows =
                    probe.queues().contains(step) && !probe.queues().containsAll(doubts);
            if (!follows) {
                findings.putIfAbsent(step.text(), doubt(step, probe, advice));
            }
        }
        probe.trace().droppers().stream()
                .filter(step -> step.queued() != Certainty.NO)
                .forEach(step -> findings.putIfAbsent(step.text(), afterwards(step, probe, advice)));
        final boolean datagram = probe.kind() == Kind.REQUEST || probe.kind() == Kind.REPLY;
        for (final Step step : datagram ? probe.trace().flowTables() : List.<Step>of()) {
            findings.putIfAbsent(
                    step.text(),
                    new Finding(
                            step.taken() == Certainty.YES ? Status.FAULT : Status.WARNING,
                            step.text()
                                    + " hands the control exchange to a flow table: its third packet, the REP, never"
                                    + " comes to the queue",
                            "let the rule leave out udp to and from the control port, as with 'meta l4proto tcp'"));
        }
    }

    private static Finding doubt(final Step step, final Probe probe, final Advice advice) {
        final String such = ", such as the " + probe;
        return switch (step.rule().action()) {
            case ACCEPT, TRANSLATE, RETURN, GOTO, JUMP ->
                Finding.warning(
                        step.text() + " may let packets pass before the queue sees them" + such, advice.reorder(step));
            case DROP ->
                probe.trace().isDropped() == Certainty.YES
                        ? Finding.fault(
                                "before or after the queue " + step.text() + " drops the " + probe, advice.show(step))
                        : Finding.unknown(
                                step.text() + " may drop packets before the queue sees them" + such
                                        + "; that is not known from" + " the rule",
                                advice.show(step));
            case QUEUE -> Finding.warning(step.text() + " may not get all packets" + such, advice.show(step));
            default ->
                Finding.unknown(
                        "cannot tell what " + step.text() + " does to packets before the queue" + such,
                        advice.show(step));
        };
    }

    private static Finding afterwards(final Step step, final Probe probe, final Advice advice) {
        if (step.rule().action() != Action.DROP) {
            return Finding.unknown(
                    "cannot tell what " + step.text() + " does to packets that the queue accepts, such as the " + probe,
                    advice.show(step));
        }
        return probe.trace().isDropped() == Certainty.YES
                ? Finding.fault(
                        "what the queue accepts is dropped afterwards by " + step.text() + ": the " + probe,
                        advice.pass(step))
                : Finding.warning(
                        "what the queue accepts may be dropped afterwards by " + step.text() + ": the " + probe,
                        advice.pass(step));
    }

    private static void established(
            final Probe probe,
            final RuleProbes probes,
            final boolean inline,
            final Advice advice,
            final Map<String, Finding> findings) {
        final Optional<Step> queued = probe.trace().queued();
        final Optional<Step> dropped = probe.dropped();
        if (dropped.isPresent() && probes.meetsQueue(probe.ipv4()) && queued.isEmpty()) {
            findings.putIfAbsent(
                    dropped.get().text(),
                    Finding.fault(
                            "connections that were let in die: " + dropped.get().text() + " drops the " + probe,
                            advice.apply()));
        } else if (probe.isQueued() && queued.isPresent() && !inline) {
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

        String show(final Step step) {
            return isNft(step)
                    ? "nft -a list chain " + step.chain().place().table() + " "
                            + step.chain().place().name()
                    : "iptables-save | grep -- " + step.chain().place().name();
        }

        /** How what the queue accepted gets past a rule behind it. */
        String pass(final Step step) {
            if (examination.canQueue(host, "nft")) {
                return "amverdict rules -c " + examination.file()
                        + " --format nft --pass-mark 0x1000000 --apply; then accept that mark in "
                        + step.chain().place();
            }
            return show(step) + "   # let what the queue accepted pass there too";
        }

        private static boolean isNft(final Step step) {
            return step.chain().place().tool().equals("nft");
        }
    }
}
