package org.amverdict.loop;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The connections of one listener. One thread serves all of them without ever waiting for one of them.
 *
 * <p>Whatever clients do, a new one is let in: each turn gives every client a little, when there are too many one is closed
 * to make room, and no failure ends the thread. Methods are for the loop's thread unless they say otherwise.
 *
 * @param <C> one connection
 */
public final class ServerLoop<C extends Client<C>> {
    private static final System.Logger LOG = System.getLogger("org.amverdict.loop");
    /** Pause after the thread itself has failed, and before it accepts again after it could not. */
    private static final long RECOVER_MILLIS = 100;
    /** One origin may hold three quarters of the places, so that it cannot keep all others out. */
    private static final int ORIGIN_SHARE = 3;

    private static final int ORIGIN_SHARES = 4;

    private static final int FAILURES_LOGGED_MAX = 10;

    private final Listener<C> listener;
    private final Service<C> service;
    private final Selector selector;
    private final List<C> clients = new ArrayList<>();
    /** Those that have something to do although nothing arrives. */
    private final Set<C> unfinished = new LinkedHashSet<>();

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private final SelectionKey knocks;
    private int failuresLogged;
    /** While no connection can be accepted. */
    private boolean resting;

    private long restingSinceNanos;
    private volatile boolean closed;

    /**
     * Where connections come from.
     *
     * @param name what logs call it, such as "the control socket"
     * @param channel bound, and not blocking; closed with the loop
     * @param type of a connection
     * @param clientsMax most connections at one time
     */
    public record Listener<C extends Client<C>>(
            String name, ServerSocketChannel channel, Class<C> type, int clientsMax) {}

    /**
     * Listens; nothing is answered before {@link #start}.
     *
     * @param threadName name of its thread
     * @throws IOException if there is no selector, most likely because no descriptor is left
     */
    public ServerLoop(final String threadName, final Listener<C> listener, final Service<C> service)
            throws IOException {
        this.listener = listener;
        this.service = service;
        selector = Selector.open();
        knocks = listener.channel().register(selector, SelectionKey.OP_ACCEPT);
        thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
    }

    /** Begins to answer; once. */
    public void start() {
        thread.start();
    }

    /** Runs a task in the loop's thread, soon. Any thread. */
    public void execute(final Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** The connections, in the order in which they came. */
    public List<C> clients() {
        return List.copyOf(clients);
    }

    /** Whether the connection still exists. */
    public boolean has(final C client) {
        return clients.contains(client);
    }

    /** Serves this client again in the next turn, after the others. */
    public void again(final C client) {
        unfinished.add(client);
    }

    /** Of these, the one to close first. */
    public static <C extends Client<C>> C first(final List<C> some) {
        C first = some.get(0);
        for (final C client : some) {
            first = client.goesBefore(first) ? client : first;
        }
        return first;
    }

    @SuppressWarnings("IllegalCatch") // whatever the failure, the next client must be answered
    private void run() {
        try {
            while (!closed) {
                try {
                    turn();
                } catch (final IOException | RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                    failed(" failed and continues", e);
                    recover();
                }
            }
        } finally {
            clients.forEach(Client::close);
        }
    }

    private void recover() {
        if (!closed) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RECOVER_MILLIS));
        }
    }

    private void failed(final String what, final Throwable e) {
        if (!closed && failuresLogged < FAILURES_LOGGED_MAX) {
            failuresLogged++;
            LOG.log(System.Logger.Level.ERROR, listener.name() + what, e);
        }
    }

    private void turn() throws IOException {
        if (unfinished.isEmpty()) {
            final long waitMillis = service.waitMillis();
            selector.select(resting && waitMillis == 0 ? RECOVER_MILLIS : waitMillis);
        } else {
            selector.selectNow();
        }
        if (resting && System.nanoTime() - restingSinceNanos >= TimeUnit.MILLISECONDS.toNanos(RECOVER_MILLIS)) {
            resting = false;
            knocks.interestOps(SelectionKey.OP_ACCEPT);
        }
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        boolean knocked = false;
        for (final SelectionKey key : selector.selectedKeys()) {
            if (key.channel() instanceof ServerSocketChannel) {
                knocked = true;
            } else {
                serve(listener.type().cast(key.attachment()), key.isValid() && key.isReadable());
            }
        }
        selector.selectedKeys().clear();
        for (final C client : List.copyOf(unfinished)) {
            serve(client, false);
        }
        service.tick(System.nanoTime());
        if (knocked) {
            accept();
        }
    }

    private void accept() {
        try {
            final SocketChannel channel = listener.channel().accept();
            if (channel != null) {
                admit(channel);
            }
        } catch (final IOException e) {
            // Most likely no descriptor is left. The client stays pending until it is accepted, and those that are in
            // are
            // served meanwhile.
            failed(" cannot accept a connection", e);
            if (!closed) {
                resting = true;
                restingSinceNanos = System.nanoTime();
                knocks.interestOps(0);
            }
        }
    }

    private void admit(final SocketChannel channel) {
        try {
            final C client = service.welcome(channel, selector);
            final List<C> crowd = crowd(client);
            if (!crowd.isEmpty()) {
                final C first = first(crowd);
                service.evicted(first);
                drop(first);
            }
            clients.add(client);
        } catch (final IOException e) {
            try {
                channel.close();
            } catch (final IOException again) {
                // Closed either way.
            }
        }
    }

    /** Of these, one must make room: the newcomer's own if it holds its share, else those of the most common origin. */
    private List<C> crowd(final C newcomer) {
        final List<C> own = of(newcomer.origin());
        if (own.size() >= originMax(listener.clientsMax())) {
            return own;
        }
        if (clients.size() < listener.clientsMax()) {
            return List.of();
        }
        List<C> most = List.of();
        for (final C client : clients) {
            final List<C> some = of(client.origin());
            most = some.size() > most.size() ? some : most;
        }
        return most.size() == 1 ? clients : most;
    }

    private List<C> of(final Object origin) {
        return clients.stream().filter(client -> client.origin().equals(origin)).toList();
    }

    /** Most connections from one origin, of so many in all. */
    static int originMax(final int clientsMax) {
        return Math.max(1, clientsMax * ORIGIN_SHARE / ORIGIN_SHARES);
    }

    /** Serves one client; its failures do not affect the others. */
    @SuppressWarnings("IllegalCatch")
    public void serve(final C client, final boolean readable) {
        unfinished.remove(client);
        try {
            if (!service.serve(client, readable)) {
                drop(client);
            }
        } catch (final IOException e) {
            drop(client); // it is gone
        } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            failed(" failed to serve a request", e);
            service.failed(client);
            drop(client);
        }
    }

    /** Closes a connection. */
    public void drop(final C client) {
        clients.remove(client);
        unfinished.remove(client);
        service.left(client);
        client.close();
    }

    /**
     * Stops listening and answering. Any other thread.
     *
     * @param waitMillis longest time to wait for the loop's thread
     */
    public void close(final long waitMillis) throws IOException {
        closed = true;
        listener.channel().close();
        selector.wakeup();
        try {
            if (thread.isAlive()) {
                thread.join(waitMillis);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }
}
