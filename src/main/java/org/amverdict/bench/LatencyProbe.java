package org.amverdict.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Host;

/**
 * One thread with a socket at either end, so that one clock times the path between them. It polls for the packet
 * without sleeping: it measures the path, not its own wake-up. One thread.
 */
final class LatencyProbe implements AutoCloseable {
    /** Packets per second; one is on its way at a time. */
    static final int RATE = 2_000;
    /** Unlike those of {@link ControlTraffic}. */
    static final int REQUESTER_PORT = 900;
    /** {@link #poll}: it is still on its way. */
    static final long UNDERWAY = -1;
    /** {@link #poll}: it did not arrive within 200 ms. */
    static final long LOST = -2;

    static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1) / RATE;
    private static final long LOST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int MESSAGES = 1_024;
    private static final int DATAGRAM_BYTES_MAX = 2_048;

    private final DatagramChannel requester;
    private final DatagramChannel responder;
    private final ByteBuffer[] messages = new ByteBuffer[MESSAGES];
    private final ByteBuffer received = ByteBuffer.allocateDirect(DATAGRAM_BYTES_MAX);
    private int next;
    private ByteBuffer message;
    private long start;

    private LatencyProbe(final DatagramChannel requester, final DatagramChannel responder) {
        this.requester = requester;
        this.responder = responder;
        for (int i = 0; i < MESSAGES; i++) {
            final byte[] text = AmandaMessages.noop(AmandaMessages.Transaction.number(i));
            messages[i] = ByteBuffer.allocateDirect(text.length).put(text).flip();
        }
        message = messages[0];
    }

    /** Opens a socket on each host, each connected to the other; they stay open when the hosts are closed. */
    static LatencyProbe open(final Host generator, final Host device) throws IOException {
        final InetSocketAddress from = new InetSocketAddress(BenchNetwork.GENERATOR_ADDRESS, REQUESTER_PORT);
        final InetSocketAddress to = new InetSocketAddress(BenchNetwork.DEVICE_ADDRESS, AmandaPeer.CONTROL_PORT);
        final DatagramChannel responder = connect(device, to, from);
        try {
            return new LatencyProbe(connect(generator, from, to), responder);
        } catch (final IOException e) {
            responder.close();
            throw e;
        }
    }

    private static DatagramChannel connect(final Host host, final InetSocketAddress local, final InetSocketAddress peer)
            throws IOException {
        return host.call(() -> {
            final DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
            try {
                channel.bind(local);
                channel.connect(peer);
                channel.configureBlocking(false);
                return channel;
            } catch (final IOException e) {
                channel.close();
                throw e;
            }
        });
    }

    /**
     * Sends requests at the fixed rate and times each.
     *
     * @param nanos filled from index 0 with the times of those that arrived
     * @return how many arrived; the others did not within 200 ms
     */
    int time(final long[] nanos) throws IOException {
        int arrived = 0;
        long due = System.nanoTime();
        for (int i = 0; i < nanos.length; i++) {
            while (System.nanoTime() - due < 0) {
                Thread.onSpinWait();
            }
            begin();
            long took = poll();
            while (took == UNDERWAY) {
                took = poll();
            }
            if (took != LOST) {
                nanos[arrived] = took;
                arrived++;
            }
            // After a slow one the schedule restarts: no burst makes up for the delay.
            due = Math.max(due + INTERVAL_NANOS, System.nanoTime());
        }
        return arrived;
    }

    /** Sends the next request, if none is on its way. */
    void begin() throws IOException {
        message = messages[next];
        next = (next + 1) % MESSAGES;
        start = System.nanoTime();
        requester.write(message.rewind());
    }

    /**
     * Checks once for the request that {@link #begin} sent.
     *
     * @return nanoseconds since then if it has arrived, or {@link #UNDERWAY}, or {@link #LOST}
     */
    long poll() throws IOException {
        received.clear();
        final int length = responder.read(received);
        final long took = System.nanoTime() - start;
        // A request that arrives after it counted as lost is not the awaited one.
        if (length > 0 && received.flip().equals(message.rewind())) {
            return took;
        }
        return took > LOST_NANOS ? LOST : UNDERWAY;
    }

    @Override
    public void close() throws IOException {
        requester.close();
        responder.close();
    }
}
