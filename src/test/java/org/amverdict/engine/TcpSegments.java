package org.amverdict.engine;

import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;

/**
 * Makes the segments of one connection, with the numbers of both sides. Immutable.
 *
 * @param originator address of the one who connects
 * @param start the originator's sequence number of its SYN
 * @param answer the responder's of its SYN/ACK
 */
record TcpSegments(String originator, int port, String responder, int responderPort, int start, int answer) {
    private static final byte[] NOTHING = {};
    private static final int SYN_ACK = TcpView.SYN | TcpView.ACK;

    /** The connection of an exchange to a port of its responder, as {@link Exchange} numbers it. */
    static TcpSegments of(final Exchange exchange, final int port) {
        return new TcpSegments(exchange.requester(), Exchange.CONNECTOR, exchange.responder(), port, 1000, 5000);
    }

    /** The same addresses and ports, other numbers. */
    TcpSegments startingAt(final int newStart, final int newAnswer) {
        return new TcpSegments(originator, port, responder, responderPort, newStart, newAnswer);
    }

    byte[] syn() {
        return PacketBuilder.ip(originator, responder)
                .tcp(port, responderPort, TcpView.SYN, start, 0, NOTHING, NOTHING);
    }

    byte[] synAck() {
        return PacketBuilder.ip(responder, originator)
                .tcp(responderPort, port, SYN_ACK, answer, start + 1, NOTHING, NOTHING);
    }

    /**
     * A segment of the originator.
     *
     * @param at bytes that it has sent before
     * @param received bytes of the responder that it acknowledges
     */
    byte[] forth(final int flags, final int at, final int received, final int payload) {
        return PacketBuilder.ip(originator, responder)
                .tcp(port, responderPort, flags, start + 1 + at, answer + 1 + received, NOTHING, new byte[payload]);
    }

    /** A segment of the responder, as {@link #forth}. */
    byte[] back(final int flags, final int at, final int received, final int payload) {
        return PacketBuilder.ip(responder, originator)
                .tcp(responderPort, port, flags, answer + 1 + at, start + 1 + received, NOTHING, new byte[payload]);
    }
}
