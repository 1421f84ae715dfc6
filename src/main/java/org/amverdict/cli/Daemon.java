package org.amverdict.cli;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.amverdict.config.EngineConfiguration;
import org.amverdict.config.ListenAddress;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.conntrack.ConntrackWatcher;
import org.amverdict.control.ControlServer;
import org.amverdict.control.ControlSources;
import org.amverdict.control.ReloadOutcome;
import org.amverdict.control.SocketTakenException;
import org.amverdict.engine.CarriedRefusals;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.history.ExpectedStreams;
import org.amverdict.incidents.Incidents;
import org.amverdict.nfqueue.LoopbackQueue;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Policy;
import org.amverdict.state.Moment;
import org.amverdict.state.StateException;
import org.amverdict.state.StateFile;
import org.amverdict.telemetry.Metrics;
import org.amverdict.telemetry.SharedFigures;
import org.amverdict.telemetry.StatusFeed;
import org.amverdict.telemetry.StatusReports;
import org.amverdict.telemetry.StatusSearch;
import org.amverdict.telemetry.StatusServer;
import org.amverdict.telemetry.Telemetry;
import org.amverdict.text.FileFailure;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.worker.QueueWorker;
import org.amverdict.worker.WarmUp;
import org.amverdict.worker.WorkerGroup;
import org.amverdict.workload.SyntheticDumps;
import org.jspecify.annotations.Nullable;

/**
 * The running program: tables, a worker for each queue, and what reports on them. Created, started and stopped once.
 */
final class Daemon implements AutoCloseable {
    private static final Logger LOG = System.getLogger("org.amverdict");
    /** After this time the compilers have done most of their work, and the memory they used is free. */
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Settings settings;
    private final Tables tables;
    private final Incidents incidents;
    private final Telemetry telemetry;
    private final WorkerGroup workers;
    private final Reloader reloader;
    private final StatusReports status;
    private final SharedFigures figures;
    private final ConntrackWatcher conntrack;
    private final RulesWatch rules;
    private final @Nullable StateFile state;
    private final ServiceManager manager;
    private final KeptSockets sockets;
    /** Guards what follows: each startup step either completes before shutdown begins or does not happen. */
    private final Object steps = new Object();

    /** Written as said above; its counter is read by any thread. */
    private @Nullable ControlServer control;

    private @Nullable StatusServer server;
    private @Nullable Metrics metrics;
    /** The file's contents are in the tables, so shutdown has to write them again. */
    private volatile boolean stateTaken;

    private boolean ended;

    /**
     * @param source where the settings came from, and where a reload reads them
     * @param settings those to start with
     * @param log applies the settings of the human log
     * @param manager gets the reports
     * @param sockets those of queues that outlive a process
     * @param incidents counts them
     */
    Daemon(
            final SettingsSource source,
            final Settings settings,
            final Consumer<Settings> log,
            final ServiceManager manager,
            final KeptSockets sockets,
            final Incidents incidents) {
        this.settings = settings;
        this.manager = manager;
        this.sockets = sockets;
        this.incidents = incidents;
        tables = new Tables(EngineConfiguration.limits(settings), new SecureRandom().nextLong());
        InterfaceWatch.start(tables.interfaces());
        telemetry = new Telemetry(tables, this::inForce, settings.events().file());
        state = settings.state().file() == null
                ? null
                : new StateFile(settings.state().file());
        workers = new WorkerGroup(makeWorkers(EngineConfiguration.engineSettings(settings)), this::forgetState);
        reloader = new Reloader(source, settings, log, tables, workers, telemetry::reopen);
        conntrack = new ConntrackWatcher(
                this::isOfAmanda, telemetry::tracked, new CarriedRefusals(tables, System::nanoTime), incidents);
        rules = new RulesWatch(reloader::settings, telemetry::rules);
        figures = new SharedFigures(Sources.of(reloader, rules, tables, workers, telemetry, incidents));
        status = new StatusReports(figures);
        telemetry.conntrackLost(conntrack::overruns);
    }

