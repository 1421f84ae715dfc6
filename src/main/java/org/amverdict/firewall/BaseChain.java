package org.amverdict.firewall;

import java.util.List;
import java.util.Map;

/**
 * A chain that hangs on a hook of the kernel, with the chains it can jump to. Immutable.
 *
 * @param place which chain it is
 * @param families whose packets arrive here
 * @param hook where it hangs
 * @param priority lower comes first
 * @param policyDrop packets that no rule decides are dropped
 * @param chains rules of all chains of the table
 */
public record BaseChain(
        Place place, Families families, Hook hook, int priority, boolean policyDrop, Map<String, List<Rule>> chains) {
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

    /** Hooks of the kernel that a packet of ours meets before it is delivered, forwarded or sent. */
    public enum Hook {
        PREROUTING,
        INPUT,
        FORWARD,
        OUTPUT
    }

    boolean isFor(final ProbePacket packet) {
        return families.has(packet.ipv4());
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
