package org.amverdict.firewall;

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
        // Which rule gave a connection its destination cannot be seen from its later packets.
        final boolean perhapsTranslated = packet.state() == State.ESTABLISHED && translates(packet.ipv4());
        final Sight sight = new Sight(packet, path, Certainty.of(perhapsTranslated, true));
        return RuleTrace.of(sight, way(packet, path.hooks()), queues);
    }

    /** The chains of a family at these hooks, in that order. */
    private List<BaseChain> way(final ProbePacket packet, final List<Hook> hooks) {
        return chains.stream()
                .filter(chain -> chain.families().has(packet.ipv4())
                        && hooks.contains(chain.point().hook()))
                .sorted(Comparator.<BaseChain>comparingInt(
                                chain -> hooks.indexOf(chain.point().hook()))
                        .thenComparingInt(chain -> chain.point().priority()))
                .toList();
    }

    private boolean translates(final boolean ipv4) {
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
