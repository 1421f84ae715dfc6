package org.amverdict.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Our table as nft prints it: its chains and their lines. nft prints a rule otherwise than it was written, and each
 * version in its own way. So the wanted rules are printed by nft as well: from a dormant table, which is connected to no
 * hook and is deleted at once. Immutable.
 */
final class NftListing {
    /** With the process's number: two commands at a time do not share it. */
    static final String SCRATCH = NftRules.TABLE + "_wanted_";

    private static final Pattern CHAIN = Pattern.compile("chain (\\S+) \\{");

    private final Map<String, List<String>> chains = new LinkedHashMap<>();

    private NftListing() {}

    /** Parses what {@code nft list table} prints; the text of no table gives no chains. */
    static NftListing of(final String text) {
        final NftListing listing = new NftListing();
        List<String> chain = new ArrayList<>();
        for (final String line : text.lines().map(String::strip).toList()) {
            final Matcher begin = CHAIN.matcher(line);
            if (begin.matches()) {
                chain = listing.chains.computeIfAbsent(begin.group(1), key -> new ArrayList<>());
            } else if (!line.isEmpty() && !line.equals("}") && !line.startsWith("#")) {
                chain.add(line);
            }
        }
        return listing;
    }

    boolean isEmpty() {
        return chains.isEmpty();
    }

    /** What would have to change to get from the installed table to this one. */
    RuleDifference from(final NftListing installed) {
        final List<String> lines = new ArrayList<>();
        final List<String> names = new ArrayList<>(chains.keySet());
        installed.chains.keySet().stream()
                .filter(name -> !chains.containsKey(name))
                .forEach(names::add);
        for (final String name : names) {
            final List<String> wanted = chains.getOrDefault(name, List.of());
            final List<String> now = installed.chains.getOrDefault(name, List.of());
            if (wanted.equals(now)) {
                continue;
            }
            final int before = lines.size();
            final String place = "nft " + NftRules.TABLE + " " + name + " ";
            IptablesComparison.without(now, wanted).forEach(rule -> lines.add("- " + place + rule));
            IptablesComparison.without(wanted, now).forEach(rule -> lines.add("+ " + place + rule));
            if (lines.size() == before) {
                lines.add("+ " + place + "(its rules in another order)");
            }
        }
        final RuleStanding standing = lines.isEmpty()
                ? RuleStanding.IN_PLACE
                : installed.isEmpty() ? RuleStanding.GONE : RuleStanding.INCOMPLETE;
        return new RuleDifference(standing, lines);
    }
}
