package org.amverdict.track;

import org.amverdict.packet.PacketView;
import org.amverdict.packet.TcpView;

/**
 * What a flow needs from a TCP segment besides its {@link org.amverdict.packet.Tuple}. A mutable value, one per worker,
 * refilled for each packet, so that none is allocated; not thread-safe.
 */
public final class Segment {
    int flags;
    int sequence;
    int acknowledgement;
    /** Bytes of TCP payload. */
    int payload;
    /** Length of the IP packet. */
    int bytes;
    /** {@link InterfacePair} that it goes between, as of a packet of the requester. */
    private long forth;

    /** What the packet is. */
    public Segment set(final PacketView packet) {
        final TcpView tcp = packet.tcp();
        flags = tcp.flags();
        sequence = tcp.sequence();
        acknowledgement = tcp.acknowledgement();
        payload = tcp.payloadLength();
        bytes = packet.totalLength();
        return this;
    }

    /** Between which interfaces it goes, {@link InterfacePair} as of a packet of the requester. */
    public Segment sides(final long pair) {
        forth = pair;
        return this;
    }

    /** Where the packet came in, 0 if not known. */
    int inInterface() {
        return InterfacePair.requesterSide(forth);
    }

    /** Where it will go out, 0 if not known. */
    int outInterface() {
        return InterfacePair.responderSide(forth);
    }

    /** Whether it has one of these flags. */
    boolean has(final int some) {
        return (flags & some) != 0;
    }

    /** Whether it is the SYN of an originator. */
    boolean isPlainSyn() {
        return (flags & (TcpView.SYN | TcpView.ACK)) == TcpView.SYN;
    }

    /** The sequence number after its payload and its FIN. */
    int end() {
        return sequence + payload + (flags & TcpView.FIN);
    }

    /** Whether the interfaces tell the two sides apart. */
    boolean apart() {
        return inInterface() != outInterface();
    }

    /** {@link InterfacePair} of this segment's connection. */
    long sides(final boolean reply) {
        return reply ? InterfacePair.reversed(forth) : forth;
    }
}
