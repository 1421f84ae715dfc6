package org.amverdict.firewall;

import org.amverdict.policy.HostPrefix;

/**
 * A hypothetical packet, which is traced through the rules as they were read. Immutable.
 *
 * @param what for the reader
 * @param source the sender
 * @param destination the receiver
 * @param tcp otherwise UDP
 * @param state its conntrack state; a new TCP packet is a SYN
 */
public record ProbePacket(String what, End source, End destination, boolean tcp, State state) {
    /**
     * One end of it.
     *
     * @param host one address
     * @param port 1 to 65535
     */
    public record End(HostPrefix host, int port) {
        @Override
        public String toString() {
            return host + " port " + port;
        }
    }

    /** Of conntrack. */
    public enum State {
        NEW,
        ESTABLISHED,
        RELATED
    }

    boolean ipv4() {
        return source.host().isIpv4();
    }

    String protocol() {
        return tcp ? "tcp" : "udp";
    }

    @Override
    public String toString() {
        return what + " (" + source + " to " + destination + "/" + protocol() + ", " + state + ")";
    }
}
