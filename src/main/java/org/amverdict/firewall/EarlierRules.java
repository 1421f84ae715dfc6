package org.amverdict.firewall;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.RuleTrace.Step;

/**
 * What the rules of a chain that stand before a given one do with packets. Other chains are not looked at: packets may
 * have any mark. Immutable.
 */
public final class EarlierRules {
    private static final OwnQueues NO_QUEUES = new OwnQueues(0, List.of(), 0);

    private final List<BaseChain> chains;

    private EarlierRules(final List<BaseChain> chains) {
        this.chains = chains;
    }

    /**
     * Reads them.
     *
     * @param tool iptables or ip6tables
     * @param saved what its iptables-save prints
     */
    public static EarlierRules of(final String tool, final String saved) {
        return new EarlierRules(IptablesText.of(tool, tool.equals("iptables"), saved, IpSets.UNKNOWN)
                .chains());
    }

    /**
     * The first rule that perhaps accepts or drops one of the packets, or otherwise keeps it from what follows.
     *
     * @param table name of the table
     * @param rule the rule that is looked for, as printed: "-A FORWARD -j NAME"
     * @param ours names of chains that the rules may lead to
     * @param packets as they arrive at the chain
     */
    public Optional<String> deciding(
            final String table, final String rule, final Predicate<String> ours, final List<ProbePacket> packets) {
        for (final BaseChain chain : chains) {
            final List<Rule> rules = chain.rules();
            final int place = rules.stream().map(Rule::text).toList().indexOf(rule);
            if (chain.place().table().equals(table) && place >= 0) {
                final BaseChain before = before(
                        chain,
                        rules.subList(0, place).stream()
                                .filter(each -> !ours.test(each.effect().target()))
                                .toList());
                return packets.stream()
                        .flatMap(packet -> walk(before, packet).steps().stream())
                        .filter(EarlierRules::decides)
                        .map(step -> step.rule().text())
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    private static BaseChain before(final BaseChain chain, final List<Rule> rules) {
        final Map<String, List<Rule>> all = new HashMap<>(chain.chains());
        all.put(chain.place().name(), rules);
        return new BaseChain(chain.place(), chain.families(), chain.point(), false, all);
    }

    private static RuleTrace walk(final BaseChain chain, final ProbePacket packet) {
        final Path path = switch (chain.point().hook()) {
            case INPUT -> Path.IN;
            case OUTPUT -> Path.OUT;
            default -> Path.ACROSS;
        };
        final Sight sight = new Sight(packet, path, Certainty.NO);
        sight.mark(Bits.UNKNOWN);
        sight.connectionMark(Bits.UNKNOWN);
        return RuleTrace.of(sight, List.of(chain), NO_QUEUES);
    }

    private static boolean decides(final Step step) {
        final Action action = step.rule().action();
        return step.reached() && (action.isFinal() || action == Action.DIVERT || action == Action.UNKNOWN);
    }
}
