package org.amverdict.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Our chains, and the rules that lead to them, as iptables-save shows them. Immutable. */
final class InstalledChains {
    /** The kernel's chains; their names are all capitals. */
    private static final Set<String> HOOKS = Set.of("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING");

    /** Targets after which the packet continues with the next rule, so that rules of ours may follow them. */
    private static final Set<String> PASSING = Set.of(
            "",
            "LOG",
            "NFLOG",
            "ULOG",
            "TRACE",
            "AUDIT",
            "MARK",
            "CONNMARK",
            "CLASSIFY",
            "DSCP",
            "TOS",
            "TCPMSS",
            "SET",
            "SECMARK",
            "CONNSECMARK",
            "CHECKSUM",
            "TEE",
            "HL",
            "TTL",
            "LED",
            "RATEEST");

    static final InstalledChains NONE = of("");

    private final Map<String, Map<String, List<String>>> chains = new LinkedHashMap<>();
    private final Map<String, Map<String, Integer>> jumps = new LinkedHashMap<>();
    private final Map<String, List<String>> references = new LinkedHashMap<>();
    /** Jumps that stand behind a rule of others that may decide. */
    private final Map<String, List<String>> behind = new LinkedHashMap<>();

    private final String text;

    private InstalledChains(final String text) {
        this.text = text;
    }

    /** Parses the output of iptables-save. */
    static InstalledChains of(final String saved) {
        final InstalledChains installed = new InstalledChains(saved);
        String table = "";
        final Map<String, String> deciding = new HashMap<>();
        for (final String line : saved.split("\n", -1)) {
            if (line.startsWith("*")) {
                table = line.substring(1).strip();
                deciding.clear();
            } else if (line.startsWith(":") && isOurs(line.substring(1, Math.max(1, line.indexOf(' '))))) {
                installed.chainsOf(table).putIfAbsent(line.substring(1, line.indexOf(' ')), new ArrayList<>());
            } else if (line.startsWith("-A ")) {
                installed.add(table, line.substring(3).strip(), deciding);
            }
        }
        return installed;
    }

    /** Whether a chain of that name is ours. */
    static boolean isOurs(final String chain) {
        return chain.equals(IptablesTable.CHAIN) || chain.startsWith(IptablesTable.CHAIN + "-");
    }

    private Map<String, List<String>> chainsOf(final String table) {
        return chains.computeIfAbsent(table, key -> new LinkedHashMap<>());
    }

    /**
     * Adds a rule.
     *
     * @param rule chain first
     * @param deciding the first rule of each chain of the kernel that may decide, filled here
     */
    private void add(final String table, final String rule, final Map<String, String> deciding) {
        final int space = rule.indexOf(' ');
        final String chain = space < 0 ? rule : rule.substring(0, space);
        final String rest = rule.substring(chain.length()).strip();
        if (isOurs(chain)) {
            chainsOf(table).computeIfAbsent(chain, key -> new ArrayList<>()).add(rest);
            return;
        }
        final List<String> words = SavedRule.words(rest);
        final String target = SavedRule.target(words);
        if (!isOurs(target)) {
            if (HOOKS.contains(chain) && !PASSING.contains(target) && !isLoopback(words)) {
                deciding.putIfAbsent(chain, rule);
            }
        } else if (HOOKS.contains(chain) && words.equals(List.of("-j", target))) {
            final String jump = IptablesTable.jump(chain, target);
            jumps.computeIfAbsent(table, key -> new LinkedHashMap<>()).merge(jump, 1, Integer::sum);
            if (deciding.containsKey(chain)) {
                behind.computeIfAbsent(table, key -> new ArrayList<>()).add(jump);
            }
        } else {
            references.computeIfAbsent(table, key -> new ArrayList<>()).add(rule);
        }
    }

    private static boolean isLoopback(final List<String> words) {
        for (int i = 0; i + 1 < words.size(); i++) {
            if ((words.get(i).equals("-i") || words.get(i).equals("-o"))
                    && words.get(i + 1).equals("lo")) {
                return i == 0 || !words.get(i - 1).equals("!");
            }
        }
        return false;
    }

    /** As iptables-save printed it. */
    String text() {
        return text;
    }

    List<String> chains(final String table) {
        return List.copyOf(chains.getOrDefault(table, Map.of()).keySet());
    }

    /** The rules of one of our chains, without its name; none if there is no such chain. */
    List<String> rules(final String table, final String chain) {
        return List.copyOf(chains.getOrDefault(table, Map.of()).getOrDefault(chain, List.of()));
    }

    /** Plain jumps of kernel chains to ours, as {@link IptablesTable#jumps()}. */
    List<String> jumps(final String table) {
        return List.copyOf(jumps.getOrDefault(table, Map.of()).keySet());
    }

    int jumpCount(final String table, final String jump) {
        return jumps.getOrDefault(table, Map.of()).getOrDefault(jump, 0);
    }

    /** Whether there is exactly one such jump, before every rule of others that may decide. */
    boolean isFirst(final String table, final String jump) {
        return jumpCount(table, jump) == 1
                && !behind.getOrDefault(table, List.of()).contains(jump);
    }

    /** Other rules that lead to our chains, from any chain that is not ours: the chain, then the rule. */
    List<String> references(final String table) {
        return List.copyOf(references.getOrDefault(table, List.of()));
    }

    /** Whether there is nothing of ours in the table. */
    boolean isEmpty(final String table) {
        return chains(table).isEmpty() && jumps(table).isEmpty();
    }
}
