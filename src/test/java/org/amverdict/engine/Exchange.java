package org.amverdict.engine;

import java.util.List;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;

/**
 * Makes the packets of one control exchange and of the connections after it. Immutable; the {@code with} methods give an
 * exchange that differs in one thing.
 */
record Exchange(
        String requester,
        int requesterPort,
        String responder,
        int responderPort,
        String service,
        String handle,
        String sequence) {
    /** Requester's port of its connections: Amanda uses the same one for all. */
    static final int CONNECTOR = 50_000;

    static final String OPTIONS = "OPTIONS features=" + EngineFixture.FEATURES + ";\n";

    /** Of server and client, over IPv4. */
    static Exchange of(final String service) {
        return new Exchange(
                EngineFixture.SERVER,
                EngineFixture.REQUESTER_PORT,
                EngineFixture.CLIENT,
                EngineFixture.CONTROL,
                service,
                "000-00000000",
                "1795174338");
    }

    /** The same between the IPv6 addresses of server and client. */
    Exchange overIpv6() {
        return withHosts(EngineFixture.SERVER6, EngineFixture.CLIENT6);
    }

    Exchange withHosts(final String newRequester, final String newResponder) {
        return new Exchange(newRequester, requesterPort, newResponder, responderPort, service, handle, sequence);
    }

    Exchange withPorts(final int newRequesterPort, final int newResponderPort) {
        return new Exchange(requester, newRequesterPort, responder, newResponderPort, service, handle, sequence);
    }

    Exchange withService(final String newService) {
        return new Exchange(requester, requesterPort, responder, responderPort, newService, handle, sequence);
    }

    Exchange withNames(final String newHandle, final String newSequence) {
        return new Exchange(requester, requesterPort, responder, responderPort, service, newHandle, newSequence);
    }

    /** A datagram of the requester with this message type and body. */
    byte[] fromRequester(final String type, final String body) {
        return EngineFixture.udp(
                requester,
                requesterPort,
                responder,
                responderPort,
                EngineFixture.message(type, handle, sequence, body));
    }

    /** A datagram of the responder with this message type and body. */
    byte[] fromResponder(final String type, final String body) {
        return EngineFixture.udp(
                responder,
                responderPort,
                requester,
                requesterPort,
                EngineFixture.message(type, handle, sequence, body));
    }

    byte[] request() {
        return fromRequester("REQ", EngineFixture.requestBody(service));
    }

    /** The requester's ACK of a reply. */
    byte[] acknowledgement() {
        return fromRequester("ACK", "");
    }

    /** A REP with this line and OPTIONS behind it. */
    byte[] reply(final String connectLine) {
        return fromResponder("REP", connectLine + "\n" + OPTIONS);
    }

    /** A TCP packet of the requester to a port of the responder. */
    byte[] tcp(final int port, final int flags) {
        return EngineFixture.tcp(requester, CONNECTOR, responder, port, flags);
    }

    /** A TCP packet of the responder's port to the requester. */
    byte[] tcpBack(final int port, final int flags) {
        return EngineFixture.tcp(responder, port, requester, CONNECTOR, flags);
    }

    byte[] syn(final int port) {
        return tcp(port, TcpView.SYN);
    }

    byte[] synFrom(final int sourcePort, final int port) {
        return EngineFixture.tcp(requester, sourcePort, responder, port, TcpView.SYN);
    }

    byte[] tcpWithData(final int port, final int flags) {
        return PacketBuilder.ip(requester, responder).tcp(CONNECTOR, port, flags, new byte[8]);
    }

    /** The SYN/ACK that answers {@link #syn}, with the numbers that fit. */
    byte[] synAck(final int port) {
        return PacketBuilder.ip(responder, requester)
                .tcp(port, CONNECTOR, TcpView.SYN | TcpView.ACK, 5000, 1001, new byte[0], new byte[0]);
    }

    /** A segment of the requester that follows {@link #synAck}, with data. */
    byte[] data(final int port, final int sequence, final int length) {
        return PacketBuilder.ip(requester, responder)
                .tcp(CONNECTOR, port, TcpView.ACK, sequence, 5001, new byte[0], new byte[length]);
    }

    /** A router says to the sender of {@code quoted} that it cannot be delivered; the code is that for a port. */
    static byte[] unreachable(final String router, final String sender, final byte[] quoted) {
        final boolean six = sender.indexOf(':') >= 0;
        return PacketBuilder.icmpError(router, sender, six ? 1 : 3, six ? 4 : 3, quoted);
    }

    /** The responder says so of a packet of the requester. */
    byte[] unreachableForRequester(final byte[] quoted) {
        return unreachable(responder, requester, quoted);
    }

    /** The requester says so of a packet of the responder. */
    byte[] unreachableForResponder(final byte[] quoted) {
        return unreachable(requester, responder, quoted);
    }

    static List<byte[]> fragments(final byte[] packet) {
        return PacketBuilder.fragments(packet, 600);
    }
}
