package org.amverdict.rules;

import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;

/**
 * The requested kind of rule set. Immutable.
 *
 * @param at where the rules belong
 * @param placement how much is queued
 * @param bypass accept instead of dropping while no program listens on the queue
 * @param fanout how packets spread over the queues of a range
 * @param except ports, on either side, whose packets are left to other rules; null for none
 * @param passMark mark bits that a packet gets before it is queued or accepted, 0 for none; nft only
 */
public record RuleOptions(
        At at,
        Placement placement,
        boolean bypass,
        Fanout fanout,
        @Nullable PortSet except,
        long passMark) {
    /** Which chains. */
    public enum At {
        /** A router between the hosts: FORWARD. */
        FORWARD("forward"),
        /** On a host that is backed up: INPUT and OUTPUT. */
        CLIENT("client"),
        /** On the backup server: INPUT and OUTPUT. */
        SERVER("server"),
        /** On a router that is itself backed up, or the backup server: all three. */
        EVERYWHERE("everywhere");

        private final String label;

        At(final String label) {
            this.label = label;
        }

        /** Name on the command line. */
        public String label() {
            return label;
        }
    }

    /** How packets spread over the queues of a range. */
    public enum Fanout {
        /** By host pair: a connection keeps to one queue. */
        HOST_PAIR,
        /** By the processor that handles the packet. */
        PROCESSOR
    }

    /** How much of the traffic between the hosts is queued. */
    public enum Placement {
        /** Control datagrams and TCP that is not established; conntrack carries the rest. */
        GATE("gate"),
        /** All UDP and TCP. */
        INLINE("inline"),
        /** All UDP, and TCP until the connection has the mark of its stream. */
        OFFLOAD("offload");

        private final String label;

        Placement(final String label) {
            this.label = label;
        }

        /** Name on the command line. */
        public String label() {
            return label;
        }
    }
}
