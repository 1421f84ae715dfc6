package org.amverdict.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.nfqueue.InheritedSocket;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.worker.SocketKeeper;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of queues in the service manager's file descriptor store (FDSTORE in sd_notify(3)): those that it gave to
 * this process at its start (sd_listen_fds(3)), and those that it keeps for the next one. Any thread.
 */
final class KeptSockets implements SocketKeeper {
    private static final Logger LOG = System.getLogger("org.amverdict");
    private static final int FIRST_DESCRIPTOR = 3;
    /** More than all queues would have. */
    private static final int DESCRIPTORS_MAX = 1 << 16;

    private final ServiceManager manager;
    private final Incidents incidents;
    private final Map<Integer, InheritedSocket> inherited;
    /** Queues that are taken and whose first verdicts are not sent. */
    private final Set<Integer> pending = new HashSet<>();

    private long waited;
    private long dropped;

    private KeptSockets(
            final ServiceManager manager, final Incidents incidents, final Map<Integer, InheritedSocket> inherited) {
        this.manager = manager;
        this.incidents = incidents;
        this.inherited = inherited;
    }

    /**
     * Takes what the service manager gave. What is not the socket of a queue is closed and named in the log.
     *
     * @param environment read for LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES
     * @param processId this process; the descriptors are for it only if LISTEN_PID names it
     */
    static KeptSockets of(
            final ServiceManager manager,
            final Incidents incidents,
            final Map<String, String> environment,
            final long processId) {
        final Map<Integer, InheritedSocket> found = new HashMap<>();
        if (Long.toString(processId).equals(environment.get("LISTEN_PID"))) {
            final String[] names =
                    environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
            final int count = count(environment.getOrDefault("LISTEN_FDS", ""));
            for (int i = 0; i < count; i++) {
                take(FIRST_DESCRIPTOR + i, i < names.length ? names[i] : "", found);
            }
        }
        return new KeptSockets(manager, incidents, found);
    }

    private static int count(final String text) {
        try {
            return Math.max(0, Math.min(DESCRIPTORS_MAX, Integer.parseInt(text)));
        } catch (final NumberFormatException e) {
            return 0;
        }
    }

    private static void take(final int descriptor, final String name, final Map<Integer, InheritedSocket> found) {
        try {
            final InheritedSocket socket = InheritedSocket.of(name, descriptor);
            if (found.putIfAbsent(socket.queue(), socket) != null) {
                throw new NativeException("take over descriptor " + descriptor, 0, "there is another for " + name);
            }
        } catch (final NativeException e) {
            LOG.log(Level.WARNING, e.getMessage() + "; closed");
            InheritedSocket.close(descriptor);
        }
    }

    /** Queues whose sockets were given and not yet taken. */
    synchronized Set<Integer> queues() {
        return Set.copyOf(inherited.keySet());
    }

    /** Unbinds the queues that are not among those configured, and has the service manager forget them. */
    synchronized void release(final Set<Integer> configured) {
        for (final InheritedSocket socket : inherited.values()) {
            if (!configured.contains(socket.queue())) {
                socket.unbind();
                manager.forget(socket.queue());
                LOG.log(Level.INFO, "queue " + socket.queue() + " is no longer configured, so it is unbound");
            }
        }
        inherited.keySet().retainAll(configured);
        pending.addAll(inherited.keySet());
    }

    @Override
    public synchronized @Nullable InheritedSocket inherited(final int queue) {
        return inherited.remove(queue);
    }

    @Override
    public boolean keep(final QueueSocket socket) {
        return manager.keep(socket);
    }

    /** Says it once, when the last queue is read again. */
    @Override
    public synchronized void resumed(final int queue, final Resumed resumed) {
        incidents.add(Incident.UNANSWERED, resumed.dropped());
        waited += resumed.waited();
        dropped += resumed.dropped();
        pending.remove(queue);
        if (pending.isEmpty()) {
            LOG.log(
                    Level.INFO,
                    "the queues stayed bound: " + waited + " packets waited, " + dropped
                            + " that had been read before were dropped");
        }
    }
}
