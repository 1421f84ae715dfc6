package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.firewall.BaseChain.Hook;
import org.amverdict.firewall.BaseChain.Place;
import org.amverdict.firewall.BaseChain.Point;
import org.jspecify.annotations.Nullable;

/**
 * The output of iptables-save or ip6tables-save, either variant (iptables-save(8), iptables-extensions(8)). Immutable.
 *
 * @param whole whether every table ends as it should; otherwise the text is cut off
 * @param chains that hang on a hook
 * @param tracking whether something in it makes conntrack active
 */
record IptablesText(boolean whole, List<BaseChain> chains, boolean tracking) {
    private static final String NAT = "nat";
    /** Of enum nf_ip_hook_priorities. Table nat has another one for sources. */
    private static final Map<String, Integer> PRIORITIES =
            Map.of("raw", -300, "mangle", -150, NAT, -100, "filter", 0, "security", 50);

    private static final int NAT_SOURCE = 100;
    private static final int LINES_MAX = 1_000_000;

    /** Chains of one table while they are read. */
    private record Table(String name, Map<String, List<Rule>> rules, Map<String, Boolean> policyDrop) {}

    static IptablesText of(final String tool, final boolean ipv4, final String saved, final IpSets sets) {
        final List<BaseChain> chains = new ArrayList<>();
        boolean tracking = false;
        Table table = null;
        // Chains are declared before the first rule of their table.
        for (final String line : saved.lines().limit(LINES_MAX).toList()) {
            if (line.startsWith("*")) {
                table = new Table(line.substring(1).strip(), new LinkedHashMap<>(), new LinkedHashMap<>());
                tracking |= table.name.equals(NAT);
            } else if (table != null && line.startsWith(":")) {
                final String[] words = line.substring(1).split(" ", -1);
                table.rules.put(words[0], new ArrayList<>());
                if (words.length > 1 && !words[1].equals("-")) {
                    table.policyDrop.put(words[0], words[1].equals("DROP"));
                }
            } else if (table != null && line.startsWith("-A ")) {
                tracking |= add(table, line, sets);
            } else if (table != null && line.equals("COMMIT")) {
                close(tool, ipv4, table, chains);
                table = null;
            }
        }
        if (table != null) {
            close(tool, ipv4, table, chains);
        }
        return new IptablesText(table == null, chains, tracking);
    }

    private static boolean add(final Table table, final String line, final IpSets sets) {
        final IptablesRule rule = new IptablesRule(line, table.rules.keySet(), sets);
        table.rules.computeIfAbsent(rule.chain(), key -> new ArrayList<>()).add(rule.rule());
        return rule.rule().tracking();
    }

    private static void close(final String tool, final boolean ipv4, final Table table, final List<BaseChain> chains) {
        final Integer priority = PRIORITIES.get(table.name);
        if (priority == null) {
            return;
        }
        table.policyDrop.forEach((chain, drop) -> {
            final Hook hook = hook(chain);
            if (hook != null) {
                chains.add(new BaseChain(
                        new Place(tool, table.name, chain),
                        Families.only(ipv4),
                        point(table.name, hook, priority),
                        // Table nat does not drop.
                        drop && !table.name.equals(NAT),
                        Map.copyOf(table.rules)));
            }
        });
    }

    private static Point point(final String table, final Hook hook, final int priority) {
        final boolean nat = table.equals(NAT);
        final boolean source = hook == Hook.INPUT || hook == Hook.POSTROUTING;
        return new Point(hook, nat && source ? NAT_SOURCE : priority, nat, List.of(), Certainty.YES);
    }

    private static @Nullable Hook hook(final String chain) {
        for (final Hook hook : Hook.values()) {
            if (hook.name().equals(chain)) {
                return hook;
            }
        }
        return null;
    }
}