    private EngineSettings inForce() {
        return reloader.engineSettings();
    }

    /** Whether a connection between these hosts may be one that was let in. Any thread. */
    private boolean isOfAmanda(
            final long originatorHigh,
            final long originatorLow,
            final long responderHigh,
            final long responderLow,
            final int responderPort) {
        final Policy policy = inForce().policy();
        final Tuple tuple =
                new Tuple().set(originatorHigh, originatorLow, 0, responderHigh, responderLow, responderPort);
        return policy.permits(tuple) || policy.staticPort(tuple);
    }

    private ReloadOutcome reload() {
        manager.reloading();
        try {
            final ReloadOutcome outcome = reloader.reload();
            telemetry.reloaded(reloader.successful(), reloader.message());
            rules.lookSoon();
            return outcome;
        } finally {
            manager.ready(readyLine()); // or the service manager waits for it
        }
    }

    private List<QueueWorker> makeWorkers(final EngineSettings engineSettings) {
        final List<QueueWorker> made = new ArrayList<>();
        for (final QueueRange range : settings.queues()) {
            for (int queue = range.first(); queue <= range.last(); queue++) {
                final VerdictEngine engine =
                        new VerdictEngine(engineSettings, tables, new EngineCounters(), telemetry.events());
                made.add(new QueueWorker(
                        EngineConfiguration.queueSettings(settings, range, queue),
                        range.cpuOf(queue),
                        range.waiting() == QueueRange.Wait.SPIN,
                        engine,
                        sockets));
            }
        }
        return made;
    }

    /** Restores what was saved at the last stop. */
    private void loadState() throws InterruptedException {
        if (state == null) {
            return;
        }
        try {
            final StateFile.Content content = state.load(tables, Moment.now());
            if (content != null) {
                LOG.log(Level.INFO, "taken up from " + state + ": " + content);
                reloader.takeBackForbidden();
            }
        } catch (final StateException e) {
            LOG.log(Level.WARNING, e.getMessage());
        }
        stateTaken = true;
    }

    /** From the first packet on the tables change, and the file's contents must not be restored again. */
    private void forgetState() {
        if (state == null || !stateTaken) {
            return;
        }
        try {
            state.remove();
        } catch (final IOException e) {
            LOG.log(
                    Level.WARNING,
                    "the saved state in " + state
                            + " cannot be removed, so if the program is killed, the next start takes"
                            + " it up once more: " + FileFailure.of(e));
        }
    }

    /** Saves the tables for the next start; no worker is judging packets by then. */
    private void saveState() {
        if (state == null || !stateTaken) {
            return;
        }
        try {
            final StateFile.Content content = state.save(tables, Moment.now());
            LOG.log(Level.INFO, "saved to " + state + ": " + content);
        } catch (final IOException e) {
            LOG.log(
                    Level.WARNING,
                    "the tables are not saved, so the next start will not know today's connections: "
                            + FileFailure.of(e) + "; make the directory writable or set state.file");
        }
    }

    private static void warmUp() throws InterruptedException {
        // Nothing reads its reports: the ring fills up, which is also part of the path.
        final SyntheticDumps dumps = new SyntheticDumps(Telemetry.unread());
        new WarmUp(QueueSettings.of(LoopbackQueue.NUMBER), dumps.engine(), dumps).run();
    }

    /**
     * Warms up, then serves metrics, then binds every queue.
     *
     * @return false if a stop was requested meanwhile
     */
    boolean start() throws InterruptedException, IOException {
        // Before the saved state is restored: from then on shutdown must write it again.
        if (!endOnSignal()) {
            return false;
        }
        // Before any queue is bound: from then on the kernel holds packets for us.
        warmUp();
        return unlessEnded(this::listen)
                && unlessEnded(this::loadState)
                && unlessEnded(() ->
                        telemetry.start(figures, queueNumbers(), settings.mode().label()))
                && workers.start()
                && unlessEnded(this::answer);
    }

