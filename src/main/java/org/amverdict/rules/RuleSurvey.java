package org.amverdict.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.rules.RuleSet.Format;
import org.amverdict.rules.RulesException.Cause;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again whether the rules are in place. Reads only; but once for each configuration nft prints the wanted
 * rules from a dormant table, see {@link NftListing}. For one thread.
 */
public final class RuleSurvey {
    /** NFQUEUE in iptables-save, and queue as nft prints it: to N, num N, N-M, with flags before or after. */
    private static final Pattern QUEUE = Pattern.compile(
            "--queue-(?:num|balance) (\\d+)(?::(\\d+))?|\\bqueue (?:flags \\S+ )?(?:to |num )(\\d+)(?:-(\\d+))?");

    private static final String HANDS_NOTHING = "no rule hands packets to the queues of the configuration";

    private @Nullable Settings ofSettings;
    private @Nullable RuleRequest ofRequest;
    private @Nullable NftListing wanted;

    /**
     * Looks once.
     *
     * @param settings in force
     * @param last the rules that were applied last; none if that is not known
     * @throws RulesException if the rules cannot be read
     */
    public RuleDifference look(final Settings settings, final Optional<RuleRequest> last) throws RulesException {
        if (last.isPresent()) {
            final RuleDifference difference = compare(settings, last.get());
            if (difference.standing() != RuleStanding.GONE) {
                return difference;
            }
            final RuleDifference other = look(settings);
            return other.standing() == RuleStanding.IN_PLACE ? other : difference;
        }
        return look(settings);
    }

    private RuleDifference compare(final Settings settings, final RuleRequest request) throws RulesException {
        if (request.format() == Format.IPTABLES) {
            return RuleSet.difference(settings, request);
        }
        NftListing listing = wanted;
        if (listing == null || !settings.equals(ofSettings) || !request.equals(ofRequest)) {
            listing = NftTool.wanted(RulePlan.of(settings, request.options()));
            wanted = listing;
            ofSettings = settings;
            ofRequest = request;
        }
        return listing.from(NftTool.installed());
    }

    /** Without knowing what was applied: our rules in any form, or rules of others that use our queues. */
    private static RuleDifference look(final Settings settings) throws RulesException {
        final Texts texts = new Texts();
        final Precedence precedence = new Precedence(settings);
        RuleStanding chains = RuleStanding.GONE;
        for (final String tool : List.of("iptables", "ip6tables")) {
            chains =
                    worse(chains, chains(tool, InstalledChains.of(texts.read("iptables", tool + "-save")), precedence));
        }
        if (chains != RuleStanding.GONE) {
            return new RuleDifference(
                    chains,
                    switch (chains) {
                        case NOT_FIRST -> List.of("rules of others come before the jump to chain AMVERDICT");
                        case INCOMPLETE -> List.of("no rule jumps to chain AMVERDICT");
                        default -> List.of();
                    });
        }
        texts.read("nftables", "nft", "-s", "list", "ruleset");
        if (texts.all.stream().anyMatch(text -> uses(text, number -> isOurs(settings, number)))) {
            return new RuleDifference(RuleStanding.IN_PLACE, List.of());
        }
        if (texts.failure != null) {
            throw texts.failure;
        }
        return new RuleDifference(RuleStanding.GONE, List.of(HANDS_NOTHING));
    }

    /** What the tools print. One that is not installed prints nothing; another's failure is kept for the end. */
    private static final class Texts {
        private final List<String> all = new ArrayList<>();
        private @Nullable RulesException failure =
                new RulesException(Cause.UNAVAILABLE, "no iptables and no nft is installed here");

        String read(final String debianPackage, final String... command) {
            try {
                final String text = RuleSet.run(debianPackage, "", List.of(command));
                all.add(text);
                if (failure != null && failure.why() == Cause.UNAVAILABLE) {
                    failure = null;
                }
                return text;
            } catch (final RulesException e) {
                if (e.why() != Cause.UNAVAILABLE) {
                    failure = e;
                }
                return "";
            }
        }
    }

    private static RuleStanding chains(final String tool, final InstalledChains now, final Precedence precedence) {
        RuleStanding standing = RuleStanding.GONE;
        for (final String table : RuleSet.TABLES) {
            if (now.isEmpty(table)) {
                continue;
            }
            final boolean jumped =
                    !now.jumps(table).isEmpty() || !now.references(table).isEmpty();
            final boolean first = now.jumps(table).stream()
                    .allMatch(jump -> now.jumpCount(table, jump) == 1
                            && precedence.deciding(tool, now, table, jump).isEmpty());
            standing = worse(
                    standing,
                    !jumped ? RuleStanding.INCOMPLETE : first ? RuleStanding.IN_PLACE : RuleStanding.NOT_FIRST);
        }
        return standing;
    }

    /** Of two parts; one that has no rules of ours says nothing. */
    private static RuleStanding worse(final RuleStanding one, final RuleStanding other) {
        if (one == RuleStanding.GONE || other == RuleStanding.GONE) {
            return one == RuleStanding.GONE ? other : one;
        }
        return one.compareTo(other) > 0 ? one : other;
    }

    private static boolean isOurs(final Settings settings, final int number) {
        return settings.queues().stream().anyMatch(range -> contains(range, number));
    }

    private static boolean contains(final QueueRange range, final int number) {
        return range.first() <= number && number <= range.last();
    }

    /** Whether a rule of the text hands packets to such a queue. */
    static boolean uses(final String text, final IntPredicate ours) {
        final Matcher queue = QUEUE.matcher(text);
        while (queue.find()) {
            final boolean iptables = queue.group(1) != null;
            final int first = number(queue.group(iptables ? 1 : 3));
            final String end = queue.group(iptables ? 2 : 4);
            final int last = end == null ? first : number(end);
            for (int number = first; number <= last; number++) {
                if (ours.test(number)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int number(final @Nullable String digits) {
        return digits == null || digits.length() > 5 ? 0 : Integer.parseInt(digits);
    }
}
