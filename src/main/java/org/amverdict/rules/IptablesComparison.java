package org.amverdict.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares the wanted rules of one family with the installed ones, rule by rule. One thread. */
final class IptablesComparison {
    private final String tool;
    private final InstalledChains now;
    private final List<String> lines = new ArrayList<>();
    /** Whether anything but the place of a jump differs. */
    private boolean content;

    private IptablesComparison(final String tool, final InstalledChains now) {
        this.tool = tool;
        this.now = now;
    }

    /**
     * Compares.
     *
     * @param tool iptables or ip6tables
     * @param tables the wanted tables; from all others our chains are to go
     */
    static RuleDifference of(final String tool, final List<IptablesTable> tables, final InstalledChains now) {
        final IptablesComparison comparison = new IptablesComparison(tool, now);
        tables.forEach(comparison::compare);
        final boolean jumped =
                tables.stream().anyMatch(table -> !now.jumps(table.name()).isEmpty());
        final RuleStanding standing = comparison.lines.isEmpty()
                ? RuleStanding.IN_PLACE
                : !comparison.content ? RuleStanding.NOT_FIRST : jumped ? RuleStanding.INCOMPLETE : RuleStanding.GONE;
        return new RuleDifference(standing, comparison.lines);
    }

    private void compare(final IptablesTable table) {
        final List<String> all = new ArrayList<>(table.chains());
        now.chains(table.name()).stream().filter(chain -> !table.has(chain)).forEach(all::add);
        for (final String chain : all) {
            compare(table, chain);
        }
        for (final String jump : now.jumps(table.name())) {
            if (!table.jumps().contains(jump)) {
                change("- ", table, "-A " + jump);
            }
        }
        for (final String jump : table.jumps()) {
            if (now.isFirst(table.name(), jump)) {
                continue;
            }
            final boolean there = now.jumpCount(table.name(), jump) > 0;
            content |= !there;
            if (there) {
                lines.add("- " + tool + " " + table.name() + " -A " + jump + " (not first)");
            }
            lines.add("+ " + tool + " " + table.name() + " -I " + jump);
        }
    }

    private void compare(final IptablesTable table, final String chain) {
        final boolean there = now.chains(table.name()).contains(chain);
        if (!table.has(chain)) {
            for (final String rule : now.references(table.name())) {
                if (SavedRule.target(SavedRule.words(rule)).equals(chain)) {
                    change("- ", table, "-A " + rule);
                }
            }
        }
        if (there != table.has(chain)) {
            change(there ? "- " : "+ ", table, "-N " + chain);
        }
        final List<String> wanted =
                table.rules(chain).stream().map(SavedRule::normal).toList();
        final List<String> installed =
                now.rules(table.name(), chain).stream().map(SavedRule::normal).toList();
        if (wanted.equals(installed)) {
            return;
        }
        final int before = lines.size();
        for (final String rule : without(installed, wanted)) {
            change("- ", table, "-A " + chain + " " + rule);
        }
        for (final String rule : without(wanted, installed)) {
            change("+ ", table, "-A " + chain + " " + rule);
        }
        if (lines.size() == before) {
            change("+ ", table, "-A " + chain + " (its rules in another order)");
        }
    }

    private void change(final String sign, final IptablesTable table, final String rule) {
        content = true;
        lines.add(sign + tool + " " + table.name() + " " + rule);
    }

    /** Those of the first list that the second has not, as often as they are missing. */
    static List<String> without(final List<String> some, final List<String> others) {
        final Map<String, Integer> left = new HashMap<>();
        others.forEach(rule -> left.merge(rule, 1, Integer::sum));
        final List<String> missing = new ArrayList<>();
        for (final String rule : some) {
            if (left.merge(rule, -1, Integer::sum) < 0) {
                missing.add(rule);
            }
        }
        return missing;
    }
}
