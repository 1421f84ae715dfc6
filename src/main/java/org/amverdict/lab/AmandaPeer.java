package org.amverdict.lab;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.amverdict.amanda.AmandaPorts;
import org.jspecify.annotations.Nullable;

/**
 * One end of the control exchange: a UDP socket on a {@link Host}, and the other end's address. As requester it has a
 * privileged port of 840 to 860, the range that Debian's Amanda uses; as responder it has port 10080. For one thread
 * at a time.
 */
public final class AmandaPeer implements AutoCloseable {
    /** Amanda's registered port. */
    public static final int CONTROL_PORT = AmandaPorts.AMANDA;

    private static final int FIRST_REQUESTER_PORT = 840;
    private static final int REQUESTER_PORTS = 21;
    private static final int DATAGRAM_BYTES_MAX = 65_535;
    /** Each peer takes the next port, as Amanda does, so that the trials do not collide in the engine's tables. */
    private static final AtomicInteger NEXT_PORT = new AtomicInteger();

    private final DatagramSocket socket;
    private @Nullable InetSocketAddress other;

    private AmandaPeer(final DatagramSocket socket, final @Nullable InetSocketAddress other) {
        this.socket = socket;
        this.other = other;
    }

    /**
     * Opens a requester on {@code host} that talks to {@code responder}.
     *
     * @throws IOException if no port of 840 to 860 is free
     */
    public static AmandaPeer requester(final Host host, final Host responder, final Family family) throws IOException {
        BindException taken = new BindException("nothing tried");
        for (int attempt = 0; attempt < REQUESTER_PORTS; attempt++) {
            final int port = FIRST_REQUESTER_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), REQUESTER_PORTS);
            try {
                return requester(host, port, responder, family);
            } catch (final BindException e) {
                taken = e;
            }
        }
        throw new IOException("no port of 840 to 860 is free on " + host.namespace(), taken);
    }

    /** Opens a requester on a given port. */
    public static AmandaPeer requester(final Host host, final int port, final Host responder, final Family family)
            throws IOException {
        final InetAddress local = host.address(family);
        final DatagramSocket socket = host.call(() -> new DatagramSocket(port, local));
        return new AmandaPeer(socket, new InetSocketAddress(responder.address(family), CONTROL_PORT));
    }

    /** Opens port 10080 on {@code host}; the sender of the first datagram becomes the other end. */
    public static AmandaPeer responder(final Host host, final Family family) throws IOException {
        return responder(host, host.address(family));
    }

    /** Opens port 10080 at any local address of {@code host}. */
    public static AmandaPeer responder(final Host host, final InetAddress local) throws IOException {
        return new AmandaPeer(host.call(() -> new DatagramSocket(CONTROL_PORT, local)), null);
    }

    /** Sets the other end, for a sender that has not received anything. */
    public void talkTo(final InetAddress address, final int port) {
        other = new InetSocketAddress(address, port);
    }

    /** Address of the other end; null while unknown. */
    public @Nullable InetAddress other() {
        return other == null ? null : other.getAddress();
    }

    /** The port at this end. */
    public int port() {
        return socket.getLocalPort();
    }

    /**
     * Sends to the other end.
     *
     * @throws IOException if the kernel refuses, or the other end is not known yet
     */
    public void send(final byte[] datagram) throws IOException {
        if (other == null) {
            throw new IOException("nothing received yet, so there is nobody to answer");
        }
        socket.send(new DatagramPacket(datagram, datagram.length, other));
    }

    /**
     * Waits for a datagram; its sender becomes the other end.
     *
     * @return the datagram, or null if none came in time
     */
    public byte @Nullable [] receive(final int timeoutMs) throws IOException {
        final DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_BYTES_MAX], DATAGRAM_BYTES_MAX);
        socket.setSoTimeout(timeoutMs);
        try {
            socket.receive(packet);
        } catch (final SocketTimeoutException e) {
            return null;
        }
        other = new InetSocketAddress(packet.getAddress(), packet.getPort());
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /** Sends {@code datagram} and says whether {@code receiver} got exactly that, and nothing before it, in time. */
    public boolean reaches(final AmandaPeer receiver, final byte[] datagram, final int timeoutMs) throws IOException {
        send(datagram);
        return Arrays.equals(datagram, receiver.receive(timeoutMs));
    }

    @Override
    public void close() {
        socket.close();
    }
}
