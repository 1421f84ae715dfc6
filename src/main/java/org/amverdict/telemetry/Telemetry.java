package org.amverdict.telemetry;

import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventFanOut;
import org.amverdict.events.EventFeed;
import org.amverdict.events.EventFile;
import org.amverdict.events.EventLines;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventLog;
import org.amverdict.events.EventLoss;
import org.amverdict.events.EventReader;
import org.amverdict.events.EventRecord;
import org.amverdict.events.TrackedConnection;
import org.amverdict.events.TrackedEnd;
import org.amverdict.events.WallClock;
import org.amverdict.events.WorkerEvents;
import org.amverdict.history.Connections;
import org.amverdict.history.DropHistory;
import org.amverdict.history.Dumps;
import org.amverdict.history.EventWords;
import org.amverdict.history.Facts;
import org.amverdict.history.InterfaceNames;
import org.amverdict.history.PastExchanges;
import org.amverdict.history.RecentDrops;
import org.amverdict.history.SessionHistory;
import org.amverdict.history.SessionLog;
import org.amverdict.history.TrackedStreams;
import org.amverdict.history.Tracking;
import org.amverdict.history.Why;
import org.amverdict.history.WhyAnswers;
import org.amverdict.log.DropLog;
import org.amverdict.log.LogEntry;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.jspecify.annotations.Nullable;

/**
 * All reports about packets: the rings that the workers fill, the one thread that reads them, and what it feeds: the
 * human log, the event log, the history of sessions and drops, and the watchers. Made, started and closed by the
 * command that wires the program.
 */
