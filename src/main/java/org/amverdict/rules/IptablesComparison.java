package org.amverdict.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares the wanted rules of one family with the installed ones, rule by rule. One thread. */
final class IptablesComparison {
    private final String tool;
    private final InstalledChains now;
    private final Earlier earlier;
    private final List<String> lines = new ArrayList<>();
    /** Whether anything but the place of a jump differs. */
    private boolean content;
    /** Whether rules of others before a jump may decide about our packets. */
    private boolean preceded;

    /** Looks at the rules of others before a jump of ours. */
    @FunctionalInterface
    interface Earlier {
        /** For a removal, where the place of a jump does not matter. */
        Earlier IGNORED = (tool, now, table, jump) -> Optional.empty();

        /** The first rule before the jump that may decide about packets that are to be judged. */
        Optional<String> deciding(String tool, InstalledChains now, String table, String jump);
    }

    private IptablesComparison(final String tool, final InstalledChains now, final Earlier earlier) {
        this.tool = tool;
        this.now = now;
        this.earlier = earlier;
    }

    /**
     * Compares.
     *
     * @param tool iptables or ip6tables
     * @param tables the wanted tables; from all others our chains are to go
     * @param earlier tells which rules of others matter
     */
    static RuleDifference of(
            final String tool, final List<IptablesTable> tables, final InstalledChains now, final Earlier earlier) {
        final IptablesComparison comparison = new IptablesComparison(tool, now, earlier);
        tables.forEach(comparison::compare);
        final boolean jumped =
                tables.stream().anyMatch(table -> !now.jumps(table.name()).isEmpty());
        final RuleStanding standing;
        if (comparison.content) {
            standing = jumped ? RuleStanding.INCOMPLETE : RuleStanding.GONE;
        } else {
            standing = comparison.preceded ? RuleStanding.NOT_FIRST : RuleStanding.IN_PLACE;
        }
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
                final Optional<String> before = earlier.deciding(tool, now, table.name(), jump);
                preceded |= before.isPresent() || now.jumpCount(table.name(), jump) > 1;
                lines.add("- " + tool + " " + table.name() + " -A " + jump + " (not first"
                        + before.map(rule -> "; what may decide before is " + rule)
                                .orElse("") + ")");
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
