package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.amverdict.config.Settings;
import org.amverdict.doctor.RuleProbes.Kind;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.host.Host;

/**
 * Both directions of the control exchange are queued: without requests no reply is trusted, without replies nothing
 * opens.
 */
final class DirectionsCheck implements SettingsCheck {
    /** What a missing rule means; with the packet. */
    private static final Map<Kind, String> MEANING = new EnumMap<>(Map.of(
            Kind.REQUEST, "requests are not queued: no rule for the %s; replies without a request open nothing",
            Kind.REPLY, "replies are not queued: no rule for the %s; the program never learns the ports",
            Kind.LEGACY_RECOVERY, "only one direction of legacy recovery is queued: no rule for the %s"));

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
            for (final Kind kind : MEANING.keySet()) {
                final List<Probe> missing = missing(probes, kind, ipv4);
                if (!missing.isEmpty()) {
                    findings.add(Finding.fault(
                            MEANING.get(kind).formatted(missing.get(0)) + RulesCheck.more(missing),
                            Remedies.apply(host, examination, settings)));
                }
            }
        }
        if (!any) {
            return List.of(RulesCheck.noRule());
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("requests and replies are queued"));
        }
        return findings;
    }

    /** Not those of a place without any rule, which 'rules' reports. */
    private static List<Probe> missing(final RuleProbes probes, final Kind kind, final boolean ipv4) {
        return probes.ofKind(kind).stream()
                .filter(probe -> probe.ipv4() == ipv4
                        && !probe.meetsQueue()
                        && probes.meetsQueue(ipv4, probe.passage().way()))
                .toList();
    }
}
