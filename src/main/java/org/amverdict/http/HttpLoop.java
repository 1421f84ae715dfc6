package org.amverdict.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.loop.ServerLoop;
import org.amverdict.loop.Service;

/**
 * The connections of the HTTP side. One thread serves all of them; a few more make the answers that take time. Every wait for
 * a client has a limit. When there are too many connections, the one that has held half a request longest is closed.
 */
public final class HttpLoop implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("org.amverdict.telemetry");
    static final int CONNECTIONS_MAX = 128;
    private static final int BACKLOG = 128;
    /** Most kinds of answers that are made or wait to be made, in each lane. */
    static final int KINDS_MAX = 16;
    /** Most unsent bytes of all answers; an answer is some hundred kilobytes. */
    static final int OWED_BYTES_MAX = 16 << 20;

    private static final long TICK_MILLIS = 250;
    private static final long CLOSE_MILLIS = 500;

    private final InetSocketAddress address;
    private final ServerLoop<HttpConnection> loop;
    private final Incidents incidents;
    private final Function<HttpRequest, Reply> routes;
    /** What is being made, by the lane that makes it. */
    private final Map<Lane, Makers> makers = new EnumMap<>(Lane.class);
    /** Connections that wait for an answer that has not been started yet, by its kind. */
    private final Map<String, List<HttpConnection>> awaiting = new HashMap<>();

    /** Who makes an answer: what clients think up never holds up what monitoring asks for. */
    public enum Lane {
        /** Answers of a few kinds that the program names. */
        FIXED(2),
        /** Answers whose kinds clients make up, such as searches. */
        MADE_UP(1);

        private final int threads;

        Lane(final int threads) {
            this.threads = threads;
        }
    }

    /**
     * How a request is answered.
     *
     * @param kind of an answer that takes time to make: all that wait for this kind get the same one; empty for an
     *     immediate answer
     * @param lane who makes it
     * @param maker makes it
     */
    public record Reply(String kind, Lane lane, Supplier<HttpAnswer> maker) {
        /** An immediate answer. */
        public static Reply at(final HttpAnswer answer) {
            return new Reply("", Lane.FIXED, () -> answer);
        }
    }

    /** The threads of a lane, and the kinds that they have to make. */
    private record Makers(ThreadPoolExecutor threads, Set<String> kinds) {}

    /** A finished answer and the connections that wait for it. */
    private record Made(Reply reply, List<HttpConnection> asked, HttpAnswer answer) {}

    private HttpLoop(
            final ServerSocketChannel listener, final Function<HttpRequest, Reply> routes, final Incidents incidents)
            throws IOException {
        this.routes = routes;
        this.incidents = incidents;
        address = (InetSocketAddress) listener.getLocalAddress();
        final AtomicInteger number = new AtomicInteger();
        for (final Lane lane : Lane.values()) {
            final ThreadPoolExecutor threads = new ThreadPoolExecutor(
                    lane.threads, lane.threads, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(KINDS_MAX), task -> {
                        final Thread maker = new Thread(task, "amverdict-http-" + number.incrementAndGet());
                        maker.setDaemon(true);
                        return maker;
                    });
            threads.allowCoreThreadTimeOut(true);
            makers.put(lane, new Makers(threads, new HashSet<>()));
        }
        loop = new ServerLoop<>(
                "amverdict-http",
                new ServerLoop.Listener<>("the HTTP side", listener, HttpConnection.class, CONNECTIONS_MAX),
                new Clients());
    }

    /**
     * Listens; nothing is answered before {@link #start}.
     *
     * @param routes called from the thread that serves all, so it must be quick; what it returns may take time
     * @param incidents counts the connections that are cut off
     */
    public static HttpLoop bind(
            final InetSocketAddress listen, final Function<HttpRequest, Reply> routes, final Incidents incidents)
            throws IOException {
        final ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(listen, BACKLOG);
            listener.configureBlocking(false);
            return new HttpLoop(listener, routes, incidents);
        } catch (final IOException e) {
            listener.close();
            throw e;
        }
    }

    /** Begins to answer; once. */
    public void start() {
        loop.start();
    }

    /** The address it listens on, with the actual port. */
    public InetSocketAddress address() {
        return address;
    }

    private final class Clients implements Service<HttpConnection> {
        @Override
        public HttpConnection welcome(final SocketChannel channel, final Selector selector) throws IOException {
            return new HttpConnection(channel, selector, System.nanoTime());
        }

        @Override
        public boolean serve(final HttpConnection connection, final boolean readable) throws IOException {
            final long nowNanos = System.nanoTime();
            if (readable && !connection.read(nowNanos)) {
                return false;
            }
            if (connection.state() == HttpConnection.State.SENDING) {
                connection.write(nowNanos);
            } else {
                takeRequest(connection, nowNanos);
            }
            if (connection.hasMore()) {
                loop.again(connection); // the others get their turn first
            }
            return true;
        }

        @Override
        public void failed(final HttpConnection connection) {
            // Half an answer may be on its way, so there is nothing to say.
        }

        @Override
        public void evicted(final HttpConnection connection) {
            incidents.add(Incident.HTTP_CUT_OFF);
        }

        @Override
        public void left(final HttpConnection connection) {
            awaiting.values().forEach(waiting -> waiting.remove(connection));
        }

        @Override
        public void tick(final long nowNanos) {
            for (final HttpConnection connection : loop.clients()) {
                if (connection.isOver(nowNanos)) {
                    if (connection.state() == HttpConnection.State.SENDING || connection.asks()) {
                        incidents.add(Incident.HTTP_CUT_OFF);
                    }
                    loop.drop(connection);
                }
            }
        }

        @Override
        public long waitMillis() {
            return loop.clients().isEmpty() ? 0 : TICK_MILLIS;
        }
    }

    private void takeRequest(final HttpConnection connection, final long nowNanos) throws IOException {
        final HttpRequest request;
        try {
            request = connection.next();
        } catch (final HttpRequest.Refused e) {
            incidents.add(Incident.HTTP_REFUSED);
            connection.refuse(HttpAnswer.text(e.status(), String.valueOf(e.getMessage())), nowNanos);
            return;
        }
        if (request == null) {
            return;
        }
        final Reply reply = routes.apply(request);
        if (reply.kind().isEmpty()) {
            final HttpAnswer answer = reply.maker().get();
            if (answer.refuses()) {
                incidents.add(Incident.HTTP_REFUSED);
            }
            connection.answer(answer, nowNanos);
            return;
        }
        final Set<String> kinds = makers(reply).kinds();
        if (!kinds.contains(reply.kind()) && kinds.size() >= KINDS_MAX) {
            incidents.add(Incident.HTTP_REFUSED);
            connection.answer(HttpAnswer.text(503, "too many different answers are being made; ask again"), nowNanos);
            return;
        }
        connection.await(nowNanos);
        awaiting.computeIfAbsent(reply.kind(), kind -> new ArrayList<>()).add(connection);
        begin(reply);
    }

    private Makers makers(final Reply reply) {
        return Objects.requireNonNull(makers.get(reply.lane()));
    }

    /** Starts an answer of that kind for all that wait for one, unless one is being made. */
    private void begin(final Reply reply) {
        final List<HttpConnection> asked = awaiting.get(reply.kind());
        final Makers lane = makers(reply);
        if (asked == null || lane.kinds().contains(reply.kind())) {
            return;
        }
        lane.threads().execute(() -> {
            final HttpAnswer answer = answerOf(reply);
            loop.execute(() -> deliver(new Made(reply, asked, answer)));
        });
        lane.kinds().add(reply.kind());
        awaiting.remove(reply.kind());
    }

    private void deliver(final Made done) {
        makers(done.reply()).kinds().remove(done.reply().kind());
        for (final HttpConnection connection : done.asked()) {
            if (loop.has(connection)) {
                deliver(connection, done.answer());
            }
        }
        begin(done.reply());
    }

    private void deliver(final HttpConnection connection, final HttpAnswer answer) {
        try {
            connection.answer(answer, System.nanoTime());
            if (connection.hasMore()) {
                loop.again(connection);
            }
            limitOwed();
        } catch (final IOException e) {
            loop.drop(connection);
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
        for (final HttpConnection connection : loop.clients()) {
            if (connection.owed() > 0) {
                owed += connection.owed();
                slow.add(connection);
            }
        }
        while (owed > OWED_BYTES_MAX && slow.size() > 1) {
            final HttpConnection slowest = ServerLoop.first(slow);
            owed -= slowest.owed();
            slow.remove(slowest);
            incidents.add(Incident.HTTP_CUT_OFF);
            loop.drop(slowest);
        }
    }

    /** Stops listening and cuts off what is being answered. */
    @Override
    public void close() {
        makers.values().forEach(lane -> lane.threads().shutdownNow());
        try {
            loop.close(CLOSE_MILLIS);
        } catch (final IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the HTTP side was not closed: " + e.getMessage());
        }
    }
}
