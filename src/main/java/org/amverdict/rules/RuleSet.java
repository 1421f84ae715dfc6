package org.amverdict.rules;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.config.Settings;
import org.amverdict.host.Tool;
import org.amverdict.host.ToolException;
import org.amverdict.rules.IptablesComparison.Earlier;
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

    /** Filter first: it passes what mangle judged, so it must not remain alone. */
    static final List<String> TABLES = List.of("filter", "mangle", "nat");

    private RuleSet() {}

    /** The rules as a script for sh or for nft. */
    public static String text(final Settings settings, final Format format, final RuleOptions options)
            throws RulesException {
        final RulePlan plan = plan(settings, format, options);
        return format == Format.NFT ? NftRules.document(plan) : IptablesRules.script(plan);
    }

    /**
     * Loads the rules into the kernel, in place of those of an earlier call.
     *
     * @return what it changed; if that is nothing, it has not touched the rules
     */
    public static RuleDifference apply(final Settings settings, final Format format, final RuleOptions options)
            throws RulesException {
        final RulePlan plan = plan(settings, format, options);
        if (format == Format.NFT) {
            final RuleDifference difference = NftTool.wanted(plan).from(NftTool.installed());
            if (!difference.same()) {
                NftTool.load(NftRules.document(plan));
            }
            return difference;
        }
        final List<String> lines = new ArrayList<>();
        RuleStanding standing = RuleStanding.IN_PLACE;
        final Precedence precedence = new Precedence(settings);
        for (final boolean ipv4 : new boolean[] {true, false}) {
            final RuleDifference difference = restore(tool(ipv4), IptablesRules.tables(plan, ipv4), precedence);
            lines.addAll(difference.lines());
            standing = worse(standing, difference.standing());
        }
        return new RuleDifference(standing, lines);
    }

    /** What {@link #apply} would change, and how the installed rules stand to the wanted ones. */
    public static RuleDifference difference(final Settings settings, final RuleRequest request) throws RulesException {
        final RulePlan plan = plan(settings, request.format(), request.options());
        if (request.format() == Format.NFT) {
            return NftTool.wanted(plan).from(NftTool.installed());
        }
        final List<String> lines = new ArrayList<>();
        RuleStanding standing = RuleStanding.IN_PLACE;
        boolean none = true;
        final Precedence precedence = new Precedence(settings);
        for (final boolean ipv4 : new boolean[] {true, false}) {
            final InstalledChains now = saved(tool(ipv4));
            final RuleDifference difference =
                    IptablesComparison.of(tool(ipv4), complete(IptablesRules.tables(plan, ipv4), now), now, precedence);
            lines.addAll(difference.lines());
            standing = worse(standing, difference.standing());
            none &= TABLES.stream().allMatch(name -> now.jumps(name).isEmpty());
        }
        return new RuleDifference(none && !lines.isEmpty() ? RuleStanding.GONE : standing, lines);
    }

    /** Of two families: one that has lost all its rules makes the whole incomplete. */
    private static RuleStanding worse(final RuleStanding one, final RuleStanding other) {
        final RuleStanding worst = one.compareTo(other) > 0 ? one : other;
        return worst == RuleStanding.GONE ? RuleStanding.INCOMPLETE : worst;
    }

    /**
     * Removes our rules of that format from the kernel; does nothing when there are none.
     *
     * @return what it removed
     */
    public static RuleDifference remove(final Format format) throws RulesException {
        if (format == Format.NFT) {
            final RuleDifference difference = removable(format);
            NftTool.removeScratch();
            NftTool.load(NftRules.removal());
            return difference;
        }
        final List<String> lines = new ArrayList<>();
        for (final boolean ipv4 : new boolean[] {true, false}) {
            lines.addAll(restore(tool(ipv4), List.of(), Earlier.IGNORED).lines());
        }
        return new RuleDifference(lines.isEmpty() ? RuleStanding.IN_PLACE : RuleStanding.INCOMPLETE, lines);
    }

    /** What {@link #remove} would remove. */
    private static RuleDifference removable(final Format format) throws RulesException {
        if (format == Format.NFT) {
            return NftListing.of("").from(NftTool.installed());
        }
        final List<String> lines = new ArrayList<>();
        for (final boolean ipv4 : new boolean[] {true, false}) {
            final InstalledChains now = saved(tool(ipv4));
            lines.addAll(IptablesComparison.of(tool(ipv4), complete(List.of(), now), now, Earlier.IGNORED)
                    .lines());
        }
        return new RuleDifference(lines.isEmpty() ? RuleStanding.IN_PLACE : RuleStanding.INCOMPLETE, lines);
    }

    /**
     * What of ours is installed in the other formats: packets would be judged twice. A tool that is not installed has
     * loaded nothing.
     *
     * @param format the one that stays
     * @param remove whether to remove it
     */
    public static List<String> others(final Format format, final boolean remove) throws RulesException {
        final List<String> lines = new ArrayList<>();
        for (final Format each : Format.values()) {
            if (each == format) {
                continue;
            }
            try {
                final RuleDifference there = removable(each);
                lines.addAll(there.lines());
                if (remove && !there.same()) {
                    remove(each);
                }
            } catch (final RulesException e) {
                if (e.why() != Cause.UNAVAILABLE) {
                    throw e;
                }
            }
        }
        return lines;
    }

    private static String tool(final boolean ipv4) {
        return ipv4 ? "iptables" : "ip6tables";
    }

    private static RulePlan plan(final Settings settings, final Format format, final RuleOptions options)
            throws RulesException {
        if (format == Format.IPTABLES && options.passMark() != 0) {
            throw new RulesException(
                    Cause.UNSUITABLE, "a pass mark is for nft; in iptables what the queue accepts is accepted");
        }
        return RulePlan.of(settings, options);
    }

    /**
     * Loads these tables and clears our chains from all others.
     *
     * @return what it changed
     */
    private static RuleDifference restore(final String tool, final List<IptablesTable> wanted, final Earlier earlier)
            throws RulesException {
        final InstalledChains now = saved(tool);
        final List<IptablesTable> tables = complete(wanted, now);
        final RuleDifference difference = IptablesComparison.of(tool, tables, now, earlier);
        if (!difference.same()) {
            final StringBuilder document = new StringBuilder();
            for (final IptablesTable table : tables) {
                document.append(table.document(now));
            }
            run("iptables", document.toString(), List.of(tool + "-restore", "-w", "5", "--noflush"));
        }
        return difference;
    }

    private static InstalledChains saved(final String tool) throws RulesException {
        return InstalledChains.of(run("iptables", "", List.of(tool + "-save")));
    }

    /** With an empty table for each that has something of ours and should not. */
    private static List<IptablesTable> complete(final List<IptablesTable> wanted, final InstalledChains now) {
        final List<IptablesTable> tables = new ArrayList<>(wanted);
        for (final String name : TABLES) {
            final boolean unwanted =
                    wanted.stream().noneMatch(table -> table.name().equals(name));
            if (unwanted && !now.isEmpty(name)) {
                tables.add(new IptablesTable(name));
            }
        }
        return tables;
    }

    static String run(final String debianPackage, final String input, final List<String> command)
            throws RulesException {
        try {
            return Tool.run(debianPackage, input, command);
        } catch (final ToolException e) {
            throw new RulesException(e);
        }
    }
}
