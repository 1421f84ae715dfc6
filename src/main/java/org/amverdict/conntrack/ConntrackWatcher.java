package org.amverdict.conntrack;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.amverdict.events.TrackedConnection;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.nfqueue.ConntrackSocket;
import org.amverdict.nfqueue.ReceiveBatch;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Reports what happens to connections that the kernel carries without the program (placement gate and offload):
 * answered, finished, reset, forgotten, with the bytes if {@code nf_conntrack_acct} is on. It has its own thread, in
 * the network namespace of the process; without connection tracking, or without permission, it says so once and tries
 * again every minute.
 *
 * <p>While a listener exists, the kernel makes a message for every change of every connection on the host. Above {@link
 * #EVENTS_PER_SECOND_MAX} the watcher stops listening for a minute.
 */
public final class ConntrackWatcher implements AutoCloseable {
    /** Some 5 % of one processor; a connection makes six. */
    static final long EVENTS_PER_SECOND_MAX = 20_000;

    private static final Logger LOG = System.getLogger("org.amverdict");
    private static final String WITHOUT = "cannot follow the connections that the kernel carries without a queue: ";
    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;
    private static final int BATCH_SLOTS = 32;
    /** Events of TCP have 150 to 310 bytes; helpers, labels and security contexts add to that. */
    private static final int SLOT_BYTES = 1024;

    private static final int WAIT_MILLIS = 1000;
    private static final long RETRY_SECONDS = 60;
    /** Exists once conntrack is in the kernel; opening the socket would load it. */
    private static final Path CONNTRACK = Path.of("/proc/sys/net/netfilter/nf_conntrack_count");

    private final Interest interest;
    private final Consumer<TrackedConnection> consumer;
    private final Consumer<Tuple> refusals;
    private final Incidents incidents;
    private final Thread thread = new Thread(this::run, "conntrack");
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean watching;
    private volatile long overrunsBefore;
    private volatile @Nullable ConntrackSocket socket;
    private String said = "";

    /**
     * @param interest which connections to report; called from the watcher's thread
     * @param consumer receives the reports; called from the watcher's thread, must not wait
     * @param refusals receives each connection that a RST ended before its handshake was complete, as soon as that is
     *     known; called as the consumer is, the tuple from the originator, reused for the next
     * @param incidents counts the messages that cannot be read
     */
    public ConntrackWatcher(
            final Interest interest,
            final Consumer<TrackedConnection> consumer,
            final Consumer<Tuple> refusals,
            final Incidents incidents) {
        this.interest = interest;
        this.consumer = consumer;
        this.refusals = refusals;
        this.incidents = incidents;
        thread.setDaemon(true);
    }

    /** Starts the thread; call it once. Returns at once. */
    public void start() {
        thread.start();
    }

    /** Whether it receives events right now. Any thread. */
    public boolean watching() {
        return watching;
    }

    /** How often events were lost because they came faster than they could be read. Any thread. */
    public long overruns() {
        final ConntrackSocket current = socket;
        return overrunsBefore + (current == null ? 0 : current.overruns());
    }

    private void run() {
        boolean again = true;
        while (again) {
            if (Files.exists(CONNTRACK)) {
                watch();
            } else {
                say("the kernel tracks no connections");
            }
            again = !awaitClose();
        }
    }

    /** True once the watcher is closed. */
    private boolean awaitClose() {
        try {
            return closed.await(RETRY_SECONDS, TimeUnit.SECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void watch() {
        try (ConntrackSocket opened = ConntrackSocket.open(RECEIVE_BUFFER_BYTES)) {
            socket = opened;
            watching = true;
            pump(opened);
        } catch (final NativeException e) {
            say(String.valueOf(e.getMessage()));
        } finally {
            watching = false;
            overrunsBefore = overruns();
            socket = null;
        }
    }

    /** Until it is closed, or events come too fast. */
    private void pump(final ConntrackSocket opened) {
        final ReceiveBatch batch = new ReceiveBatch(BATCH_SLOTS, SLOT_BYTES);
        final EventReading reading = new EventReading(interest, consumer, refusals, opened::ask, incidents);
        final RateLimit limit = new RateLimit(EVENTS_PER_SECOND_MAX, System.nanoTime());
        while (closed.getCount() > 0) {
            final int count = opened.receive(batch, WAIT_MILLIS);
            for (int i = 0; i < count; i++) {
                if (batch.truncated(i)) {
                    incidents.add(Incident.CONNTRACK_TRUNCATED);
                } else {
                    read(reading, batch, i);
                }
            }
            if (limit.exceeded(reading.kernelEvents(), System.nanoTime())) {
                say("conntrack reports more than " + EVENTS_PER_SECOND_MAX + " changes a second");
                return;
            }
        }
    }

    private void read(final EventReading reading, final ReceiveBatch batch, final int i) {
        try {
            reading.read(batch.slab(), batch.offset(i), batch.length(i));
        } catch (final RuntimeException e) {
            // One event is lost; the next may be for another connection.
            say("an event could not be reported: " + e);
        }
    }

    private void say(final String why) {
        if (!why.equals(said)) {
            said = why;
            LOG.log(Level.INFO, WITHOUT + why);
        }
    }

    /** Stops the thread, which ends within a second. */
    @Override
    public void close() {
        closed.countDown();
    }
}
