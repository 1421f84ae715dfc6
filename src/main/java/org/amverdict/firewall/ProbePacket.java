package org.amverdict.firewall;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.firewall.BaseChain.Hook;
import org.amverdict.policy.HostPrefix;

/**
 * A hypothetical packet, which is traced through the rules as they were read. Immutable.
 *
 * @param what for the reader
 * @param source the sender
 * @param destination the receiver
 * @param tcp otherwise UDP
 * @param state its conntrack state; a new TCP packet is a SYN
 * @param links the interfaces that it passes
 */
public record ProbePacket(String what, End source, End destination, boolean tcp, State state, Links links) {
    /** A packet that passes interfaces that are not known. */
    public ProbePacket(
            final String what, final End source, final End destination, final boolean tcp, final State state) {
        this(what, source, destination, tcp, state, Links.UNKNOWN);
    }

    /**
     * One end of it. Where several addresses or ports are named the packet stands for any of them, and a condition that
     * only some of them fulfil is a perhaps.
     *
     * @param host one address or a prefix
     * @param ports one of these
     */
    public record End(HostPrefix host, Range ports) {
        /** One port, 1 to 65535. */
        public End(final HostPrefix host, final int port) {
            this(host, new Range(port, port));
        }

        @Override
        public String toString() {
            return host + " port " + ports;
        }
    }

    /** Of conntrack. */
    public enum State {
        NEW,
        ESTABLISHED,
        RELATED
    }

    /**
     * The interfaces that a packet passes: those that routes lead to.
     *
     * @param in one of these; empty if that is not known
     * @param out one of these; empty if that is not known
     */
    public record Links(SortedSet<String> in, SortedSet<String> out) {
        static final Links UNKNOWN = new Links(new TreeSet<>(), new TreeSet<>());
    }

    /** Where a packet passes in this host, with the hooks that it meets in that order. */
    public enum Path {
        /** To this host. */
        IN,
        /** From this host. */
        OUT,
        /** Through this host. */
        ACROSS;

        List<Hook> hooks() {
            return switch (this) {
                case IN -> List.of(Hook.INGRESS, Hook.PREROUTING, Hook.INPUT);
                case OUT -> List.of(Hook.OUTPUT, Hook.POSTROUTING, Hook.EGRESS);
                case ACROSS -> List.of(Hook.INGRESS, Hook.PREROUTING, Hook.FORWARD, Hook.POSTROUTING, Hook.EGRESS);
            };
        }
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
