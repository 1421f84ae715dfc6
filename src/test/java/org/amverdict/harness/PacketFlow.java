package org.amverdict.harness;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;

/**
 * The same control datagram again and again from one host to another, at a steady rate, and how many arrive. An
 * engine that judges it accepts each. Any thread.
 */
public final class PacketFlow implements AutoCloseable {
    private static final int CONTROL_PORT = 10_080;
    private static final int REQUESTER_PORT = 850;
    private static final int BUFFER_BYTES = 1 << 26;
    private static final int SILENCE_MILLIS = 1_000;
    private static final int DATAGRAM_MAX = 2_048;

    private final byte[] datagram;
    private final int perSecond;
    private final DatagramSocket from;
    private final DatagramSocket to;
    private final Thread sender = new Thread(this::send, "flow-sender");
    private final Thread receiver = new Thread(this::receive, "flow-receiver");
    private volatile boolean ending;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private volatile long longestGapNanos;

    /** Begins. */
    public PacketFlow(final Host source, final Host destination, final byte[] datagram, final int perSecond)
            throws IOException {
        this.datagram = datagram.clone();
        this.perSecond = perSecond;
        to = destination.call(() -> {
            final DatagramSocket socket = new DatagramSocket(null);
            socket.setReceiveBufferSize(BUFFER_BYTES);
            socket.bind(new InetSocketAddress(destination.address(Family.IPV4), CONTROL_PORT));
            socket.setSoTimeout(SILENCE_MILLIS);
            return socket;
        });
        from = source.call(() -> {
            final DatagramSocket socket =
                    new DatagramSocket(new InetSocketAddress(source.address(Family.IPV4), REQUESTER_PORT));
            socket.connect(new InetSocketAddress(destination.address(Family.IPV4), CONTROL_PORT));
            return socket;
        });
        receiver.start();
        sender.start();
    }

    private void send() {
        final DatagramPacket packet = new DatagramPacket(datagram, datagram.length);
        final long beginNanos = System.nanoTime();
        final double nanosEach = (double) TimeUnit.SECONDS.toNanos(1) / perSecond;
        try {
            while (!ending) {
                final long due = (long) ((System.nanoTime() - beginNanos) / nanosEach);
                while (sent.get() < due && !ending) {
                    from.send(packet);
                    sent.incrementAndGet();
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        } catch (final IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void receive() {
        final DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_MAX], DATAGRAM_MAX);
        long lastNanos = System.nanoTime();
        while (true) {
            try {
                to.receive(packet);
                final long nowNanos = System.nanoTime();
                longestGapNanos = Math.max(longestGapNanos, nowNanos - lastNanos);
                lastNanos = nowNanos;
                received.incrementAndGet();
            } catch (final SocketTimeoutException e) {
                if (ending) {
                    return;
                }
            } catch (final IOException e) {
                return;
            }
        }
    }

    public long sent() {
        return sent.get();
    }

    public long received() {
        return received.get();
    }

    /** The longest time between two that arrived, and forgets it. */
    public double takeLongestGapMillis() {
        final long nanos = longestGapNanos;
        longestGapNanos = 0;
        return nanos / 1e6;
    }

    /** Stops sending, and waits until nothing arrives any more. */
    public void finish() throws IOException {
        ending = true;
        try {
            sender.join();
            receiver.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        finish();
        from.close();
        to.close();
    }
}
