package org.amverdict.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Our chains in one iptables table, and the hooks they hang on. Filled by {@link IptablesRules}; one thread. */
final class IptablesTable {
    /** Prefix of all our chains, and the name of the one that the kernel's chains jump to. */
    static final String CHAIN = "AMVERDICT";

    private final String name;
    /** A kernel chain and our chain that it jumps to. */
    private final Map<String, String> hooks = new LinkedHashMap<>();

    private final Map<String, List<String>> chains = new LinkedHashMap<>();

    IptablesTable(final String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Makes a kernel chain jump to one of ours. */
    void hook(final String hook, final String chain) {
        hooks.put(hook, chain);
        chain(chain);
    }

    /** The jumps as words of a rule: {@code FORWARD -j AMVERDICT}. */
    List<String> jumps() {
        return hooks.entrySet().stream()
                .map(hook -> jump(hook.getKey(), hook.getValue()))
                .toList();
    }

    static String jump(final String hook, final String chain) {
        return hook + " -j " + chain;
    }

    /** Our chains in the order in which they were made. */
    List<String> chains() {
        return List.copyOf(chains.keySet());
    }

    /** The rules of a chain, without comments. */
    List<String> rules(final String chain) {
        return chains.getOrDefault(chain, List.of()).stream()
                .filter(rule -> !rule.startsWith("#"))
                .toList();
    }

    boolean has(final String chain) {
        return chains.containsKey(chain);
    }

    void chain(final String chain) {
        chains.putIfAbsent(chain, new ArrayList<>());
    }

    /** Appends a rule, or a comment that starts with #. */
    void add(final String chain, final String rule) {
        chains.computeIfAbsent(chain, key -> new ArrayList<>()).add(rule);
    }

    /**
     * Input of iptables-restore --noflush: one transaction. Declaring a chain empties it first.
     *
     * @param now the installed chains
     */
    String document(final InstalledChains now) {
        final StringBuilder text = new StringBuilder("*").append(name).append('\n');
        final List<String> stale = new ArrayList<>(now.chains(name));
        stale.removeAll(chains.keySet());
        for (final String chain : chains.keySet()) {
            text.append(':').append(chain).append(" - [0:0]\n");
        }
        for (final String chain : stale) {
            text.append(':').append(chain).append(" - [0:0]\n");
        }
        for (final Map.Entry<String, List<String>> chain : chains.entrySet()) {
            for (final String rule : chain.getValue()) {
                text.append(rule.startsWith("#") ? "" : "-A " + chain.getKey() + " ")
                        .append(rule)
                        .append('\n');
            }
        }
        appendJumps(now, text);
        for (final String rule : now.references(name)) {
            // A chain that others still lead to cannot be deleted.
            if (stale.contains(SavedRule.target(SavedRule.words(rule)))) {
                text.append("-D ").append(rule).append('\n');
            }
        }
        for (final String chain : stale) {
            text.append("-X ").append(chain).append('\n');
        }
        return text.append("COMMIT\n").toString();
    }

    /** One jump from each of our hooks, before the rules of others, and none from the other hooks. */
    private void appendJumps(final InstalledChains now, final StringBuilder text) {
        for (final String jump : now.jumps(name)) {
            final boolean kept = jumps().contains(jump) && now.isFirst(name, jump);
            for (int i = kept ? 1 : 0; i < now.jumpCount(name, jump); i++) {
                text.append("-D ").append(jump).append('\n');
            }
        }
        hooks.forEach((hook, chain) -> {
            if (!now.isFirst(name, jump(hook, chain))) {
                text.append("-I ").append(hook).append(" 1 -j ").append(chain).append('\n');
            }
        });
    }

    /** Only the chains, for printing. */
    String chainsOnly() {
        return document(InstalledChains.NONE).replaceAll("(?m)^-I .*\n", "");
    }
}
