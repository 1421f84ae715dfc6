package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The rules of the host, from every tool that is installed. Immutable.
 *
 * @param chains in no order
 * @param unreadable the rules that could not be read, and why; empty if all were
 * @param tracked for which families something makes conntrack, and so defragmentation, active
 */
public record Firewall(List<BaseChain> chains, List<UnreadableRules> unreadable, Families tracked) {
    /** The chains that a packet meets at these hooks, in that order. */
    public List<BaseChain> way(final ProbePacket packet, final List<BaseChain.Hook> hooks) {
        final List<BaseChain> way = new ArrayList<>();
        for (final BaseChain.Hook hook : hooks) {
            chains.stream()
                    .filter(chain -> chain.hook() == hook && chain.isFor(packet))
                    .sorted(Comparator.comparingInt(BaseChain::priority))
                    .forEach(way::add);
        }
        return way;
    }
}
