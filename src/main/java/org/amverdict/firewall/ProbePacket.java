package org.amverdict.firewall;

import org.amverdict.policy.HostPrefix;

/**
 * A packet that is only thought of: it is walked through the rules as they were read. Immutable.
 *
 * @param what for the reader
 * @param source one address
 * @param destination one address
 * @param tcp else UDP
 * @param sourcePort 1 to 65535
 * @param destinationPort 1 to 65535
 * @param state what conntrack says about it; a new TCP packet is a SYN
 */
public record ProbePacket(
        String what,
        HostPrefix source,
        HostPrefix destination,
        boolean tcp,
        int sourcePort,
        int destinationPort,
        State state) {
    /** Of conntrack. */
    public enum State {
        NEW,
        ESTABLISHED,
        RELATED
    }

    boolean ipv4() {
        return source.isIpv4();
    }

    String protocol() {
        return tcp ? "tcp" : "udp";
    }

    @Override
    public String toString() {
        return what + " (" + source + " port " + sourcePort + " to " + destination + " port " + destinationPort + "/"
                + protocol() + ", " + state + ")";
    }
}
