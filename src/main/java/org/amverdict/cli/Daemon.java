package org.amverdict.cli;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.amverdict.amanda.StreamName;
import org.amverdict.config.ListenAddress;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.control.ControlServer;
import org.amverdict.control.ControlSources;
import org.amverdict.control.SocketTakenException;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.StreamMarks;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.nfqueue.LoopbackQueue;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.policy.Policy;
import org.amverdict.simulate.MadeUpDumps;
import org.amverdict.state.StateException;
import org.amverdict.state.StateFile;
import org.amverdict.telemetry.DropLogWriter;
import org.amverdict.telemetry.Metrics;
import org.amverdict.telemetry.MetricsServer;
import org.amverdict.telemetry.StatusFeed;
import org.amverdict.telemetry.StatusReports;
import org.amverdict.telemetry.TelemetrySources;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.amverdict.worker.QueueWorker;
import org.amverdict.worker.Rehearsal;
import org.amverdict.worker.WorkerGroup;
import org.jspecify.annotations.Nullable;

/** The running program: tables, a worker for each queue, and what reports on them. Made, started and ended once. */
final class Daemon implements AutoCloseable {
    private static final Logger LOG = System.getLogger("org.amverdict");
    /** Enough for the headers of any TCP packet: IPv6 with a few extension headers, and TCP with all its options. */
    private static final int HEADERS_BYTES = 256;

    private final Settings settings;
    private final Tables tables;
    private final DropLogWriter dropLog;
    private final WorkerGroup workers;
    private final Reloader reloader;
    private final StatusReports status;
    private final TelemetrySources sources;
    private final Thread stopHook;
    private @Nullable ControlServer control;
    private @Nullable MetricsServer server;
    private @Nullable Metrics metrics;
    private volatile boolean stopping;

    /**
     * @param file that the settings came from, and that is read anew by a reload
     * @param commandLine what the command line says over the file
     * @param settings those to start with
     * @param log takes up what the settings say of the human log
     */
    Daemon(
            final Path file,
            final UnaryOperator<Settings> commandLine,
            final Settings settings,
            final Consumer<Settings> log) {
        this.settings = settings;
        tables = new Tables(limits(settings), new SecureRandom().nextLong());
        dropLog = new DropLogWriter(this::enforcing);
        workers = new WorkerGroup(makeWorkers(engineSettings(settings)));
        reloader = new Reloader(file, commandLine, settings, log, tables, workers, () -> {});
        sources = Sources.of(file, reloader, tables, workers, dropLog);
        status = new StatusReports(sources);
        stopHook = new Thread(this::stop, "stop");
    }

    private boolean enforcing() {
        return reloader.enforcing();
    }

    static TableLimits limits(final Settings settings) {
        return new TableLimits(
                settings.transactions().capacity(),
                settings.transactions().perRequester(),
                settings.transactions().replyWithinNs(),
                settings.expectations().capacity(),
                settings.expectations().perRequester(),
                settings.expectations().perReply(),
                settings.expectations().lifetimeNs(),
                settings.flows().capacity(),
                settings.flows().idleNs());
    }

    static EngineSettings engineSettings(final Settings settings) {
        final Map<StreamName, Long> marks = new EnumMap<>(StreamName.class);
        for (final StreamName stream : StreamName.values()) {
            final long mark = settings.marks().of(stream);
            if (mark != Settings.Marks.NONE) {
                marks.put(stream, mark);
            }
        }
        return new EngineSettings(
                settings.policy(),
                settings.mode() == Settings.Mode.ENFORCE,
                settings.refusedReply() == Verdict.DROP,
                marks.isEmpty()
                        ? StreamMarks.NONE
                        : new StreamMarks(marks, settings.marks().mask()),
                settings.published(),
                settings.matchInterfaces(),
                settings.flows().adopt());
    }

    private List<QueueWorker> makeWorkers(final EngineSettings engineSettings) {
        final List<QueueWorker> made = new ArrayList<>();
        for (final QueueRange range : settings.queues()) {
            for (int queue = range.first(); queue <= range.last(); queue++) {
                final VerdictEngine engine =
                        new VerdictEngine(engineSettings, tables, new EngineCounters(), dropLog.events());
                made.add(new QueueWorker(
                        queueSettings(range, queue),
                        range.cpuOf(queue),
                        range.waiting() == Settings.Wait.SPIN,
                        engine));
            }
        }
        return made;
    }

    private QueueSettings queueSettings(final QueueRange range, final int queue) {
        return QueueSettings.of(queue)
                .withMaxLength(settings.queueLength())
                .withCopyRangeBytes(
                        range.copy() == Settings.Copy.PACKET ? QueueSettings.COPY_WHOLE_PACKET : HEADERS_BYTES)
                .withFailOpen(settings.overload() == Verdict.ACCEPT)
                .withGso(range.gso());
    }

