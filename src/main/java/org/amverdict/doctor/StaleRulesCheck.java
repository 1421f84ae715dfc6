package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.config.Settings;
import org.amverdict.firewall.BaseChain;
import org.amverdict.firewall.Rule;
import org.amverdict.host.Host;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;

/** The program's own rules name only hosts of the configuration: rules of hosts that left it still hand their packets to a queue. */
final class StaleRulesCheck implements SettingsCheck {
    private static final int SHOWN_MAX = 4;

    @Override
    public String name() {
        return "stale-rules";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final List<HostPrefix> configured = new ArrayList<>();
        for (final HostSet hosts : Lines.of(settings).hosts()) {
            configured.addAll(hosts.prefixes());
        }
        settings.published().entries().forEach(entry -> {
            configured.add(HostPrefix.of(entry.host()));
            configured.add(HostPrefix.of(entry.publicAddress()));
        });
        boolean any = false;
        final Map<HostPrefix, String> stale = new LinkedHashMap<>();
        for (final BaseChain chain : examination.firewall(host).chains()) {
            for (final List<Rule> rules : chain.chains().values()) {
                for (final Rule rule : rules) {
                    if (isOwn(chain, rule)) {
                        any = true;
                        Cells.addresses(rule.text()).stream()
                                .filter(each -> configured.stream().noneMatch(known -> known.contains(each)))
                                .forEach(each -> stale.putIfAbsent(each, rule.text()));
                    }
                }
            }
        }
        if (!stale.isEmpty()) {
            final List<HostPrefix> first =
                    stale.keySet().stream().limit(SHOWN_MAX).toList();
            return List.of(Finding.warning(
                    "our rules name hosts that are not in the configuration: " + first
                            + (stale.size() > first.size() ? " and " + (stale.size() - first.size()) + " more" : "")
                            + ", as in '" + stale.get(first.get(0)) + "'",
                    Remedies.apply(host, examination, settings)));
        }
        if (!any && !examination.firewall(host).unreadable().isEmpty()) {
            return List.of(Finding.unknown("our rules were not seen; see 'rules'", Remedies.AS_ROOT));
        }
        return List.of(Finding.ok(
                any ? "our rules name hosts of the configuration only" : "there are no rules of 'amverdict rules'"));
    }

    /** Whether 'amverdict rules' made it. */
    static boolean isOwn(final BaseChain chain, final Rule rule) {
        return rule.text().startsWith("-A AMVERDICT") || chain.place().table().equals("inet amverdict");
    }
}
