package org.amverdict.probe;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.MessageType;
import org.amverdict.policy.PortSet;
import org.amverdict.probe.ProbeResult.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * One noop exchange: REQ, ACK, REP, ACK, as Amanda's server begins each night with every client (common-src/protocol.c). The
 * request is sent three times within the time limit. The first two times the socket is connected, so that ICMP errors are
 * seen; the last time it is not, so that an answer from another address of the client is seen too. For one thread.
 */
public final class NoopProbe {
    private static final int SENDINGS = 3;
    private static final int DATAGRAM_BYTES_MAX = 65_535;
    /** Feature set of Amanda 3.5.1. */
    private static final String FEATURES = "ffffffff9efefbfffffffffffffff3fffbf71f";

    private static final long WORD = 0xffff_ffffL;

    private final InetSocketAddress client;
    private final byte[] request;
    private final byte[] ack;
    private final String names;
    private final long limitMs;
    private boolean acknowledged;

    /**
     * A probe that was not sent yet.
     *
     * @param client address and control port
     * @param login the user in the request, whom the client's .amandahosts must name
     * @param limitMs how long to wait for the REP
     */
    public NoopProbe(final InetSocketAddress client, final String login, final long limitMs) {
        this.client = client;
        this.limitMs = limitMs;
        // As security-util.c makes a handle; the time tells one probe from the next.
        final long number = System.currentTimeMillis();
        names = "HANDLE 000-" + String.format(Locale.ROOT, "%08x", number & WORD) + " SEQ " + number / 1000;
        request = datagram("REQ", "SECURITY USER " + login + "\nSERVICE noop\nOPTIONS features=" + FEATURES + ";\n");
        ack = datagram("ACK", "");
    }

    private byte[] datagram(final String type, final String body) {
        return ("Amanda 3.5 " + type + " " + names + "\n" + body).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Sends the request and waits for what becomes of it.
     *
     * @param ports source ports that the client trusts; the first free one is taken
     * @throws BindException if no port is free, or this user may not take them
     * @throws IOException for trouble with the socket itself
     */
    public ProbeResult run(final PortSet ports) throws IOException {
        final long before = System.nanoTime();
        try (DatagramSocket socket = open(ports)) {
            for (int sending = 1; sending <= SENDINGS; sending++) {
                final boolean last = sending == SENDINGS;
                if (last) {
                    socket.disconnect();
                } else if (!socket.isConnected()) {
                    socket.connect(client);
                }
                final ProbeResult result = once(socket, before, limitMs * sending / SENDINGS);
                if (result != null) {
                    return result;
                }
            }
        }
        return result(acknowledged ? Outcome.ACKNOWLEDGED : Outcome.SILENT, before, "");
    }

    private static DatagramSocket open(final PortSet ports) throws IOException {
        BindException taken = new BindException("no port");
        for (int range = 0; range < ports.rangeCount(); range++) {
            for (int port = ports.first(range); port <= ports.last(range); port++) {
                try {
                    return new DatagramSocket(port);
                } catch (final BindException e) {
                    if (String.valueOf(e.getMessage()).contains("ermission")) {
                        throw e;
                    }
                    taken = e;
                }
            }
        }
        throw taken;
    }

    /** Sends once and waits until that time after the start; null if nothing has come that ends the probe. */
    private @Nullable ProbeResult once(final DatagramSocket socket, final long before, final long untilMs)
            throws IOException {
        try {
            socket.send(new DatagramPacket(request, request.length, client));
            while (true) {
                final long leftMs = untilMs - elapsedMs(before);
                if (leftMs <= 0) {
                    return null;
                }
                socket.setSoTimeout((int) leftMs);
                final DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_BYTES_MAX], DATAGRAM_BYTES_MAX);
                socket.receive(packet);
                final ProbeResult result = judged(socket, packet, before);
                if (result != null) {
                    return result;
                }
            }
        } catch (final SocketTimeoutException e) {
            return null;
        } catch (final PortUnreachableException e) {
            return result(Outcome.NOBODY_LISTENS, before, "");
        } catch (final IOException e) {
            final String why = String.valueOf(e.getMessage());
            if (why.contains("route") || why.contains("unreachable") || why.contains("not permitted")) {
                return result(Outcome.UNREACHABLE, before, why);
            }
            throw e;
        }
    }

    private @Nullable ProbeResult judged(final DatagramSocket socket, final DatagramPacket packet, final long before)
            throws IOException {
        final ControlHeader header = new ControlHeader();
        final String text = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        final InetAddress from = packet.getAddress();
        final boolean amanda = header.wrap(Unpooled.wrappedBuffer(packet.getData()), 0, packet.getLength());
        final boolean same = from.equals(client.getAddress());
        if (!amanda) {
            return same ? result(Outcome.NOT_AMANDA, before, text) : null;
        }
        final int lineEnd = text.indexOf('\n');
        if (!text.substring(0, lineEnd).endsWith(names)) {
            return null; // an answer to an earlier probe from this port
        }
        if (!same) {
            return result(Outcome.OTHER_ADDRESS, before, from.getHostAddress());
        }
        if (header.type() == MessageType.ACK) {
            acknowledged = true;
            return null;
        }
        if (header.type() == MessageType.PREP || header.type() == MessageType.REQ) {
            return null;
        }
        final String body = text.substring(lineEnd + 1).strip();
        if (header.type() == MessageType.REP) {
            socket.send(new DatagramPacket(ack, ack.length, client));
        }
        return result(isRefusal(header.type(), body) ? Outcome.REFUSED : Outcome.ANSWERED, before, body);
    }

    /** Amanda before 2.4.3 knows no noop and says so: as good an answer as any. */
    private static boolean isRefusal(final MessageType type, final String body) {
        return type == MessageType.NAK ? !body.contains("unknown service") : body.startsWith("ERROR");
    }

    private static ProbeResult result(final Outcome outcome, final long before, final String text) {
        return new ProbeResult(outcome, elapsedMs(before), text);
    }

    private static long elapsedMs(final long before) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
    }
}
