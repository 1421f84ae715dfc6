package org.amverdict.firewall;

import java.util.List;
import java.util.Map;

/**
 * A chain that hangs on a hook of the kernel, with the chains it can jump to. Immutable.
 *
 * @param place which chain it is
 * @param families whose packets arrive here
 * @param point where it hangs
 * @param policyDrop packets that no rule decides are dropped
 * @param chains rules of all chains of the table
 */
public record BaseChain(
        Place place, Families families, Point point, boolean policyDrop, Map<String, List<Rule>> chains) {
    /**
     * Which chain it is.
     *
     * @param tool that showed it
     * @param table its table
     * @param name its own name
     */
    public record Place(String tool, String table, String name) {
        /** For the reader. */
        @Override
        public String toString() {
            return tool + " " + table + " " + name;
        }
    }

    /**
     * Where a chain hangs.
     *
     * @param hook of the kernel
     * @param priority lower comes first
     * @param translating only the first packet of a connection arrives here: a chain of type nat
     * @param devices of INGRESS and EGRESS: packets of these interfaces arrive here; empty if they are not known
     * @param active whether the kernel uses the chain
     */
    public record Point(Hook hook, int priority, boolean translating, List<String> devices, Certainty active) {}

    /** Hooks of the kernel that a packet of ours meets before it is delivered, forwarded or sent. */
    public enum Hook {
        INGRESS,
        PREROUTING,
        INPUT,
        FORWARD,
        OUTPUT,
        POSTROUTING,
        EGRESS
    }

    /** Whether a packet arrives here. */
    Certainty sees(final Sight sight) {
        if (!families.has(sight.packet.ipv4())) {
            return Certainty.NO;
        }
        Certainty sees = point.active;
        if (point.translating) {
            sees = sees.and(Certainty.of(sight.packet.state() == ProbePacket.State.NEW
                            || sight.packet.state() == ProbePacket.State.RELATED))
                    .and(sight.isUntracked().not());
        }
        if (point.hook == Hook.INGRESS || point.hook == Hook.EGRESS) {
            Certainty any = point.devices.isEmpty() ? Certainty.PERHAPS : Certainty.NO;
            for (final String device : point.devices) {
                any = any.or(Matches.networkInterface(point.hook == Hook.INGRESS, device, "*")
                        .of(sight));
            }
            sees = sees.and(any);
        }
        // A packet with another destination perhaps takes another path.
        final boolean routed = point.hook != Hook.INGRESS && point.hook != Hook.PREROUTING && point.hook != Hook.OUTPUT;
        return routed && Matches.isElsewhere(sight) ? sees.and(Certainty.PERHAPS) : sees;
    }

    /** The rules of the chain itself. */
    List<Rule> rules() {
        return rules(place.name());
    }

    /** The rules of a chain of its table; none if there is no such chain. */
    List<Rule> rules(final String chain) {
        return chains.getOrDefault(chain, List.of());
    }
}
