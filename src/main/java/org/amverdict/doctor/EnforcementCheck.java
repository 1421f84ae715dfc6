package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.engine.Verdict;
import org.amverdict.firewall.Certainty;
import org.amverdict.firewall.RuleTrace;
import org.amverdict.host.Host;
import org.amverdict.policy.StaticRange;

/**
 * What nobody announced is refused in the end: in enforce mode the program leaves it to the site's own rules, and these, or
 * a wide static range, must not accept it all. A single port that the site opens is the site's decision.
 */
final class EnforcementCheck implements SettingsCheck {
    /** More ports than this in one range, or let pass by rules, are no single services. */
    private static final int WIDE_PORTS = 1000;

    private static final int SHOWN_MAX = 4;

    @Override
    public String name() {
        return "enforcement";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        if (settings.mode() == Settings.Mode.MONITOR) {
            return List.of(Finding.ok("mode monitor leaves every packet to the site's rules"));
        }
        final RuleProbes probes = examination.probes(host, settings);
        final List<Finding> findings = new ArrayList<>();
        for (final StaticRange line : settings.statics()) {
            if (line.tcp().size() > WIDE_PORTS) {
                findings.add(Finding.warning(
                        "a static range has " + line.tcp().size() + " ports: they are open without an announcement",
                        "leave it out of " + examination.file() + ", or name the few ports that need no announcement"));
                break;
            }
        }
        if (settings.otherTraffic() == Verdict.CONTINUE) {
            addAccepted(probes, settings, examination, findings);
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(
                    settings.otherTraffic() == Verdict.CONTINUE
                            ? "the site's rules refuse what nobody announced"
                            : "the program drops what nobody announced"));
        }
        return findings;
    }

    /** Once for what accepts it, no matter how many pairs of hosts there are. */
    private static void addAccepted(
            final RuleProbes probes,
            final Settings settings,
            final Examination examination,
            final List<Finding> findings) {
        final Set<String> shown = new HashSet<>();
        for (final List<Probe> stream : probes.left().values()) {
            final Probe first = stream.get(0);
            if (stream.stream().anyMatch(probe -> probe.trace().reachesQueue() == Certainty.YES)) {
                if (shown.add("again")) {
                    findings.add(Finding.warning(
                            "what the program leaves to the site's rules comes to its queue again: no rule before it"
                                    + " returns packets with the mark 0x" + Long.toHexString(settings.continueMark())
                                    + ", such as the " + first,
                            "amverdict rules -c " + examination.file() + "   # see the first rule of its chain"));
                }
                continue;
            }
            final Map<String, Integer> accepted = new LinkedHashMap<>();
            for (int i = 0; i < stream.size(); i++) {
                final Probe probe = stream.get(i);
                final int port = probe.trace().packet().destination().ports().first();
                final int next = i + 1 < stream.size()
                        ? stream.get(i + 1)
                                .trace()
                                .packet()
                                .destination()
                                .ports()
                                .first()
                        : port + 1;
                if (probe.trace().isDropped() == Certainty.NO) {
                    accepted.merge(how(probe.trace()), next - port, Integer::sum);
                }
            }
            accepted.forEach((rule, ports) -> {
                if (ports > WIDE_PORTS && shown.add(rule) && shown.size() <= SHOWN_MAX) {
                    findings.add(Finding.warning(
                            "enforce mode refuses little: what the program leaves to the site's rules is accepted by "
                                    + rule + ", " + ports + " ports, such as the " + first,
                            "let the site's rules drop what they do not name, or set 'other-traffic: drop' in "
                                    + examination.file()));
                }
            });
        }
    }

    private static String how(final RuleTrace trace) {
        final List<RuleTrace.Step> accepters = trace.accepters();
        return accepters.isEmpty()
                ? "the policy ACCEPT"
                : accepters.get(accepters.size() - 1).text();
    }
}
