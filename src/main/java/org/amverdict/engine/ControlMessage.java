package org.amverdict.engine;

import org.amverdict.amanda.ControlHeader;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;

/**
 * The control datagram under judgment: its header, the two ends of its exchange, and the limits in force. One per
 * engine, overwritten for every control datagram; not thread-safe.
 */
final class ControlMessage {
    final ControlHeader header = new ControlHeader();
    /** From the requester to the responder, whichever way the datagram goes. */
    final Tuple exchange = new Tuple();

    TableLimits limits;
    /** The first line of {@code allow} for the two hosts; of a datagram from the requester only. */
    int line = Policy.NO_LINE;

    ControlMessage(final TableLimits limits) {
        this.limits = limits;
    }

    /** Reads the header and reports it with the decision; false if it is not a valid one. */
    boolean readHeader(final JudgedPacket judged) {
        final int offset = judged.packet.udp().payloadOffset();
        if (!header.wrap(judged.packet.buffer(), offset, judged.packet.udp().availablePayload())) {
            return false;
        }
        judged.decision.describe(header);
        return true;
    }
}
