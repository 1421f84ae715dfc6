package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.amverdict.firewall.BaseChain;
import org.amverdict.firewall.BaseChain.Hook;
import org.amverdict.firewall.MarkUse;
import org.amverdict.firewall.MarkUse.Kind;
import org.amverdict.firewall.Rule;
import org.amverdict.host.Host;
import org.amverdict.host.Routes;
import org.amverdict.host.Routes.MarkRule;
import org.jspecify.annotations.Nullable;

/**
 * Where rules of others, and those of {@code ip rule}, have to do with marks. Immutable.
 *
 * @param places in the order of chains and rules
 * @param remembering whether our rules put bits of the packet into the connection's mark; true if there are none of ours
 */
record Marks(List<Place> places, boolean remembering) {
    /**
     * One mark that a rule tests or sets.
     *
     * @param rule for the reader
     * @param use what it does
     * @param hook from which packets come to it; null in {@code ip rule}
     * @param restored something earlier in the same chain gives the packets all bits of the connection
     */
    record Place(String rule, MarkUse use, @Nullable Hook hook, boolean restored) {
        /** Only packets to or from this host itself come here. */
        boolean local() {
            return hook == Hook.INPUT || hook == Hook.OUTPUT;
        }
    }

    static Marks of(final Host host, final Examination examination) {
        final List<BaseChain> chains = examination.firewall(host).chains();
        final Set<String> base = new HashSet<>();
        chains.forEach(chain -> base.add(chain.place().toString()));
        final List<Place> places = new ArrayList<>();
        boolean own = false;
        boolean remembering = false;
        for (final BaseChain chain : chains) {
            final BaseChain.Place at = chain.place();
            chain.chains().forEach((name, rules) -> {
                // The rules of another base chain are met at the hook of that one.
                if (name.equals(at.name())
                        || !base.contains(new BaseChain.Place(at.tool(), at.table(), name).toString())) {
                    addRules(chain, rules, places);
                }
            });
            for (final List<Rule> rules : chain.chains().values()) {
                for (final Rule rule : rules) {
                    if (StaleRulesCheck.isOwn(chain, rule)) {
                        own = true;
                        remembering |= rule.text().contains("CONNMARK --save-mark")
                                || rule.text().contains("ct mark set ");
                    }
                }
            }
        }
        for (final MarkRule rule : Routes.markRules(host)) {
            final String shown = "'fwmark 0x" + Long.toHexString(rule.mark()) + "/0x" + Long.toHexString(rule.mask())
                    + "' (ip rule)";
            places.add(new Place(shown, MarkUse.ofRouting(rule.mark(), rule.mask()), null, false));
        }
        return new Marks(List.copyOf(places), remembering || !own);
    }

    private static void addRules(final BaseChain chain, final List<Rule> rules, final List<Place> places) {
        final boolean nft = chain.place().tool().equals("nft");
        final String where = "' (" + chain.place().tool() + " " + chain.place().table() + ")";
        boolean restored = false;
        for (final Rule rule : rules) {
            if (!StaleRulesCheck.isOwn(chain, rule)) {
                boolean here = restored; // one rule of nft may do both
                for (final MarkUse use : MarkUse.of(rule, nft)) {
                    places.add(new Place(
                            "'" + rule.text() + where, use, chain.point().hook(), here));
                    here |= restores(use);
                    restored |= restores(use) && isUnconditional(rule.text());
                }
            }
        }
    }

    private static boolean restores(final MarkUse use) {
        return use.kind() == Kind.RESTORES_PACKET && use.whole();
    }

    /** For each packet of a connection that is known. */
    private static boolean isUnconditional(final String rule) {
        return rule.matches("-A \\S+ (-m (conntrack --ct|state --)state (RELATED,)?ESTABLISHED )?-j .*")
                || rule.startsWith("mark set ct mark");
    }

    /** Whether a rule gives packets all bits of their connection before they come to this place. */
    boolean restoredBefore(final Place place) {
        return places.stream()
                .filter(each -> restores(each.use()))
                .anyMatch(each -> each.hook() == Hook.PREROUTING
                        || (place.hook() == null ? each.hook() == Hook.OUTPUT : each.hook() == place.hook()));
    }
}