    /** Takes up what was saved at the last stop. */
    private void loadState() {
        final Path file = settings.state().file();
        if (file == null) {
            return;
        }
        final Policy policy = settings.policy();
        try {
            final StateFile.Content content = new StateFile(file)
                    .load(
                            tables,
                            (requesterHigh, requesterLow, responderHigh, responderLow, port) ->
                                    policy.permits(requesterHigh, requesterLow, responderHigh, responderLow)
                                            || policy.staticPort(
                                                    requesterHigh, requesterLow, responderHigh, responderLow, port),
                            System.nanoTime(),
                            System.currentTimeMillis());
            if (content != null) {
                LOG.log(Level.INFO, "taken up from " + file + ": " + content);
            }
        } catch (final StateException e) {
            LOG.log(Level.WARNING, e.getMessage());
        }
    }

    /** Saves the tables for the next start; no worker runs any more. */
    private void saveState() {
        final Path file = settings.state().file();
        final boolean empty = tables.transactions().size()
                        + tables.expectations().size()
                        + tables.flows().size()
                == 0;
        if (file == null || empty) {
            return;
        }
        try {
            final StateFile.Content content =
                    new StateFile(file).save(tables, System.nanoTime(), System.currentTimeMillis());
            LOG.log(Level.INFO, "saved to " + file + ": " + content);
        } catch (final IOException e) {
            LOG.log(
                    Level.WARNING,
                    "the tables are not saved, so the next start will not know today's connections: " + e
                            + "; make the directory writable or set state.file");
        }
    }

    private static void rehearse() throws InterruptedException {
        // Nobody reads what it reports: the ring fills, which is part of the path too.
        final MadeUpDumps dumps = new MadeUpDumps(new DropLogWriter(() -> true).events());
        new Rehearsal(QueueSettings.of(LoopbackQueue.NUMBER), dumps.engine(), dumps).run();
    }

    /** Warms up, then binds every queue, then serves metrics. */
    void start() throws InterruptedException, IOException {
        // Before any queue is bound: from then on the kernel holds packets for us.
        rehearse();
        final ListenAddress listen = settings.metrics().listen();
        if (listen != null) {
            metrics = new Metrics(sources);
            final StatusFeed feed = new StatusFeed(status::now, NoHistory.SESSIONS, NoHistory.DROPS);
            server = MetricsServer.start(listen.toSocketAddress(), metrics::scrape, workers::missing, feed::json);
        }
        control = bindControl();
        loadState();
        dropLog.start();
        Runtime.getRuntime().addShutdownHook(stopHook);
        workers.start();
        if (control != null) {
            control.start();
        }
        handleHangup();
        for (final QueueWorker worker : workers.workers()) {
            LOG.log(
                    Level.DEBUG,
                    "queue {0}: receive buffer {1} bytes",
                    Integer.toString(worker.queue()),
                    Integer.toString(worker.receiveBufferBytes()));
        }
    }

    /**
     * Without the socket the program can do all but answer questions, so only another daemon at it is a reason to stop.
     *
     * @throws IOException if another daemon answers there
     */
    private @Nullable ControlServer bindControl() throws IOException {
        final Path socket = settings.control().socket();
        if (socket == null) {
            return null;
        }
        try {
            return ControlServer.bind(
                    socket,
                    new ControlSources(
                            status::now,
                            NoHistory.SESSIONS,
                            NoHistory.DROPS,
                            NoHistory.WHY,
                            NoHistory.EVENTS,
                            tables.expectations(),
                            reloader::reload));
        } catch (final SocketTakenException e) {
            throw new IOException(e.getMessage(), e);
        } catch (final IOException e) {
            LOG.log(
                    Level.WARNING,
                    "no control socket, so status, top, watch, sessions, expectations, why and reload cannot ask this"
                            + " daemon: " + e.getMessage() + "; make the directory, or set control.socket");
            return null;
        }
    }

    private void handleHangup() {
        try {
            Signals.onHangup(reloader::reload);
        } catch (final IllegalStateException e) {
            LOG.log(Level.WARNING, e.getMessage() + "; use 'amverdict reload'");
        }
    }

    /** {@code ready: queues 10,11-14 mode enforce}. */
    String readyLine() {
        final String queues =
                settings.queues().stream().map(QueueRange::numbers).collect(Collectors.joining(","));
        return "ready: queues " + queues + " mode " + settings.mode().label();
    }

    /** Waits until the daemon ends; false if a queue failed. */
    boolean awaitEnd() throws InterruptedException {
        workers.awaitEnd();
        final RuntimeException failure = workers.failure();
        if (failure != null) {
            LOG.log(Level.ERROR, "a queue failed, so all stop: " + failure.getMessage());
        }
        return failure == null;
    }

    /** On SIGTERM: answers what the kernel holds, then lets the process end. */
    private void stop() {
        stopping = true;
        workers.close();
        saveState();
        dropLog.close();
        if (control != null) {
            control.close();
        }
    }

    @Override
    public void close() {
        if (!stopping) {
            workers.close();
            saveState();
            dropLog.close();
        }
        if (control != null) {
            control.close();
        }
        if (server != null) {
            server.close();
        }
        if (metrics != null) {
            metrics.close();
        }
    }
}
