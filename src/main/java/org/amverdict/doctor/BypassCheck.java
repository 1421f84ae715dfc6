package org.amverdict.doctor;

import java.util.List;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.engine.Verdict;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.host.Host;

/**
 * The behavior while the program is down (bypass of the rules) matches the behavior while it is too slow (overload).
 */
final class BypassCheck implements SettingsCheck {
    @Override
    public String name() {
        return "bypass";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final TreeSet<Boolean> bypass = new TreeSet<>();
        final RuleProbes probes = examination.probes(host, settings);
        probes.judged().stream()
                .flatMap(probe -> probe.queues().stream())
                .map(Step::rule)
                .map(rule -> rule.effect().bypass())
                .forEach(bypass::add);
        if (bypass.isEmpty()) {
            return List.of(RulesCheck.noRule());
        }
        final boolean monitor = settings.mode() == Settings.Mode.MONITOR;
        final boolean open = settings.overload() == Verdict.ACCEPT;
        final String with = Remedies.apply(host, examination, settings, true);
        final String without = Remedies.apply(host, examination, settings, false);
        if (bypass.size() > 1) {
            return List.of(Finding.warning(
                    "some rules have bypass and others do not: while the program is not running, half of an exchange passes",
                    monitor ? with : without));
        }
        if (monitor) {
            return List.of(
                    bypass.first()
                            ? Finding.ok("mode monitor, and packets pass while the program is not running")
                            : Finding.warning(
                                    "mode monitor promises to drop nothing, but without bypass everything is dropped"
                                            + " while the program is not running",
                                    with));
        }
        if (open) {
            return List.of(Finding.warning(
                    "overload: accept: a flood that fills the queue passes unjudged"
                            + (bypass.first() ? "; so does everything while the program is not running" : ""),
                    "set overload: drop in " + examination.file()));
        }
        return List.of(
                bypass.first()
                        ? Finding.warning(
                                "while the program is not running packets pass unjudged (bypass), though overload is drop",
                                without)
                        : Finding.ok("packets are dropped while the program is not running, and when a queue is full"));
    }
}
