package org.amverdict.firewall;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The named sets, maps and helpers of all tables of nft, by table and name. Filled once, then read. */
final class NftSets {
    private final Map<String, Map<?, ?>> sets = new HashMap<>();
    private final Map<String, String> helpers = new HashMap<>();

    /** An object of the rule set: a set, a map, a helper, or none of them. */
    void add(final Map<?, ?> object) {
        for (final String kind : List.of("set", "map")) {
            final Map<?, ?> set = NftJson.map(object.get(kind));
            if (!set.isEmpty()) {
                sets.put(NftJson.table(set) + " " + NftJson.text(set, "name"), set);
            }
        }
        final Map<?, ?> helper = NftJson.map(object.get("ct helper"));
        if (!helper.isEmpty()) {
            helpers.put(NftJson.table(helper) + " " + NftJson.text(helper, "name"), NftJson.text(helper, "type"));
        }
    }

    /** The type of a helper, such as amanda; its name if it is not known. */
    String helper(final String table, final String name) {
        return helpers.getOrDefault(table + " " + name, name);
    }

    /**
     * The elements of a set or map.
     *
     * @param reference as "@name"
     * @return null if they are not known: rules fill the set, or there is no such set
     */
    @Nullable List<?> elements(final String table, final String reference) {
        final Map<?, ?> set = sets.get(table + " " + reference.substring(1));
        if (set == null || NftJson.listOrOne(set.get("flags")).contains("dynamic")) {
            return null;
        }
        return NftJson.listOrOne(set.get("elem"));
    }
}
