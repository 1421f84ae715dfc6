package org.amverdict.control;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.json.JsonLine;
import org.amverdict.loop.ServerLoop;
import org.amverdict.loop.Service;
import org.jspecify.annotations.Nullable;

/**
 * Answers at the control socket: one JSON object per line in, one or more out. One thread serves all connections; a
 * reload has its own. Made, started and closed by the command that wires the program.
 *
 * <p>Whatever clients do, a new one is answered: each turn takes one request from each, the quietest is closed when
 * there are too many, and reload requests that arrive during a reload share the next one.
 */
public final class ControlServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlServer.class.getName());
    /** Longest time that an event waits before a watcher gets it. */
    private static final long WATCH_MILLIS = 100;

    private static final long IDLE_MILLIS = 1000;
    private static final long CLOSE_MILLIS = 2000;
    private final SocketFile socket;
    private final ServerLoop<Connection> loop;
    private final Answers answers;
    private final ControlSources sources;
    private final Limits limits;
    private final Incidents incidents;
    /** Those that wait for the reload after the running one. */
    private final List<Connection> awaitingReload = new ArrayList<>();

    private boolean reloading;
    private final ThreadPoolExecutor reloads;

    /**
     * Limits for one client.
     *
     * @param connections most at one time; one more displaces the quietest
     * @param idleNanos time without a request after which it is cut off, unless it watches
     * @param lineBytes longest request, with its line end
     * @param stalledNanos time without reading its answer after which it is cut off
     */
    record Limits(int connections, long idleNanos, int lineBytes, long stalledNanos) {
        static final Limits USUAL = new Limits(16, TimeUnit.SECONDS.toNanos(60), 4096, TimeUnit.SECONDS.toNanos(10));
    }

    private ControlServer(
            final SocketFile socket, final ControlSources sources, final Limits limits, final Incidents incidents)
            throws IOException {
        this.socket = socket;
        this.sources = sources;
        this.limits = limits;
        this.incidents = incidents;
        answers = new Answers(sources, incidents);
        loop = new ServerLoop<>(
                "amverdict-control",
                new ServerLoop.Listener<>(
                        "the control socket", socket.channel(), Connection.class, limits.connections()),
                new Clients());
        // One is running; the next begins once its outcome is reported.
        reloads = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), task -> {
            final Thread made = new Thread(task, "amverdict-reload");
            made.setDaemon(true);
            return made;
        });
        reloads.allowCoreThreadTimeOut(true);
    }

    /**
     * Listens, with mode 0660; nothing is answered before {@link #start}.
     *
     * @param group the group that may connect; null: the program's own
     * @throws SocketTakenException if another daemon answers there
     * @throws IOException if the socket cannot be made; the message says why
     */
    public static ControlServer bind(
            final Path path, final @Nullable String group, final ControlSources sources, final Incidents incidents)
            throws IOException, SocketTakenException {
        return bind(SocketFile.bind(path, group), sources, Limits.USUAL, incidents);
    }

    static ControlServer bind(
            final SocketFile socket, final ControlSources sources, final Limits limits, final Incidents incidents)
            throws IOException {
        try {
            return new ControlServer(socket, sources, limits, incidents);
        } catch (final IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Begins to answer; once. */
    public void start() {
        loop.start();
    }

    private final class Clients implements Service<Connection> {
        @Override
        public Connection welcome(final SocketChannel channel, final Selector selector) throws IOException {
            channel.configureBlocking(false);
            final Connection connection = new Connection(channel, limits.lineBytes(), System.nanoTime());
            connection.register(selector);
            return connection;
        }

        @Override
        public boolean serve(final Connection connection, final boolean readable) throws IOException {
            final long nowNanos = System.nanoTime();
            if (readable && !connection.read()) {
                return false;
            }
            if (connection.sendsTooMuch()) {
                incidents.add(Incident.CONTROL_CUT_OFF);
                return false;
            }
            advance(connection, nowNanos);
            return !connection.finished();
        }

        @Override
        public void failed(final Connection connection) {
            connection.say(Answers.error("the request failed; the log of the daemon says why"));
        }

        @Override
        public void evicted(final Connection connection) {
            connection.say(Answers.error("too many connections: " + limits.connections() + " is the most"));
            incidents.add(Incident.CONTROL_CUT_OFF);
        }

        @Override
        public void left(final Connection connection) {
            awaitingReload.remove(connection);
        }

        @Override
        public void tick(final long nowNanos) {
            loop.clients().forEach(connection -> inspect(connection, nowNanos));
        }

        @Override
        public long waitMillis() {
            return loop.clients().stream().anyMatch(Connection::watching) ? WATCH_MILLIS : IDLE_MILLIS;
        }
    }

    /**
     * Sends what can be sent, and takes one more request once an answer is fully sent: only one, since others wait too.
     */
    private void advance(final Connection connection, final long nowNanos) throws IOException {
        if (!connection.write(nowNanos) || connection.busy()) {
            return;
        }
        if (connection.tooLong()) {
            connection.say(Answers.error("a request has " + limits.lineBytes() + " bytes at most"));
            cutOff(connection);
            return;
        }
        try {
            final Request request = connection.nextRequest(nowNanos);
            if (request == null) {
                return;
            }
            answer(connection, answers.answer(request), nowNanos);
        } catch (final Request.BadRequestException | IllegalArgumentException e) {
            incidents.add(Incident.CONTROL_REFUSED);
            connection.answer(
                    List.of(Answers.error(String.valueOf(e.getMessage()))).iterator(), nowNanos);
        }
        connection.write(nowNanos);
        loop.again(connection);
    }

    private void answer(final Connection connection, final Answers.Answer answer, final long nowNanos) {
        if (answer instanceof Answers.Answer.Lines lines) {
            connection.answer(lines.lines(), nowNanos);
        } else if (answer instanceof Answers.Answer.Watch watch) {
            connection.watch(watch);
        } else {
            connection.await();
            awaitingReload.add(connection);
            beginReload();
        }
    }

    /** Begins a reload for all that wait for one, unless one is running. */
    private void beginReload() {
        if (reloading || awaitingReload.isEmpty()) {
            return;
        }
        final List<Connection> asked = List.copyOf(awaitingReload);
        reloads.execute(() -> {
            final String line = reloadAnswer();
            loop.execute(() -> endReload(asked, line));
        });
        reloading = true;
        awaitingReload.clear();
    }

    private void endReload(final List<Connection> asked, final String line) {
        reloading = false;
        for (final Connection connection : asked) {
            if (loop.has(connection)) {
                connection.answer(List.of(line).iterator(), System.nanoTime());
                loop.serve(connection, false);
            }
        }
        beginReload();
    }

    @SuppressWarnings("IllegalCatch") // every request must get an answer
    private String reloadAnswer() {
        try {
            return sources.reload().get().toJson();
        } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            LOG.log(System.Logger.Level.ERROR, "the reload failed", e);
            return Answers.error("the reload failed; the log of the daemon says why");
        }
    }

    private void inspect(final Connection connection, final long nowNanos) {
        if (connection.watching()) {
            loop.serve(connection, false);
        }
        if (connection.stalled(limits.stalledNanos(), nowNanos)) {
            cutOff(connection);
        } else if (connection.idle(limits.idleNanos(), nowNanos)) {
            connection.say(Answers.error("nothing asked for too long"));
            cutOff(connection);
        }
    }

    private void cutOff(final Connection connection) {
        incidents.add(Incident.CONTROL_CUT_OFF);
        loop.drop(connection);
    }

    /** The line that reports to a watcher the events that it was too slow for. */
    static String lost(final long count) {
        return new JsonLine().add("lost", count).end();
    }

    /** Stops answering and removes the socket's file. */
    @Override
    public void close() {
        reloads.shutdownNow();
        try {
            loop.close(CLOSE_MILLIS);
            socket.close();
        } catch (final IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the control socket is left behind: " + e.getMessage());
        }
    }
}
