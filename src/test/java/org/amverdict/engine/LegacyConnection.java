package org.amverdict.engine;

import java.nio.charset.StandardCharsets;
import org.amverdict.amanda.Example;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;

/**
 * The packets of one connection of old amrecover; places in the text of each side count from 0. Immutable.
 *
 * @param clientStart the client's initial sequence number; close below 2^32 so that it wraps
 */
record LegacyConnection(
        String client, int clientPort, String server, int serverPort, int clientStart, int serverStart) {
    static final String CLIENT_TEXT = Example.of("E30").text();
    static final String SERVER_TEXT = Example.of("E31").text();
    /** Of the line in {@link #SERVER_TEXT}. */
    static final int PORT = 50_093;

    private static final byte[] NOTHING = {};

    static LegacyConnection of(final boolean ipv6) {
        return new LegacyConnection(
                ipv6 ? EngineFixture.CLIENT6 : EngineFixture.CLIENT,
                517,
                ipv6 ? EngineFixture.SERVER6 : EngineFixture.SERVER,
                10_083,
                -100,
                -20);
    }

    /** The policy of {@link EngineFixture#policy()}, with legacy recovery by the clients, and these ports of its data. */
    static Policy policy(final PortSet streamPorts, final PortSet controlPorts, final StaticRange... statics) {
        return EngineFixture.policy(
                Policy.of(java.util.List.of(
                        allowance("four", EngineFixture.CLIENT, EngineFixture.SERVER, streamPorts),
                        allowance("six", EngineFixture.CLIENT6, EngineFixture.SERVER6, streamPorts))),
                controlPorts,
                statics);
    }

    static Policy policy() {
        return policy(Policy.DEFAULT_STREAM_PORTS, Policy.DEFAULT_CONTROL_PORTS);
    }

    private static Allowance allowance(
            final String name, final String requester, final String responder, final PortSet streamPorts) {
        return new Allowance(name, HostSet.of(requester), HostSet.of(responder), 0, streamPorts, true);
    }

    LegacyConnection withHosts(final String newClient, final String newServer) {
        return new LegacyConnection(newClient, clientPort, newServer, serverPort, clientStart, serverStart);
    }

    LegacyConnection withPorts(final int newClientPort, final int newServerPort) {
        return new LegacyConnection(client, newClientPort, server, newServerPort, clientStart, serverStart);
    }

    LegacyConnection withStart(final int newClientStart, final int newServerStart) {
        return new LegacyConnection(client, clientPort, server, serverPort, newClientStart, newServerStart);
    }

    byte[] fromClient(final int flags, final int at, final int acknowledged, final String text) {
        return PacketBuilder.ip(client, server)
                .tcp(clientPort, serverPort, flags, clientStart + 1 + at, acknowledged, NOTHING, bytes(text));
    }

    byte[] fromServer(final int flags, final int at, final int acknowledged, final String text) {
        return PacketBuilder.ip(server, client)
                .tcp(serverPort, clientPort, flags, serverStart + 1 + at, acknowledged, NOTHING, bytes(text));
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    byte[] syn() {
        return fromClient(TcpView.SYN, -1, 0, "");
    }

    byte[] synAck() {
        return fromServer(TcpView.SYN | TcpView.ACK, -1, clientStart + 1, "");
    }

    /** A segment of the client that acknowledges no text. */
    byte[] client(final int at, final String text) {
        return fromClient(TcpView.ACK, at, serverStart + 1, text);
    }

    /** A segment of the server that acknowledges no text. */
    byte[] server(final int at, final String text) {
        return fromServer(TcpView.ACK, at, clientStart + 1, text);
    }

    /** A SYN to fetch the data. */
    byte[] dataSyn(final int sourcePort, final int port) {
        return PacketBuilder.ip(client, server).tcp(sourcePort, port, TcpView.SYN, NOTHING);
    }
}
