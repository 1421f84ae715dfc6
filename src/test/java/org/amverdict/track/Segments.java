package org.amverdict.track;

import org.amverdict.amanda.StreamName;
import org.amverdict.packet.TcpView;

/** What tests hand to the flow table. */
final class Segments {
    private Segments() {}

    static Segment of(
            final int flags,
            final int sequence,
            final int acknowledgement,
            final int payload,
            final int bytes,
            final int inInterface,
            final int outInterface) {
        final Segment segment = new Segment().sides(InterfacePair.of(inInterface, outInterface));
        segment.flags = flags;
        segment.sequence = sequence;
        segment.acknowledgement = acknowledgement;
        segment.payload = payload;
        segment.bytes = bytes;
        return segment;
    }

    static Segment syn(final int sequence, final long sides, final int bytes) {
        return of(
                TcpView.SYN,
                sequence,
                0,
                0,
                bytes,
                InterfacePair.requesterSide(sides),
                InterfacePair.responderSide(sides));
    }

    /** The expectation that a SYN has taken. */
    static Taken taken(final StreamName stream, final long owner, final long armedUntilNanos) {
        final Taken taken = new Taken();
        taken.stream = stream;
        taken.owner = owner;
        taken.armedUntilNanos = armedUntilNanos;
        return taken;
    }

    /** A flow that was just followed. */
    static Followed ending(final long flowEndNanos) {
        final Followed followed = new Followed();
        followed.flowEndNanos = flowEndNanos;
        return followed;
    }
}
