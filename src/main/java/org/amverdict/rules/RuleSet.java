package org.amverdict.rules;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.config.Settings;
import org.amverdict.host.Tool;
import org.amverdict.host.ToolException;
import org.amverdict.rules.RulesException.Cause;

/**
 * Rules that send the packets of the configured hosts to the queues: as text, into the kernel, and out of it again.
 * Changes only our own chains or table, in one transaction per table, and is idempotent. Stateless.
 */
public final class RuleSet {
    /** Which tool the rules are for. */
    public enum Format {
        IPTABLES("iptables"),
        NFT("nft");

        private final String label;

        Format(final String label) {
            this.label = label;
        }

        /** Name on the command line. */
        public String label() {
            return label;
        }
    }

    private RuleSet() {}

    /** The rules as a script for sh or for nft. */
    public static String text(final Settings settings, final Format format, final RuleOptions options)
            throws RulesException {
        final RulePlan plan = plan(settings, format, options);
        return format == Format.NFT ? NftRules.document(plan) : IptablesRules.script(plan);
    }

    /** Loads the rules into the kernel; rules of an earlier call are replaced. */
    public static void apply(final Settings settings, final Format format, final RuleOptions options)
            throws RulesException {
        final RulePlan plan = plan(settings, format, options);
        if (format == Format.NFT) {
            nft(NftRules.document(plan));
        } else {
            restore("iptables", IptablesRules.tables(plan, true));
            restore("ip6tables", IptablesRules.tables(plan, false));
        }
    }

    /** Removes our rules from the kernel; does nothing when there are none. */
    public static void remove(final Format format) throws RulesException {
        if (format == Format.NFT) {
            nft(NftRules.removal());
        } else {
            restore("iptables", List.of());
            restore("ip6tables", List.of());
        }
    }

    private static RulePlan plan(final Settings settings, final Format format, final RuleOptions options)
            throws RulesException {
        if (format == Format.IPTABLES && options.passMark() != 0) {
            throw new RulesException(
                    Cause.UNSUITABLE, "a pass mark is for nft; in iptables what the queue accepts is accepted");
        }
        return RulePlan.of(settings, options);
    }

    private static void nft(final String document) throws RulesException {
        run("nftables", document, List.of("nft", "-f", "-"));
    }

    /** Loads these tables and clears our chains from all others. */
    private static void restore(final String tool, final List<IptablesTable> wanted) throws RulesException {
        final InstalledChains now = InstalledChains.of(run("iptables", "", List.of(tool + "-save")));
        final StringBuilder document = new StringBuilder();
        final List<IptablesTable> tables = new ArrayList<>(wanted);
        // After loading the others: filter passes what mangle judged, so it must not remain alone.
        for (final String name : List.of("filter", "mangle", "nat")) {
            final boolean unwanted =
                    wanted.stream().noneMatch(table -> table.name().equals(name));
            if (unwanted && !(now.chains(name).isEmpty() && now.jumps(name).isEmpty())) {
                tables.add(new IptablesTable(name));
            }
        }
        for (final IptablesTable table : tables) {
            document.append(table.document(now));
        }
        if (document.length() > 0) {
            run("iptables", document.toString(), List.of(tool + "-restore", "-w", "5", "--noflush"));
        }
    }

    private static String run(final String debianPackage, final String input, final List<String> command)
            throws RulesException {
        try {
            return Tool.run(debianPackage, input, command);
        } catch (final ToolException e) {
            throw new RulesException(e);
        }
    }
}
