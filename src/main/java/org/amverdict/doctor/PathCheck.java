package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.firewall.Certainty;
import org.amverdict.firewall.ProbePacket.Links;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.host.Host;
import org.amverdict.policy.HostPrefix;

/** The path of one host's packets through this one, packet by packet: for {@code doctor --host}. */
final class PathCheck implements SettingsCheck {
    /** Packets that are shown; what is wrong with the others is shown by the checks of the rules. */
    private static final int SHOWN_MAX = 40;

    @Override
    public String name() {
        return "path";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final RuleProbes probes = examination.probes(host, settings);
        final String client =
                examination.only().stream().map(HostPrefix::toString).collect(Collectors.joining(", "));
        final Lines lines = examination.lines(settings);
        if (lines.hosts().isEmpty()) {
            return List.of(Finding.fault(
                    "no line of the configuration names " + client + ", so nothing of it is let through",
                    "add it to a line of 'allow' in " + examination.file()));
        }
        final List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok(client + " is in "
                + lines.allow().stream()
                        .map(line -> "'" + line.name() + "'")
                        .distinct()
                        .collect(Collectors.joining(", "))
                + (lines.statics().isEmpty() ? "" : " and in 'static'")));
        final List<Probe> shown = probes.all().stream()
                .filter(probe -> probe.judged() || probe.kind() == Kind.ESTABLISHED)
                .toList();
        for (final Probe probe : shown.subList(0, Math.min(shown.size(), SHOWN_MAX))) {
            findings.add(finding(probe, examination.passages(host), Remedies.apply(host, examination, settings)));
        }
        if (shown.isEmpty()) {
            findings.add(Finding.unknown(
                    "no other host of its family is in those lines, so no packet can be followed",
                    "amverdict check --print " + examination.file()));
        }
        if (shown.size() > SHOWN_MAX) {
            findings.add(Finding.ok((shown.size() - SHOWN_MAX) + " more packets were followed"));
        }
        return findings;
    }

    private static Finding finding(final Probe probe, final Passages passages, final String remedy) {
        final Links links = passages.links(
                probe.trace().packet().source().host(),
                probe.trace().packet().destination().host(),
                probe.trace().packet().source().host().equals(probe.passage().requester())
                        ? probe.passage().way().forth()
                        : probe.passage().way().back());
        final String what = probe + interfaces(links) + ": ";
        if (!probe.judged()) {
            return established(probe, what, remedy);
        }
        if (!probe.meetsQueue()) {
            return Finding.fault(what + "no rule queues it", remedy);
        }
        final Certainty reaches = probe.trace().reachesQueue();
        if (reaches == Certainty.NO) {
            return Finding.fault(
                    what + probe.trace().shadow().map(Step::text).orElse("a rule") + " decides before the queue",
                    remedy);
        }
        final String queue = "queue "
                + probe.trace()
                        .queued()
                        .map(step -> step.rule().effect().queues() + " by " + step.text())
                        .orElse("");
        return reaches == Certainty.YES
                ? Finding.ok(what + queue)
                : Finding.warning(
                        what + "perhaps " + queue + ", if not "
                                + named(probe.trace().doubts()),
                        remedy);
    }

    private static Finding established(final Probe probe, final String what, final String remedy) {
        return probe.dropped()
                .map(step -> Finding.fault(what + step.text() + " drops it", remedy))
                .orElseGet(() -> Finding.ok(what + (probe.isQueued() ? "queued" : "passes without the queue")));
    }

    private static String named(final List<Step> steps) {
        return steps.stream().map(Step::text).limit(2).collect(Collectors.joining(" or "));
    }

    private static String interfaces(final Links links) {
        final String in = links.in().isEmpty() ? "" : ", in by " + String.join(" or ", links.in());
        return in + (links.out().isEmpty() ? "" : ", out by " + String.join(" or ", links.out()));
    }
}