public final class Telemetry implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("org.amverdict.log");

    private final Tables tables;
    private final long startNanos;
    private final EventFanOut watchers = new EventFanOut();
    private final SessionLog sessions;
    private final RecentDrops drops;
    private final WhyAnswers why;
    private final EventLog log;
    private final EventReader reader;
    private volatile LongSupplier conntrackLost = () -> 0;
    private final Connections connections;
    private final Tracking tracking;
    private final QueueActivity activity;
    private final VerdictHistory verdicts;
    private final LongSupplier nanoTime;

    /**
     * Begins without any reports.
     *
     * @param settings in force now; called from the reader's thread and from threads that ask why
     * @param eventFile the file of the event log, null for none
     */
    public Telemetry(final Tables tables, final Supplier<EngineSettings> settings, final @Nullable Path eventFile) {
        this(tables, settings, eventFile, System::nanoTime, WallClock.ofHost(), Telemetry::write);
    }

    public Telemetry(
            final Tables tables,
            final Supplier<EngineSettings> settings,
            final @Nullable Path eventFile,
            final LongSupplier nanoTime,
            final WallClock clock,
            final BiConsumer<System.Logger.Level, LogEntry> text) {
        this.tables = tables;
        this.nanoTime = nanoTime;
        startNanos = nanoTime.getAsLong();
        final PastExchanges history = new PastExchanges();
        final Facts facts = new Facts(history, tables.limits(), settings, InterfaceNames.ofHost());
        final Queue<TrackedEnd> trackedEnds = TrackedStreams.queue();
        sessions = new SessionLog(tables.flows(), facts, trackedEnds, clock, nanoTime);
        connections = new Connections(sessions, trackedEnds);
        drops = new RecentDrops(Verdict.DROP, facts, clock);
        final RecentDrops refused = new RecentDrops(Verdict.ACCEPT, facts, clock);
        final RecentDrops left = new RecentDrops(Verdict.CONTINUE, facts, clock);
        why = new WhyAnswers(
                new WhyAnswers.Recorded(sessions, drops, left, refused, connections, history),
                tables,
                settings,
                nanoTime);
        final EventFile file = eventFile == null
                ? null
                : new EventFile(
                        eventFile, line -> text.accept(System.Logger.Level.WARNING, LogEntry.of(line)), startNanos);
        log = new EventLog(
                new EventLines(clock, new EventWords(facts, sessions)),
                file,
                watchers,
                new TrackedStreams(sessions, connections, trackedEnds),
                startNanos);
        tracking = new Tracking(sessions, connections, settings);
        activity = new QueueActivity(startNanos);
        verdicts = new VerdictHistory(clock, startNanos);
        final DropLog folder = new DropLog(facts, this::lost, line -> text.accept(System.Logger.Level.INFO, line));
        // The history first, so that it knows a packet before a reader of its line can ask.
        reader = new EventReader(
                List.of(
                        new ClockKeeper(clock),
                        facts,
                        sessions,
                        connections,
                        drops,
                        left,
                        refused,
                        folder,
                        tracking,
                        log,
                        activity,
                        verdicts),
                nanoTime);
        sessions.dropsLost(() -> reader.lostDrops() + reader.countedDrops());
        final WorkerEvents operator = reader.events();
        tables.operatorEndings(ending -> {
            synchronized (operator) {
                operator.ended(ending, nanoTime.getAsLong());
            }
        });
    }

    private static void write(final System.Logger.Level level, final LogEntry line) {
        LOG.log(level, line.text(), line.fields());
    }

    private record ClockKeeper(WallClock clock) implements EventListener {
        @Override
        public void event(final EventRecord event) {
            // Only the time matters here.
        }

        @Override
        public void tick(final long nowNanos) {
            clock.follow(nowNanos);
        }
    }

    /** The events of a worker without a reader, for a rehearsal. */
    public static WorkerEvents unread() {
        return WorkerEvents.unread();
    }

    /** The events of one more worker; any thread, before that worker starts. */
    public WorkerEvents events() {
        return reader.events();
    }

    /**
     * Starts the reader; once.
     *
     * @param figures the counters that the event log repeats every minute
     * @param queues the numbers of the queues, as in the configuration
     * @param mode monitor or enforce
     */
    public void start(final SharedFigures figures, final String queues, final String mode) {
        begin(figures, queues, mode);
        reader.start();
    }

    /** As {@link #start}, but without a thread: the caller of {@link #round} is the reader. */
    public void begin(final SharedFigures figures, final String queues, final String mode) {
        final TelemetrySources sources = figures.sources();
        log.stats(new Totals(figures, tables, startNanos));
        activity.watch(sources.queues());
        verdicts.watch(sources.queues());
        tables.flows().forEach(new Scratch(), connections::restore);
        log.note(
                "start",
                line -> line.add("version", sources.program().version())
                        .add("queues", queues)
                        .add("mode", mode));
    }

    /** Passes on earlier records. */
    public void round(final long nowNanos) {
        reader.round(nowNanos);
    }

    /** Reports a reload to the event log. Any thread. */
    public void reloaded(final boolean successful, final String message) {
        log.note("reload", line -> line.add("successful", successful).add("message", message));
    }

    /** Reports to the event log how the firewall's rules stand now. Any thread. */
    public void rules(final String standing, final String message) {
        log.note("rules", line -> line.add("standing", standing).add("message", message));
    }

    /** Reopens the file of the event log, for logrotate. Any thread. */
    public void reopen() {
        log.reopen();
    }

    public SessionHistory sessions() {
        return sessions;
    }

    public DropHistory drops() {
        return drops;
    }

    public Why why() {
        return why;
    }

    /** What was accepted and dropped in the last 24 hours. */
    public VerdictHistory verdicts() {
        return verdicts;
    }

    public EventFeed feed() {
        return watchers;
    }

    /** Takes a report of the kernel's connection tracking; cheap if the connection is not Amanda's. Any thread. */
    public void tracked(final TrackedConnection connection) {
        tracking.report(connection, nanoTime.getAsLong());
    }

    /** How many dumps are running. Any thread. */
    public Dumps dumps() {
        final Dumps since = sessions.dumps();
        return new Dumps(since.running() + connections.dumps(), since.unseen());
    }

    /** How long that queue has been idle, {@link Figure#UNKNOWN} if it was never busy. Any thread. */
    public long idleNanos(final int queue) {
        return activity.idleNanos(queue, nanoTime.getAsLong());
    }

    /** Sessions that were forgotten to make room, since the start. Any thread. */
    public long sessionsForgotten() {
        return sessions.forgotten();
    }

    /** Decisions that the human log did not show because a worker was faster, since the start. Any thread. */
    public long lost() {
        return reader.lostDrops() + reader.lostOthers();
    }

    /** Events lost for that cause, since the start. Any thread. */
    public long lost(final EventLoss loss) {
        return switch (loss) {
            case RING_DROP -> reader.lostDrops();
            case RING -> reader.lostOthers();
            case CONNTRACK -> conntrackLost.getAsLong() + tracking.lost();
            case LIMIT, FILE -> log.lost(loss);
        };
    }

    /** Sets the counter of lost connection tracking reports. Any thread. */
    public void conntrackLost(final LongSupplier counter) {
        conntrackLost = counter;
    }

    /** Passes on what is left and stops; call it after the workers have stopped. */
    @Override
    public void close() {
        reader.close();
    }
}
