package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.host.Host;

/**
 * Both directions of the control exchange are queued: without requests no reply is trusted, without replies nothing
 * opens.
 */
final class DirectionsCheck implements SettingsCheck {
    @Override
    public String name() {
        return "udp-directions";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final RuleProbes probes = examination.probes(host, settings);
        final List<Finding> findings = new ArrayList<>();
        boolean any = false;
        for (final boolean ipv4 : new boolean[] {true, false}) {
            if (!probes.meetsQueue(ipv4)) {
                continue;
            }
            any = true;
            missing(probes, Kind.REQUEST, ipv4)
                    .ifPresent(probe -> findings.add(Finding.fault(
                            "requests are not queued: no rule for the "
                                    + probe.trace().packet() + "; replies without a request open nothing",
                            RulesCheck.apply(examination, probes))));
            missing(probes, Kind.REPLY, ipv4)
                    .ifPresent(probe -> findings.add(Finding.fault(
                            "replies are not queued: no rule for the "
                                    + probe.trace().packet() + "; the program never learns the ports",
                            RulesCheck.apply(examination, probes))));
            missing(probes, Kind.LEGACY_RECOVERY, ipv4)
                    .ifPresent(probe -> findings.add(Finding.fault(
                            "legacy recovery is not queued whole: no rule for the "
                                    + probe.trace().packet(),
                            RulesCheck.apply(examination, probes))));
        }
        if (!any) {
            return List.of(RulesCheck.noRule());
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("requests and replies are queued"));
        }
        return findings;
    }

    private static Optional<Probe> missing(final RuleProbes probes, final Kind kind, final boolean ipv4) {
        return probes.ofKind(kind).stream()
                .filter(probe -> probe.ipv4() == ipv4 && probe.trace().queues().isEmpty())
                .findFirst();
    }
}
