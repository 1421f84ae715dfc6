package org.amverdict.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chains of our own in one table of iptables, and where they hang. Filled by {@link IptablesRules}; one thread. */
final class IptablesTable {
    /** Every chain of ours begins with this, and is the one that the kernel's chains jump to. */
    static final String CHAIN = "AMVERDICT";

    private final String name;
    private final List<String> hooks;
    private final Map<String, List<String>> chains = new LinkedHashMap<>();

    /** @param hooks kernel chains that shall jump to ours; empty when nothing shall remain */
    IptablesTable(final String name, final List<String> hooks) {
        this.name = name;
        this.hooks = List.copyOf(hooks);
    }

    String name() {
        return name;
    }

    List<String> hooks() {
        return hooks;
    }

    void chain(final String chain) {
        chains.putIfAbsent(chain, new ArrayList<>());
    }

    /** Appends a rule, or a comment that starts with #. */
    void add(final String chain, final String rule) {
        chains.computeIfAbsent(chain, key -> new ArrayList<>()).add(rule);
    }

    /**
     * Input of iptables-restore --noflush: one transaction. A chain that is declared is emptied first.
     *
     * @param now what is there
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
        for (final String chain : stale) {
            text.append("-X ").append(chain).append('\n');
        }
        return text.append("COMMIT\n").toString();
    }

    /** One jump from each of our hooks, none from the others; one that is there stays where it is. */
    private void appendJumps(final InstalledChains now, final StringBuilder text) {
        for (final String hook : now.jumpsFrom(name)) {
            final int kept = hooks.contains(hook) ? 1 : 0;
            for (int i = now.jumpCount(name, hook); i > kept; i--) {
                text.append("-D ").append(hook).append(" -j ").append(CHAIN).append('\n');
            }
        }
        for (final String hook : hooks) {
            if (now.jumpCount(name, hook) == 0) {
                text.append("-I ").append(hook).append(" 1 -j ").append(CHAIN).append('\n');
            }
        }
    }

    /** The chains alone, for a text that is printed. */
    String chainsOnly() {
        return document(InstalledChains.NONE).replaceAll("(?m)^-I .*\n", "");
    }
}
