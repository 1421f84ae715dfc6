package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.firewall.BaseChain.Hook;
import org.amverdict.firewall.BaseChain.Place;
import org.amverdict.firewall.BaseChain.Point;
import org.amverdict.json.JsonReader;
import org.jspecify.annotations.Nullable;

/**
 * The output of {@code nft -j list ruleset} (libnftables-json(5)). Tables that iptables has made are left out: nft does
 * not show their matches. Immutable.
 *
 * @param chains that hang on a hook, families ip, ip6, inet and netdev
 * @param tracked for which families something in it makes conntrack active
 */
record NftText(List<BaseChain> chains, Families tracked) {
    private static final String TOOL = "nft";

    /**
     * Reads it.
     *
     * @param ofIptables tables to leave out, as "ip filter"
     * @return null if it does not have that form
     */
    static @Nullable NftText of(final String json, final Set<String> ofIptables) {
        final Map<String, Object> document;
        try {
            document = JsonReader.object(json);
        } catch (final IllegalArgumentException e) {
            return null;
        }
        if (!(document.get("nftables") instanceof List<?> objects)) {
            return null;
        }
        final NftSets sets = new NftSets();
        final Set<String> leftOut = new HashSet<>(ofIptables);
        final Set<String> perhaps = new HashSet<>();
        for (final Object object : objects) {
            sets.add(NftJson.map(object));
            final Map<?, ?> table = NftJson.map(NftJson.map(object).get("table"));
            final String name = NftJson.text(table, "family") + " " + NftJson.text(table, "name");
            for (final Object flag : NftJson.listOrOne(table.get("flags"))) {
                switch (String.valueOf(flag)) {
                    case "dormant" -> leftOut.add(name);
                    case "owner", "persist" -> {
                        // says who may change it
                    }
                    // nft 1.0.6 prints the name of the table in place of its flag.
                    default -> perhaps.add(name);
                }
            }
        }
        final Map<String, Map<String, List<Rule>>> tables = new HashMap<>();
        final List<Map<?, ?>> bases = new ArrayList<>();
        Families tracked = Families.NONE;
        for (final Object element : objects) {
            final Map<?, ?> chain = NftJson.map(NftJson.map(element).get("chain"));
            final Map<?, ?> rule = NftJson.map(NftJson.map(element).get("rule"));
            if (!chain.isEmpty() && !leftOut.contains(NftJson.table(chain))) {
                if (chain.get("hook") != null) {
                    bases.add(chain);
                }
                if (NftJson.text(chain, "type").equals("nat")) {
                    tracked = tracked.or(families(chain));
                }
            } else if (!rule.isEmpty() && !leftOut.contains(NftJson.table(rule))) {
                final String table = NftJson.table(rule);
                final NftRule read = new NftRule(NftJson.list(rule.get("expr")), sets, table);
                tables.computeIfAbsent(table, key -> new HashMap<>())
                        .computeIfAbsent(NftJson.text(rule, "chain"), key -> new ArrayList<>())
                        .addAll(read.rules());
                if (read.tracking()) {
                    tracked = tracked.or(families(rule));
                }
            }
        }
        final List<BaseChain> chains = new ArrayList<>();
        for (final Map<?, ?> base : bases) {
            final String table = NftJson.table(base);
            final Certainty active = perhaps.contains(table) ? Certainty.PERHAPS : Certainty.YES;
            add(base, active, tables.getOrDefault(table, Map.of()), chains);
        }
        return new NftText(chains, tracked);
    }

    private static void add(
            final Map<?, ?> base,
            final Certainty active,
            final Map<String, List<Rule>> rules,
            final List<BaseChain> chains) {
        final Hook hook = hook(NftJson.text(base, "hook"));
        final Long priority = base.get("prio") instanceof Number number ? Long.valueOf(number.longValue()) : null;
        if (hook == null || families(base).equals(Families.NONE)) {
            return;
        }
        final List<String> devices =
                NftJson.listOrOne(base.get("dev")).stream().map(String::valueOf).toList();
        chains.add(new BaseChain(
                new Place(TOOL, NftJson.table(base), NftJson.text(base, "name")),
                families(base),
                new Point(
                        hook,
                        priority == null ? 0 : priority.intValue(),
                        NftJson.text(base, "type").equals("nat"),
                        devices,
                        active),
                NftJson.text(base, "policy").equals("drop"),
                rules));
    }

    private static @Nullable Hook hook(final String name) {
        return switch (name) {
            case "ingress" -> Hook.INGRESS;
            case "prerouting" -> Hook.PREROUTING;
            case "input" -> Hook.INPUT;
            case "forward" -> Hook.FORWARD;
            case "output" -> Hook.OUTPUT;
            case "postrouting" -> Hook.POSTROUTING;
            case "egress" -> Hook.EGRESS;
            default -> null;
        };
    }

    private static Families families(final Map<?, ?> object) {
        final String family = NftJson.text(object, "family");
        final boolean both = family.equals("inet") || family.equals("netdev");
        return new Families(both || family.equals("ip"), both || family.equals("ip6"));
    }
}
