package org.amverdict.control;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.amverdict.json.JsonLine;

/**
 * Answers at the control socket: one JSON object a line in, one or more out. One thread serves all connections without
 * ever waiting for one of them; a reload has a thread of its own. Made, started and closed by the command that wires the
 * program.
 */
public final class ControlServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlServer.class.getName());
    /** How long an event waits at most until a watcher has it. */
    private static final long WATCH_MILLIS = 100;

    private static final long IDLE_MILLIS = 1000;
    private static final long CLOSE_MILLIS = 2000;

    private final SocketFile socket;
    private final Selector selector;
    private final Answers answers;
    private final ControlSources sources;
    private final Limits limits;
    private final List<Connection> connections = new ArrayList<>();
    private final Queue<Runnable> completed = new ConcurrentLinkedQueue<>();
    private final ThreadPoolExecutor reloads;
    private final Thread thread;
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong cutOff = new AtomicLong();
    private volatile boolean closed;

    /**
     * What one client may take up.
     *
     * @param connections most at one time
     * @param lineBytes most of a request, with its line end
     * @param idleNanos without a request for so long it is cut off, unless it watches
     * @param stalledNanos with an answer that it does not take for so long it is cut off
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
        reloads = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(limits.connections()), task -> {
                    final Thread made = new Thread(task, "amverdict-reload");
                    made.setDaemon(true);
                    return made;
                });
        reloads.allowCoreThreadTimeOut(true);
    }

    /**
     * Listens, with mode 0660; nobody is answered before {@link #start}.
     *
     * @throws SocketTakenException if another daemon answers there
     * @throws IOException if the socket cannot be made; the message says why
     */
    public static ControlServer bind(final Path path, final ControlSources sources)
            throws IOException, SocketTakenException {
        return bind(path, sources, Limits.USUAL);
    }

    static ControlServer bind(final Path path, final ControlSources sources, final Limits limits)
            throws IOException, SocketTakenException {
        final SocketFile socket = SocketFile.bind(path);
        final Selector selector = Selector.open();
        socket.channel().register(selector, SelectionKey.OP_ACCEPT);
        return new ControlServer(socket, selector, sources, limits);
    }

    /** Begins to answer; once. */
    public void start() {
        thread.start();
    }

    /** Connections that were turned away because there were too many. Any thread. */
    public long refused() {
        return refused.get();
    }

    /** Connections that were cut off: idle, slow to read, or with too long a request. Any thread. */
    public long cutOff() {
        return cutOff.get();
    }

    private void run() {
        try {
            while (!closed) {
                selector.select(connections.stream().anyMatch(Connection::watching) ? WATCH_MILLIS : IDLE_MILLIS);
                for (Runnable task = completed.poll(); task != null; task = completed.poll()) {
                    task.run();
                }
                for (final SelectionKey key : selector.selectedKeys()) {
                    if (key.channel() instanceof ServerSocketChannel) {
                        accept();
                    } else if (key.attachment() instanceof Connection connection) {
                        serve(connection, key);
                    }
                }
                selector.selectedKeys().clear();
                tick(System.nanoTime());
            }
        } catch (final IOException e) {
            LOG.log(System.Logger.Level.ERROR, "the control socket has failed; the engine goes on without it", e);
        } finally {
            connections.forEach(Connection::close);
        }
    }

    private void accept() throws IOException {
        final SocketChannel channel = socket.channel().accept();
        if (channel == null) {
            return;
        }
        channel.configureBlocking(false);
        final Connection connection = new Connection(channel, limits.lineBytes(), System.nanoTime());
        if (connections.size() >= limits.connections()) {
            refused.incrementAndGet();
            connection.say(Answers.error("too many connections: " + limits.connections() + " is the most"));
            connection.close();
            return;
        }
        connection.register(selector);
        connections.add(connection);
    }

    /** Whatever one connection does, the others are served. */
    @SuppressWarnings("IllegalCatch")
    private void serve(final Connection connection, final SelectionKey key) {
        try {
            final long nowNanos = System.nanoTime();
            if (key.isValid() && key.isReadable() && !connection.read(nowNanos)) {
                drop(connection);
                return;
            }
            advance(connection, nowNanos);
        } catch (final IOException e) {
            drop(connection); // it is gone
        } catch (final RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a request at the control socket failed", e);
            connection.say(Answers.error("the request failed; the log of the daemon says why"));
            drop(connection);
        }
    }

    /** Sends what can be sent, and takes the next request once an answer is sent whole. */
    private void advance(final Connection connection, final long nowNanos) throws IOException {
        while (connection.write(nowNanos) && !connection.busy()) {
            if (connection.tooLong()) {
                connection.say(Answers.error("a request has " + limits.lineBytes() + " bytes at most"));
                cutOff(connection);
                return;
            }
            final Request request;
            try {
                request = connection.nextRequest();
                if (request == null) {
                    return;
                }
                answer(connection, answers.answer(request));
            } catch (final Request.BadRequestException | IllegalArgumentException e) {
                connection.answer(
                        List.of(Answers.error(String.valueOf(e.getMessage()))).iterator());
            }
        }
    }

    private void answer(final Connection connection, final Answers.Answer answer) {
        if (answer instanceof Answers.Answer.Lines lines) {
            connection.answer(lines.lines());
        } else if (answer instanceof Answers.Answer.Watch watch) {
            connection.watch(watch);
        } else {
            connection.await();
            reloads.execute(() -> {
                final String line = reloadAnswer();
                completed.add(() -> {
                    connection.answer(List.of(line).iterator());
                    resume(connection);
                });
                selector.wakeup();
            });
        }
    }

    @SuppressWarnings("IllegalCatch") // whoever asked must have an answer
    private String reloadAnswer() {
        try {
            return sources.reload().get().toJson();
        } catch (final RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the reload failed", e);
            return Answers.error("the reload failed; the log of the daemon says why");
        }
    }

    private void resume(final Connection connection) {
        try {
            advance(connection, System.nanoTime());
        } catch (final IOException e) {
            drop(connection);
        }
    }

    private void tick(final long nowNanos) {
        for (final Connection connection : List.copyOf(connections)) {
            if (connection.watching()) {
                resume(connection);
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
        connection.close();
    }

    /** What a watcher is told of the events that it was too slow for. */
    static String lost(final long count) {
        return new JsonLine().add("lost", count).end();
    }

    /** Answers nobody any more and takes the socket's file away. */
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