    private boolean endOnSignal() {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(this::close, "stop"));
            return true;
        } catch (final IllegalStateException e) {
            return false; // the signal has already arrived
        }
    }

    /** One step of the startup. */
    @FunctionalInterface
    private interface Step {
        void make() throws IOException, InterruptedException;
    }

    private boolean unlessEnded(final Step step) throws IOException, InterruptedException {
        synchronized (steps) {
            if (!ended) {
                step.make();
            }
            return !ended;
        }
    }

    private void listen() throws IOException {
        final ListenAddress listen = settings.metrics().listen();
        if (listen != null) {
            metrics = new Metrics(figures);
            final StatusFeed feed = new StatusFeed(
                    status::now,
                    telemetry.sessions(),
                    new ExpectedStreams(tables.expectations(), System::nanoTime),
                    telemetry.drops());
            final StatusSearch search = new StatusSearch(telemetry.sessions(), telemetry.drops(), System::nanoTime);
            server = StatusServer.start(
                    listen.toSocketAddress(),
                    incidents,
                    metrics::scrape,
                    workers::missing,
                    new StatusServer.Pages(feed::json, telemetry.verdicts()::json, search::json));
        }
        control = bindControl();
    }

    private void answer() {
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
     * Without the socket the program can still do everything except answer questions, so only another daemon at the
     * socket is a reason to stop.
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
                    settings.control().group(),
                    new ControlSources(
                            status::now,
                            new ControlSources.History(telemetry.sessions(), telemetry.drops(), telemetry.why()),
                            telemetry.feed(),
                            tables.expectations(),
                            () -> tables.expectations().flush(new Scratch(tables.operatorEndings())),
                            this::reload),
                    incidents);
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

    /** So that the counts of this process can be added up with those of others. */
    private String judged() {
        return Arrays.stream(Verdict.values())
                .map(verdict -> workers.judged(verdict) + " " + verdict.label())
                .collect(Collectors.joining(", ", "judged since the start: ", ""));
    }

    private void handleHangup() {
        try {
            Signals.onHangup(this::reload);
        } catch (final IllegalStateException e) {
            LOG.log(Level.WARNING, e.getMessage() + "; use 'amverdict reload'");
        }
    }

    /** {@code ready: queues 10,11-14 mode enforce}. */
    String readyLine() {
        final Settings.Mode mode = reloader.enforcing() ? Settings.Mode.ENFORCE : Settings.Mode.MONITOR;
        return "ready: queues " + queueNumbers() + " mode " + mode.label();
    }

    /** {@code 10,11-14}. */
    String queueNumbers() {
        return settings.queues().stream().map(QueueRange::numbers).collect(Collectors.joining(","));
    }

    /** Reports readiness to the service manager and then the state until it stops; false if a queue failed. */
    boolean awaitEnd() throws InterruptedException {
        manager.ready(readyLine());
        conntrack.start();
        rules.start();
        final long readyNanos = System.nanoTime();
        boolean settled = false;
        while (!workers.awaitEnd(manager.periodNanos())) {
            manager.alive(workers.missing());
            if (!settled && System.nanoTime() - readyNanos >= SETTLED_NANOS) {
                settled = true;
                NativeMemory.trim();
            }
        }
        final RuntimeException failure = workers.failure();
        if (failure != null) {
            LOG.log(Level.ERROR, "a queue failed, so all stop: " + failure.getMessage());
        }
        return failure == null;
    }

    /**
     * Runs at SIGTERM, when a queue fails, and after everything else: answers the packets that the kernel holds, then
     * saves the tables. Any thread; a second call waits for the first.
     */
    @Override
    public void close() {
        synchronized (steps) {
            if (ended) {
                return;
            }
            ended = true;
            manager.stopping();
            try {
                workers.close();
                LOG.log(Level.INFO, judged());
                if (control != null) {
                    control.close(); // so that nothing revokes what is being saved
                }
            } finally {
                saveState();
            }
            conntrack.close();
            rules.close();
            telemetry.close();
            if (server != null) {
                server.close();
            }
            if (metrics != null) {
                metrics.close();
            }
        }
    }
}
