package org.amverdict.control;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.amverdict.json.JsonLine;
import org.jspecify.annotations.Nullable;

/**
 * Answers at the control socket: one JSON object per line in, one or more out. One thread serves all connections
 * without ever waiting for one of them; a reload has its own thread. Made, started and closed by the command that wires
 * the program.
 *
 * <p>Whatever clients do, a new one is answered: each turn takes one request from each, the quietest is closed when
 * there are too many, reload requests that arrive during a reload share the next one, and no failure ends the thread.
 */
public final class ControlServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlServer.class.getName());
    /** Longest time that an event waits before a watcher gets it. */
    private static final long WATCH_MILLIS = 100;

    private static final long IDLE_MILLIS = 1000;
    private static final long CLOSE_MILLIS = 2000;
    /** Pause after the thread itself has failed or could not accept a connection. */
    private static final long RECOVER_MILLIS = 100;

    private static final int FAILURES_LOGGED_MAX = 10;

    private final SocketFile socket;
    private final Selector selector;
    private final Answers answers;
    private final ControlSources sources;
    private final Limits limits;
    private final List<Connection> connections = new ArrayList<>();
    /** Those that may have another request in their buffer. */
    private final Set<Connection> unfinished = new LinkedHashSet<>();
    /** Those that wait for the reload after the running one. */
    private final List<Connection> awaitingReload = new ArrayList<>();

    private boolean reloading;
    private final Queue<Runnable> completed = new ConcurrentLinkedQueue<>();
    private final ThreadPoolExecutor reloads;
    private final Thread thread;
    private final AtomicLong cutOff = new AtomicLong();
    private int failuresLogged;
    private volatile boolean closed;

    /**
     * Limits for one client.
     *
     * @param connections most at one time; one more displaces the quietest
     * @param lineBytes longest request, with its line end
     * @param idleNanos time without a request after which it is cut off, unless it watches
     * @param stalledNanos time without reading its answer after which it is cut off
     */
    record Limits(int connections, int lineBytes, long idleNanos, long stalledNanos) {
        static final Limits USUAL = new Limits(16, 4096, TimeUnit.SECONDS.toNanos(60), TimeUnit.SECONDS.toNanos(10));
    }

    private ControlServer(
            final SocketFile socket, final Selector selector, final ControlSources sources, final Limits limits) {
        this.socket = socket;
        this.selector = selector;
        this.sources = sources;
        this.limits = limits;
        answers = new Answers(sources);
        thread = new Thread(this::run, "amverdict-control");
        thread.setDaemon(true);
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
    public static ControlServer bind(final Path path, final @Nullable String group, final ControlSources sources)
            throws IOException, SocketTakenException {
        return bind(SocketFile.bind(path, group), sources, Limits.USUAL);
    }

    static ControlServer bind(final SocketFile socket, final ControlSources sources, final Limits limits)
            throws IOException {
        final Selector selector = Selector.open();
        socket.channel().register(selector, SelectionKey.OP_ACCEPT);
        return new ControlServer(socket, selector, sources, limits);
    }

    /** Begins to answer; once. */
    public void start() {
        thread.start();
    }

    /** Connections that were cut off: one too many, idle, slow to read, or with too long a request. Any thread. */
    public long cutOff() {
        return cutOff.get();
    }

    @SuppressWarnings("IllegalCatch") // whatever the failure, the next client must be answered
    private void run() {
        try {
            while (!closed) {
                try {
                    turn();
                } catch (final IOException | RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                    if (!closed) {
                        failed("the control socket failed and goes on", e);
                        recover();
                    }
                }
            }
        } finally {
            connections.forEach(Connection::close);
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
        if (unfinished.isEmpty()) {
            selector.select(connections.stream().anyMatch(Connection::watching) ? WATCH_MILLIS : IDLE_MILLIS);
        } else {
            selector.selectNow();
        }
        for (Runnable task = completed.poll(); task != null; task = completed.poll()) {
            task.run();
        }
        boolean knocked = false;
        for (final SelectionKey key : selector.selectedKeys()) {
            if (key.channel() instanceof ServerSocketChannel) {
                knocked = true;
            } else if (key.attachment() instanceof Connection connection) {
                serve(connection, key.isValid() && key.isReadable());
            }
        }
        selector.selectedKeys().clear();
        for (final Connection connection : List.copyOf(unfinished)) {
            serve(connection, false);
        }
        tick(System.nanoTime());
        if (knocked) {
            accept();
        }
    }

    private void accept() {
        try {
            final SocketChannel channel = socket.channel().accept();
            if (channel != null) {
                admit(channel);
            }
        } catch (final IOException e) {
            // Most likely no descriptor is left. The client stays pending until it is accepted.
            failed("nobody can be let in at the control socket", e);
            recover();
        }
    }

    private void admit(final SocketChannel channel) {
        try {
            channel.configureBlocking(false);
            final Connection connection = new Connection(channel, limits.lineBytes(), System.nanoTime());
            connection.register(selector);
            makeRoom();
            connections.add(connection);
        } catch (final IOException e) {
            try {
                channel.close();
            } catch (final IOException again) {
                // Closed either way.
            }
        }
    }

    private void makeRoom() {
        if (connections.size() < limits.connections()) {
            return;
        }
        Connection quietest = connections.get(0);
        for (final Connection connection : connections) {
            if (connection.isQuieterThan(quietest)) {
                quietest = connection;
            }
        }
        quietest.say(Answers.error("too many connections: " + limits.connections() + " is the most"));
        cutOff(quietest);
    }

    /** Whatever one connection does, the others are served. */
    @SuppressWarnings("IllegalCatch")
    private void serve(final Connection connection, final boolean readable) {
        unfinished.remove(connection);
        try {
            final long nowNanos = System.nanoTime();
            if (readable && !connection.read()) {
                drop(connection);
                return;
            }
            advance(connection, nowNanos);
        } catch (final IOException e) {
            drop(connection); // it is gone
        } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            failed("a request at the control socket failed", e);
            connection.say(Answers.error("the request failed; the log of the daemon says why"));
            drop(connection);
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
            answer(connection, answers.answer(request));
        } catch (final Request.BadRequestException | IllegalArgumentException e) {
            connection.answer(
                    List.of(Answers.error(String.valueOf(e.getMessage()))).iterator());
        }
        connection.write(nowNanos);
        unfinished.add(connection);
    }

    private void answer(final Connection connection, final Answers.Answer answer) {
        if (answer instanceof Answers.Answer.Lines lines) {
            connection.answer(lines.lines());
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
            completed.add(() -> endReload(asked, line));
            selector.wakeup();
        });
        reloading = true;
        awaitingReload.clear();
    }

    private void endReload(final List<Connection> asked, final String line) {
        reloading = false;
        for (final Connection connection : asked) {
            if (connections.contains(connection)) {
                connection.answer(List.of(line).iterator());
                serve(connection, false);
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

    private void tick(final long nowNanos) {
        for (final Connection connection : List.copyOf(connections)) {
            if (connection.watching()) {
                serve(connection, false);
            }
            if (connection.stalled(nowNanos, limits.stalledNanos())) {
                cutOff(connection);
            } else if (connection.idle(nowNanos, limits.idleNanos())) {
                connection.say(Answers.error("nothing asked for too long"));
                cutOff(connection);
            }
        }
    }

    private void cutOff(final Connection connection) {
        cutOff.incrementAndGet();
        drop(connection);
    }

    private void drop(final Connection connection) {
        connections.remove(connection);
        unfinished.remove(connection);
        awaitingReload.remove(connection);
        connection.close();
    }

    /** The line that reports to a watcher the events that it was too slow for. */
    static String lost(final long count) {
        return new JsonLine().add("lost", count).end();
    }

    /** Stops answering and removes the socket's file. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        reloads.shutdownNow();
        try {
            if (thread.isAlive()) {
                thread.join(CLOSE_MILLIS);
            }
            socket.close();
            selector.close();
        } catch (final IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the control socket is left behind: " + e.getMessage());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
