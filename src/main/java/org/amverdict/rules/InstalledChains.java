package org.amverdict.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Our chains and the jumps to them, as iptables-save shows them. Immutable. */
final class InstalledChains {
    /** A rule that jumps from a kernel chain, whose name is all capitals, to one of ours, whatever else it does. */
    private static final String JUMP =
            "-A (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) -j " + IptablesTable.CHAIN + "(-\\S+)?\\s*";

    static final InstalledChains NONE = of("");

    private final Map<String, List<String>> chains = new LinkedHashMap<>();
    private final Map<String, Map<String, Integer>> jumps = new LinkedHashMap<>();

    private InstalledChains() {}

    /** Parses the output of iptables-save. */
    static InstalledChains of(final String saved) {
        final InstalledChains installed = new InstalledChains();
        String table = "";
        for (final String line : saved.split("\n", -1)) {
            if (line.startsWith("*")) {
                table = line.substring(1).strip();
            } else if (line.startsWith(":" + IptablesTable.CHAIN + " ")
                    || line.startsWith(":" + IptablesTable.CHAIN + "-")) {
                installed
                        .chains
                        .computeIfAbsent(table, key -> new ArrayList<>())
                        .add(line.substring(1, line.indexOf(' ')));
            } else if (line.matches(JUMP)) {
                installed
                        .jumps
                        .computeIfAbsent(table, key -> new LinkedHashMap<>())
                        .merge(line.substring(3).strip(), 1, Integer::sum);
            }
        }
        return installed;
    }

    List<String> chains(final String table) {
        return List.copyOf(chains.getOrDefault(table, List.of()));
    }

    /** Jumps of kernel chains to ours, as {@link IptablesTable#jumps()}. */
    List<String> jumps(final String table) {
        return List.copyOf(jumps.getOrDefault(table, Map.of()).keySet());
    }

    int jumpCount(final String table, final String jump) {
        return jumps.getOrDefault(table, Map.of()).getOrDefault(jump, 0);
    }
}
