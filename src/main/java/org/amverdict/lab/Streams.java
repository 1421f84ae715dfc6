package org.amverdict.lab;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** The TCP side of the trials: listeners as a responder opens them, and attempts to reach them. */
public final class Streams {
    private Streams() {}

    /** How an attempt to connect ended. */
    public enum Outcome {
        CONNECTED,
        /** No answer in time: the SYN was dropped. */
        SILENT,
        /** A reset or an ICMP error: it got through, or something answered for the host. */
        REFUSED
    }

    /**
     * Opens a listener on {@code host}. The kernel completes connections without an accept(2).
     *
     * @param port port, 0 for any
     */
    public static ServerSocket listen(final Host host, final Family family, final int port) throws IOException {
        return host.call(() -> {
            final ServerSocket listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(host.address(family), port), 8);
            return listener;
        });
    }

    /** Connects and closes. */
    public static Outcome attempt(
            final Host from, final Host to, final Family family, final int port, final int timeoutMs)
            throws IOException {
        return attempt(from, 0, to, family, port, timeoutMs);
    }

    /**
     * Connects from a port of the caller's choice (0 for any) and closes with a reset, so that the port is free again.
     */
    public static Outcome attempt(
            final Host from,
            final int sourcePort,
            final Host to,
            final Family family,
            final int port,
            final int timeoutMs)
            throws IOException {
        try {
            connect(from, sourcePort, to, family, port, timeoutMs).close();
            return Outcome.CONNECTED;
        } catch (final SocketTimeoutException e) {
            return Outcome.SILENT;
        } catch (final ConnectException | NoRouteToHostException e) {
            return Outcome.REFUSED;
        }
    }

    /** Connects and stays connected. */
    public static Socket connect(
            final Host from, final Host to, final Family family, final int port, final int timeoutMs)
            throws IOException {
        return connect(from, 0, to, family, port, timeoutMs);
    }

    /** Connects from a port of the caller's choice (0 for any) and stays connected. */
    public static Socket connect(
            final Host from,
            final int sourcePort,
            final Host to,
            final Family family,
            final int port,
            final int timeoutMs)
            throws IOException {
        return from.call(() -> {
            final Socket socket = open(from, sourcePort, family);
            try {
                socket.connect(new InetSocketAddress(to.address(family), port), timeoutMs);
            } catch (final IOException e) {
                socket.close();
                throw e;
            }
            socket.setSoTimeout(timeoutMs);
            return socket;
        });
    }

    private static Socket open(final Host from, final int sourcePort, final Family family) throws IOException {
        final Socket socket = new Socket();
        socket.setReuseAddress(true);
        socket.setSoLinger(true, 0);
        socket.bind(new InetSocketAddress(from.address(family), sourcePort));
        return socket;
    }
}
