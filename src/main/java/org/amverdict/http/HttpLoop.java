package org.amverdict.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The connections of the HTTP side. One thread serves all of them without ever waiting for one; two more make the answers
 * that take time. Every wait for a client has a limit, and a new client is always let in: when there are too many, the
 * connection that has held half a request longest is closed.
 */
public final class HttpLoop implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("org.amverdict.telemetry");
    private static final int CONNECTIONS_MAX = 128;
    private static final int BACKLOG = 128;
    private static final int MAKERS = 2;
    private static final int KINDS_MAX = 16;
    /** Most unsent bytes of all answers; an answer is some hundred kilobytes. */
    private static final int OWED_BYTES_MAX = 16 << 20;

    private static final long TICK_MILLIS = 250;
    private static final long CLOSE_MILLIS = 500;
    private static final long RECOVER_MILLIS = 100;
    private static final int FAILURES_LOGGED_MAX = 10;

    private final ServerSocketChannel listener;
    private final InetSocketAddress address;
    private final Selector selector;
    private final Function<HttpRequest, Reply> routes;
    /** Kinds of answers that are being made. */
    private final Set<String> making = new HashSet<>();
    /** Connections that wait for an answer that has not been started yet, by its kind. */
    private final Map<String, List<HttpConnection>> awaiting = new HashMap<>();

    private final List<HttpConnection> connections = new ArrayList<>();
    private final Set<HttpConnection> unfinished = new LinkedHashSet<>();
    private final Queue<Made> made = new ConcurrentLinkedQueue<>();
    private final ThreadPoolExecutor makers;
    private final Thread thread;
    private volatile boolean closed;
    private int failuresLogged;

    /**
     * How a request is answered.
     *
     * @param kind of an answer that takes time to make: all that wait for this kind get the same one; empty for an
     *     immediate answer
     * @param maker makes it
     */
    public record Reply(String kind, Supplier<HttpAnswer> maker) {
        /** An immediate answer. */
        public static Reply at(final HttpAnswer answer) {
            return new Reply("", () -> answer);
        }
    }

    /** A finished answer and the connections that wait for it. */
    private record Made(Reply reply, List<HttpConnection> asked, HttpAnswer answer) {}

    private HttpLoop(
            final ServerSocketChannel listener, final Selector selector, final Function<HttpRequest, Reply> routes)
            throws IOException {
        this.listener = listener;
        this.selector = selector;
        this.routes = routes;
        address = (InetSocketAddress) listener.getLocalAddress();
        final AtomicInteger threads = new AtomicInteger();
        makers = new ThreadPoolExecutor(
                MAKERS, MAKERS, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(KINDS_MAX), task -> {
                    final Thread maker = new Thread(task, "amverdict-http-" + threads.incrementAndGet());
                    maker.setDaemon(true);
                    return maker;
                });
        makers.allowCoreThreadTimeOut(true);
        thread = new Thread(this::run, "amverdict-http");
        thread.setDaemon(true);
    }

    /**
     * Listens; nothing is answered before {@link #start}.
     *
     * @param routes called from the thread that serves all, so it must be quick; what it returns may take time
     */
    public static HttpLoop bind(final InetSocketAddress listen, final Function<HttpRequest, Reply> routes)
            throws IOException {
        final ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(listen, BACKLOG);
            listener.configureBlocking(false);
            final Selector selector = Selector.open();
            listener.register(selector, SelectionKey.OP_ACCEPT);
            return new HttpLoop(listener, selector, routes);
        } catch (final IOException e) {
            listener.close();
            throw e;
        }
    }

    /** Begins to answer; once. */
    public void start() {
        thread.start();
    }

    /** The address it listens on, with the actual port. */
    public InetSocketAddress address() {
        return address;
    }

    @SuppressWarnings("IllegalCatch") // whatever the failure, the next client must be answered
    private void run() {
        try {
            while (!closed) {
                try {
                    turn();
                } catch (final IOException | RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                    if (!closed) {
                        failed("the HTTP side failed and goes on", e);
                        recover();
                    }
                }
            }
        } finally {
            connections.forEach(HttpConnection::close);
        }
    }

    private static void recover() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RECOVER_MILLIS));
    }

    private void failed(final String what, final Throwable e) {
        if (failuresLogged < FAILURES_LOGGED_MAX) {
            failuresLogged++;
            LOG.log(System.Logger.Level.ERROR, what, e);
        }
    }

    private void turn() throws IOException {
        if (!unfinished.isEmpty()) {
            selector.selectNow();
        } else if (connections.isEmpty()) {
            selector.select();
        } else {
            selector.select(TICK_MILLIS);
        }
        for (Made next = made.poll(); next != null; next = made.poll()) {
            deliver(next);
        }
        boolean knocked = false;
        for (final SelectionKey key : selector.selectedKeys()) {
            if (key.channel() instanceof ServerSocketChannel) {
                knocked = true;
            } else if (key.attachment() instanceof HttpConnection connection) {
                serve(connection, key.isValid() && key.isReadable());
            }
        }
        selector.selectedKeys().clear();
        for (final HttpConnection connection : List.copyOf(unfinished)) {
            serve(connection, false);
        }
        end(System.nanoTime());
        if (knocked) {
            accept();
        }
    }

    private void accept() {
        try {
            final SocketChannel channel = listener.accept();
            if (channel != null) {
                admit(channel);
            }
        } catch (final IOException e) {
            // Most likely no descriptor is left. The client stays pending until it is accepted.
            failed("nobody can be let in at the HTTP side", e);
            recover();
        }
    }

    private void admit(final SocketChannel channel) {
        try {
            final HttpConnection connection = new HttpConnection(channel, selector, System.nanoTime());
            if (connections.size() >= CONNECTIONS_MAX) {
                drop(first(connections));
            }
            connections.add(connection);
        } catch (final IOException e) {
            try {
                channel.close();
            } catch (final IOException again) {
                // Closed either way.
            }
        }
    }

    private static HttpConnection first(final List<HttpConnection> some) {
        HttpConnection first = some.get(0);
        for (final HttpConnection connection : some) {
            first = connection.goesBefore(first) ? connection : first;
        }
        return first;
    }

    /** Serves one client; its failures do not affect the others. */
    @SuppressWarnings("IllegalCatch")
    private void serve(final HttpConnection connection, final boolean readable) {
        unfinished.remove(connection);
        try {
            final long nowNanos = System.nanoTime();
            if (readable && !connection.read(nowNanos)) {
                drop(connection);
                return;
            }
            if (connection.state() == HttpConnection.State.SENDING) {
                connection.write(nowNanos);
            } else {
                takeRequest(connection, nowNanos);
            }
            if (connection.hasMore()) {
                unfinished.add(connection); // the others get their turn first
            }
        } catch (final IOException e) {
            drop(connection); // it is gone
        } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            failed("an HTTP request failed", e);
            drop(connection);
        }
    }

    private void takeRequest(final HttpConnection connection, final long nowNanos) throws IOException {
        final HttpRequest request;
        try {
            request = connection.next();
        } catch (final HttpRequest.Refused e) {
            connection.refuse(HttpAnswer.text(e.status(), String.valueOf(e.getMessage())), nowNanos);
            return;
        }
        if (request == null) {
            return;
        }
        final Reply reply = routes.apply(request);
        if (reply.kind().isEmpty()) {
            connection.answer(reply.maker().get(), nowNanos);
            return;
        }
        if (!making.contains(reply.kind()) && making.size() >= KINDS_MAX) {
            connection.answer(HttpAnswer.text(503, "too many different answers are being made; ask again"), nowNanos);
            return;
        }
        connection.await(nowNanos);
        awaiting.computeIfAbsent(reply.kind(), kind -> new ArrayList<>()).add(connection);
        begin(reply);
    }

    /** Starts an answer of that kind for all that wait for one, unless one is being made. */
    private void begin(final Reply reply) {
        final List<HttpConnection> asked = awaiting.get(reply.kind());
        if (asked == null || making.contains(reply.kind())) {
            return;
        }
        makers.execute(() -> {
            made.add(new Made(reply, asked, answerOf(reply)));
            selector.wakeup();
        });
        making.add(reply.kind());
        awaiting.remove(reply.kind());
    }

    private void deliver(final Made done) {
        making.remove(done.reply().kind());
        for (final HttpConnection connection : done.asked()) {
            if (connections.contains(connection)) {
                deliver(connection, done.answer());
            }
        }
        begin(done.reply());
    }

    private void deliver(final HttpConnection connection, final HttpAnswer answer) {
        try {
            connection.answer(answer, System.nanoTime());
            if (connection.hasMore()) {
                unfinished.add(connection);
            }
            limitOwed();
        } catch (final IOException e) {
            drop(connection);
        }
    }

    @SuppressWarnings("IllegalCatch") // every request must get an answer
    private static HttpAnswer answerOf(final Reply reply) {
        try {
            return reply.maker().get();
        } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            LOG.log(System.Logger.Level.ERROR, "an HTTP answer could not be made", e);
            return HttpAnswer.text(500, "the answer could not be made; the log says why");
        }
    }

    /** Bounds the memory for clients that do not read their answers. */
    private void limitOwed() {
        long owed = 0;
        final List<HttpConnection> slow = new ArrayList<>();
        for (final HttpConnection connection : connections) {
            if (connection.owed() > 0) {
                owed += connection.owed();
                slow.add(connection);
            }
        }
        while (owed > OWED_BYTES_MAX && slow.size() > 1) {
            final HttpConnection slowest = first(slow);
            owed -= slowest.owed();
            slow.remove(slowest);
            drop(slowest);
        }
    }

    private void end(final long nowNanos) {
        for (final HttpConnection connection : List.copyOf(connections)) {
            if (connection.isOver(nowNanos)) {
                drop(connection);
            }
        }
    }

    private void drop(final HttpConnection connection) {
        connections.remove(connection);
        unfinished.remove(connection);
        connection.close();
    }

    /** Stops listening and cuts off what is being answered. */
    @Override
    public void close() {
        closed = true;
        makers.shutdownNow();
        try {
            listener.close();
            selector.wakeup();
            thread.join(CLOSE_MILLIS);
            selector.close();
        } catch (final IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the HTTP side was not closed: " + e.getMessage());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
