package org.amverdict.engine;

import org.amverdict.packet.PacketView;
import org.amverdict.policy.Policy;

/** Which part of the decision table a decoded packet belongs to. Stateless. */
final class Classifier {
    static final int OTHER = 0;
    /** UDP to a control port. */
    static final int FROM_REQUESTER = 1;
    /** UDP from a control port. */
    static final int FROM_RESPONDER = 2;

    static final int TCP = 3;
    static final int LATER_FRAGMENT = 4;
    static final int ICMP_ERROR = 5;
    /** UDP to or from a control port that holds more than one datagram. */
    static final int MERGED = 6;

    private Classifier() {}

    /** @param flags of {@link PacketBatch} */
    static int classify(final PacketView packet, final int flags, final Policy policy) {
        if (packet.laterFragment()) {
            return (flags & PacketBatch.MERGED) == 0 ? LATER_FRAGMENT : MERGED;
        }
        if (!packet.unicastDestination()) {
            return OTHER;
        }
        if (packet.protocol() == PacketView.PROTOCOL_TCP) {
            return TCP;
        }
        if (packet.protocol() == (packet.ipv6() ? PacketView.PROTOCOL_ICMPV6 : PacketView.PROTOCOL_ICMP)) {
            return packet.icmp().error() ? ICMP_ERROR : OTHER;
        }
        if (packet.protocol() != PacketView.PROTOCOL_UDP) {
            return OTHER;
        }
        final boolean toControl = policy.isControlPort(packet.destinationPort());
        final boolean fromControl = policy.isControlPort(packet.sourcePort());
        if (toControl == fromControl) {
            // Both: requesters use privileged ports, so this is not Amanda (amanda-protocol.md 9.6).
            return OTHER;
        }
        if ((flags & PacketBatch.MERGED) != 0) {
            return MERGED;
        }
        return toControl ? FROM_REQUESTER : FROM_RESPONDER;
    }
}
