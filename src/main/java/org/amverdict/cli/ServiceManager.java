package org.amverdict.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.amverdict.nfqueue.InheritedSocket;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NotifySocket;
import org.jspecify.annotations.Nullable;

/**
 * Reports the daemon's state to systemd (sd_notify(3)); does nothing where NOTIFY_SOCKET is not set. The watchdog is
 * fed only while every queue's worker completes its cycles, so a stuck worker stops the feeding and systemd restarts
 * the service. Any thread may call.
 */
final class ServiceManager {
    private static final Logger LOG = System.getLogger("org.amverdict");
    /** Maximum age of the reported status between two feedings, even without a watchdog. */
    private static final long PERIOD_MAX_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long PERIOD_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final @Nullable NotifySocket socket;
    private final long periodNanos;
    private final boolean watched;
    private volatile boolean failed;
    private String status = "";

    /**
     * @param environment read for NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID
     * @param processId this process; the watchdog applies only if WATCHDOG_PID names it
     */
    ServiceManager(final Map<String, String> environment, final long processId) {
        socket = socket(environment.get("NOTIFY_SOCKET"));
        final long watchdogNanos = watchdogNanos(environment, processId);
        watched = socket != null && watchdogNanos > 0;
        // Twice in each interval, as sd_watchdog_enabled(3) wants it.
        periodNanos =
                watched ? Math.max(PERIOD_MIN_NANOS, Math.min(PERIOD_MAX_NANOS, watchdogNanos / 2)) : PERIOD_MAX_NANOS;
    }

    static ServiceManager ofThisProcess() {
        return new ServiceManager(System.getenv(), ProcessHandle.current().pid());
    }

    private static @Nullable NotifySocket socket(final @Nullable String address) {
        if (address == null || address.isEmpty()) {
            return null;
        }
        try {
            return new NotifySocket(address);
        } catch (final IllegalArgumentException e) {
            LOG.log(Level.WARNING, "the service manager gets no messages: " + e.getMessage());
            return null;
        }
    }

    private static long watchdogNanos(final Map<String, String> environment, final long processId) {
        final String forWhom = environment.get("WATCHDOG_PID");
        if (forWhom != null && !forWhom.equals(Long.toString(processId))) {
            return 0;
        }
        try {
            return TimeUnit.MICROSECONDS.toNanos(Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0")));
        } catch (final NumberFormatException e) {
            return 0;
        }
    }

    /** How often {@link #alive} wants to be called. */
    long periodNanos() {
        return periodNanos;
    }

    /** Every queue is bound, at start or after a reload. */
    synchronized void ready(final String summary) {
        status = summary;
        send("READY=1\nSTATUS=" + summary);
    }

    /** The configuration is being reloaded; {@link #ready} follows, also if the old one is kept. */
    void reloading() {
        final long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime()); // CLOCK_MONOTONIC
        send("RELOADING=1\nMONOTONIC_USEC=" + micros + "\nSTATUS=reading the configuration");
    }

    /** The daemon is stopping. */
    void stopping() {
        send("STOPPING=1\nSTATUS=judging what the kernel still holds");
    }

    /**
     * Feeds the watchdog if no queue is missing.
     *
     * @param missing queues that are not bound or whose worker is stuck
     */
    synchronized void alive(final List<Integer> missing) {
        if (!missing.isEmpty()) {
            send("STATUS=queues that no worker serves: " + missing);
        } else if (watched) {
            send("WATCHDOG=1\nSTATUS=" + status);
        }
    }

    /**
     * Has the service manager keep the socket of a queue for the next start of the service, as far as
     * FileDescriptorStoreMax= of the unit allows; it closes the socket when the service is stopped for good.
     *
     * @return whether there is a service manager
     */
    boolean keep(final QueueSocket queue) {
        // Without FDPOLL=0 it would drop the socket at the first ENOBUFS, which shows as EPOLLERR.
        send("FDSTORE=1\nFDNAME=" + InheritedSocket.nameOf(queue.queue()) + "\nFDPOLL=0", queue.descriptor());
        return socket != null;
    }

    /** Has the service manager close the socket of a queue. */
    void forget(final int queue) {
        send("FDSTOREREMOVE=1\nFDNAME=" + InheritedSocket.nameOf(queue));
    }

    private void send(final String message) {
        send(message, NotifySocket.NO_DESCRIPTOR);
    }

    private void send(final String message, final int descriptor) {
        if (socket == null) {
            return;
        }
        try {
            socket.send(message, descriptor);
            failed = false;
        } catch (final NativeException e) {
            if (!failed) {
                failed = true;
                LOG.log(Level.WARNING, "could not notify the service manager: " + e.getMessage());
            }
        }
    }
}
