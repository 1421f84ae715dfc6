package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.amverdict.firewall.BaseChain.Hook;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.firewall.ProbePacket.State;

/**
 * The rules of the host, from every tool that is installed. Immutable.
 *
 * @param chains in no order
 * @param unreadable the rules that could not be read, and why; empty if all were
 * @param tracked for which families something makes conntrack, and so defragmentation, active
 */
public record Firewall(List<BaseChain> chains, List<UnreadableRules> unreadable, Families tracked) {
    /** What the rules do with a packet on its path through this host. */
    public RuleTrace trace(final ProbePacket packet, final Path path, final OwnQueues queues) {
        return trace(packet, path, queues, false);
    }

    /** The same, of a packet that the program has left to the other rules: it comes once more, with that mark. */
    public RuleTrace traceLeft(final ProbePacket packet, final Path path, final OwnQueues queues) {
        return trace(packet, path, queues, true);
    }

    private RuleTrace trace(final ProbePacket packet, final Path path, final OwnQueues queues, final boolean left) {
        // Which rule gave a connection its destination cannot be seen from its later packets.
        final boolean perhapsTranslated = packet.state() == State.ESTABLISHED && translates(packet.ipv4());
        final Certainty translated = Certainty.of(perhapsTranslated).butPerhapsNot(true);
        final List<BaseChain> way = way(packet, path.hooks(), false);
        final RuleTrace trace =
                RuleTrace.of(sight(packet, path, translated, left ? queues.continued() : 0, queues), way, queues);
        final List<BaseChain> otherWay = way(packet, path.hooks(), true);
        if (!places(way).equals(places(otherWay))) {
            trace.otherwise(RuleTrace.of(
                    sight(packet, path, translated, left ? queues.continued() : 0, queues), otherWay, queues));
        }
        return trace;
    }

    private static Sight sight(
            final ProbePacket packet,
            final Path path,
            final Certainty translated,
            final long mark,
            final OwnQueues queues) {
        final Sight sight = new Sight(packet, path, translated);
        sight.mark(Bits.of(mark));
        if (packet.state() != State.NEW) {
            // The first packet was accepted, not left to others.
            sight.connectionMark(new Bits(0, queues.continued()));
        }
        return sight;
    }

    /**
     * The chains of a family at these hooks, in that order.
     *
     * @param isLater whether of chains of one priority the later one in the list comes first: the kernel keeps the order in
     *     which they were made, which no tool prints
     */
    private List<BaseChain> way(final ProbePacket packet, final List<Hook> hooks, final boolean isLater) {
        final List<BaseChain> way = new ArrayList<>(chains);
        if (isLater) {
            Collections.reverse(way);
        }
        way.removeIf(chain -> !chain.families().has(packet.ipv4())
                || !hooks.contains(chain.point().hook()));
        // Equal ones stay in their order.
        way.sort(Comparator.<BaseChain>comparingInt(
                        chain -> hooks.indexOf(chain.point().hook()))
                .thenComparingInt(chain -> chain.point().priority()));
        return way;
    }

    private static List<BaseChain.Place> places(final List<BaseChain> way) {
        return way.stream().map(BaseChain::place).toList();
    }

    /** Whether a rule for this family gives connections other destinations, or perhaps does so. */
    boolean translates(final boolean ipv4) {
        return chains.stream()
                .filter(chain -> chain.families().has(ipv4) && chain.point().translating())
                .flatMap(chain -> chain.chains().values().stream())
                .flatMap(List::stream)
                .anyMatch(rule -> switch (rule.action()) {
                    case TRANSLATE, DIVERT, UNKNOWN -> true;
                    default -> false;
                });
    }
}
