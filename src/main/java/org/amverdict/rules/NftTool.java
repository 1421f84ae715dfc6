package org.amverdict.rules;

import java.util.List;

/** Runs nft. Stateless; each call blocks for a bounded time. */
final class NftTool {
    private static final String PACKAGE = "nftables";
    private static final String DORMANT = "flags dormant";

    private NftTool() {}

    /** Loads a document in one transaction. */
    static void load(final String document) throws RulesException {
        run(document, "nft", "-f", "-");
    }

    /** The installed table; empty if there is none. */
    static NftListing installed() throws RulesException {
        return tables().contains(NftRules.TABLE) ? list(NftRules.TABLE) : NftListing.of("");
    }

    /** The wanted rules as this nft prints them. */
    static NftListing wanted(final RulePlan plan) throws RulesException {
        return printed(NftRules.document(plan));
    }

    /** The table of a document of {@link NftRules} as this nft prints it. */
    static NftListing printed(final String document) throws RulesException {
        final String scratch = NftListing.SCRATCH + ProcessHandle.current().pid();
        load(deletion(scratch) + NftRules.dormant(document, scratch));
        try {
            return list(scratch);
        } finally {
            load(deletion(scratch));
        }
    }

    /** Deletes what a command left that was killed between two steps of {@link #wanted}. */
    static void removeScratch() throws RulesException {
        for (final String table : tables()) {
            if (table.startsWith(NftListing.SCRATCH)) {
                load(deletion(table));
            }
        }
    }

    /** Adds the table before it deletes it, so that this cannot fail. */
    private static String deletion(final String table) {
        return "table " + table + "\ndelete table " + table + "\n";
    }

    /** Family and name of each inet table. */
    private static List<String> tables() throws RulesException {
        return run("", "nft", "list", "tables", "inet")
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("table "))
                .map(line -> line.substring("table ".length()))
                .toList();
    }

    private static NftListing list(final String table) throws RulesException {
        final String[] name = table.split(" ", 2);
        final String text = run("", "nft", "-s", "list", "table", name[0], name[1]);
        return NftListing.of(text.replaceAll("(?m)^\\s*" + DORMANT + ".*\n", ""));
    }

    private static String run(final String input, final String... command) throws RulesException {
        return RuleSet.run(PACKAGE, input, List.of(command));
    }
}
