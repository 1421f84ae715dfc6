package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.firewall.BaseChain.Hook;
import org.amverdict.firewall.BaseChain.Place;
import org.amverdict.json.JsonReader;
import org.jspecify.annotations.Nullable;

/**
 * The output of {@code nft -j list ruleset} (libnftables-json(5)). Tables that iptables has made are left out: nft does
 * not show their matches. Immutable.
 *
 * @param chains of type filter that hang on a hook, families ip, ip6 and inet
 * @param tracked for which families something in it makes conntrack active
 */
record NftText(List<BaseChain> chains, Families tracked) {
    private static final String TOOL = "nft";

    /**
     * Reads it.
     *
     * @param ofIptables tables to leave out, as "ip filter"
     * @return nothing if it does not have that form
     */
    static NftText of(final String json, final Set<String> ofIptables) {
        final Map<String, Object> document;
        try {
            document = JsonReader.object(json);
        } catch (final IllegalArgumentException e) {
            return new NftText(List.of(), Families.NONE);
        }
        final Map<String, Map<String, List<Rule>>> tables = new HashMap<>();
        final Map<String, String> helpers = new HashMap<>();
        final List<Map<?, ?>> bases = new ArrayList<>();
        Families tracked = Families.NONE;
        for (final Object element : list(document.get("nftables"))) {
            final Map<?, ?> object = map(element);
            final Map<?, ?> chain = map(object.get("chain"));
            final Map<?, ?> helper = map(object.get("ct helper"));
            final Map<?, ?> rule = map(object.get("rule"));
            if (!chain.isEmpty() && !ofIptables.contains(table(chain))) {
                if (chain.get("hook") != null) {
                    bases.add(chain);
                }
                if ("nat".equals(chain.get("type"))) {
                    tracked = tracked.or(families(chain));
                }
            } else if (!helper.isEmpty()) {
                helpers.put(table(helper) + " " + helper.get("name"), String.valueOf(helper.get("type")));
            } else if (!rule.isEmpty() && !ofIptables.contains(table(rule))) {
                final List<Rule> read = new NftRule(
                                list(rule.get("expr")), name -> helpers.getOrDefault(table(rule) + " " + name, name))
                        .rules();
                tables.computeIfAbsent(table(rule), key -> new HashMap<>())
                        .computeIfAbsent(String.valueOf(rule.get("chain")), key -> new ArrayList<>())
                        .addAll(read);
                if (read.get(0).tracking()) {
                    tracked = tracked.or(families(rule));
                }
            }
        }
        final List<BaseChain> chains = new ArrayList<>();
        for (final Map<?, ?> base : bases) {
            add(base, tables.getOrDefault(table(base), Map.of()), chains);
        }
        return new NftText(chains, tracked);
    }

    private static void add(final Map<?, ?> base, final Map<String, List<Rule>> rules, final List<BaseChain> chains) {
        final Hook hook = hook(String.valueOf(base.get("hook")));
        if (hook == null || !"filter".equals(base.get("type")) || !(base.get("prio") instanceof Number priority)) {
            return;
        }
        chains.add(new BaseChain(
                new Place(TOOL, table(base), String.valueOf(base.get("name"))),
                families(base),
                hook,
                priority.intValue(),
                "drop".equals(base.get("policy")),
                rules));
    }

    private static @Nullable Hook hook(final String name) {
        return switch (name) {
            case "prerouting" -> Hook.PREROUTING;
            case "input" -> Hook.INPUT;
            case "forward" -> Hook.FORWARD;
            case "output" -> Hook.OUTPUT;
            default -> null;
        };
    }

    private static String table(final Map<?, ?> object) {
        final Object name = object.get("table");
        return object.get("family") + " " + name;
    }

    private static Families families(final Map<?, ?> object) {
        final Object family = object.get("family");
        final boolean both = "inet".equals(family);
        return new Families(both || "ip".equals(family), both || "ip6".equals(family));
    }

    static Map<?, ?> map(final @Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    static List<?> list(final @Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }
}
