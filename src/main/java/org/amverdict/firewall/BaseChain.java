package org.amverdict.firewall;

import java.util.List;
import java.util.Map;

/**
 * A chain that hangs on a hook of the kernel, with the chains it can jump to. Immutable.
 *
 * @param tool that showed it
 * @param table its table
 * @param name its own name
 * @param ipv4 whether IPv4 packets come here
 * @param ipv6 whether IPv6 packets come here
 * @param hook where it hangs
 * @param priority lower comes first
 * @param policyDrop what no rule decides is dropped
 * @param chains rules of all chains of the table
 */
public record BaseChain(
        String tool,
        String table,
        String name,
        boolean ipv4,
        boolean ipv6,
        Hook hook,
        int priority,
        boolean policyDrop,
        Map<String, List<Rule>> chains) {
    /** Hooks of the kernel that a packet of ours meets before it is delivered, forwarded or sent. */
    public enum Hook {
        PREROUTING,
        INPUT,
        FORWARD,
        OUTPUT
    }

    boolean isFor(final ProbePacket packet) {
        return packet.ipv4() ? ipv4 : ipv6;
    }

    /** For the reader. */
    public String where() {
        return tool + " " + table + " " + name;
    }
}
