package org.amverdict.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsChange;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;
import org.amverdict.control.ReloadOutcome;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PolicyRevocation;
import org.amverdict.track.Tables;
import org.amverdict.worker.QueueWorker;
import org.amverdict.worker.WorkerGroup;

/**
 * The settings in force, and how others come into force: all of a valid file, but for what needs a restart, or nothing.
 * The tables stay; what the new policy forbids and nobody has used yet is taken back before {@link #reload} returns. Any
 * thread; one reload at a time.
 */
final class Reloader {
    private static final Logger LOG = System.getLogger("org.amverdict");
    private static final long MILLIS_PER_SECOND = 1000;
    /** A worker comes round ten times a second; one that does not for so long is stuck and is not waited for. */
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** What {@code amverdict rules} makes its rules from. */
    private static final List<String> IN_RULES =
            List.of("control-ports", "requester-ports", "allow", "static", "published", "queues");

    private final Path file;
    private final UnaryOperator<Settings> commandLine;
    private final Consumer<Settings> log;
    private final Tables tables;
    private final WorkerGroup workers;
    private final Runnable reopenEvents;
    private volatile Settings settings;
    private volatile EngineSettings engineSettings;
    private volatile boolean successful = true;
    private volatile long loadedEpochSeconds = System.currentTimeMillis() / MILLIS_PER_SECOND;
    private volatile String message = "";

    /**
     * @param commandLine what the command line says over the file
     * @param settings those in force at the start
     * @param log takes up {@code log.level}
     * @param reopenEvents opens the event log anew, after it was rotated
     */
    Reloader(
            final Path file,
            final UnaryOperator<Settings> commandLine,
            final Settings settings,
            final Consumer<Settings> log,
            final Tables tables,
            final WorkerGroup workers,
            final Runnable reopenEvents) {
        this.file = file;
        this.commandLine = commandLine;
        this.settings = settings;
        this.engineSettings = Daemon.engineSettings(settings);
        this.log = log;
        this.tables = tables;
        this.workers = workers;
        this.reopenEvents = reopenEvents;
    }

    /** Whether verdicts are enforced at this moment. */
    boolean enforcing() {
        return settings.mode() == Settings.Mode.ENFORCE;
    }

    /** What the engines judge with. */
    EngineSettings engineSettings() {
        return engineSettings;
    }

    boolean successful() {
        return successful;
    }

    /** When the settings in force were loaded. */
    long loadedEpochSeconds() {
        return loadedEpochSeconds;
    }

    /** What came of the last reload, one line; empty before the first one. */
    String message() {
        return message;
    }

    /** Reads the file and puts it in force if it is valid. The event log is opened anew either way. */
    synchronized ReloadOutcome reload() {
        reopenEvents.run();
        final SettingsFile read;
        try {
            read = SettingsLoader.read(file);
        } catch (final ConfigurationException e) {
            return refuse(
                    e.problems().stream().map(ConfigurationProblem::format).toList());
        }
        final SettingsChange change = SettingsChange.between(settings, commandLine.apply(read.settings()));
        final List<String> notes = new ArrayList<>();
        final ReloadOutcome outcome;
        try {
            final int[] revoked = putInForce(change.result(), notes);
            addNotes(change, notes);
            outcome = new ReloadOutcome(
                    true,
                    file.toString(),
                    List.of(),
                    read.warnings().stream().map(ConfigurationProblem::format).toList(),
                    change.changed(),
                    change.restart(),
                    revoked[0],
                    revoked[1],
                    notes);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return refuse(List.of("the program is being stopped"));
        }
        message = summary(outcome);
        LOG.log(Level.INFO, "reloaded " + file + ": " + message);
        outcome.warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
        return outcome;
    }

    private ReloadOutcome refuse(final List<String> problems) {
        successful = false;
        final String first = problems.get(0).lines().findFirst().orElse("");
        message = "refused, the earlier configuration stays in force: " + first
                + (problems.size() > 1 ? " (and " + (problems.size() - 1) + " more)" : "");
        LOG.log(Level.ERROR, "reload refused, the earlier configuration stays in force");
        // A line each, since the log escapes line ends.
        problems.forEach(problem -> problem.lines().forEach(line -> LOG.log(Level.ERROR, line)));
        return ReloadOutcome.refused(file.toString(), problems);
    }

    /**
     * Swaps the settings of every engine, then takes back what they forbid; see {@link PolicyRevocation} for why in this order.
     *
     * @return expectations and exchanges that were taken back
     */
    private int[] putInForce(final Settings wanted, final List<String> notes) throws InterruptedException {
        final EngineSettings engine = Daemon.engineSettings(wanted);
        tables.limits(
                wanted.transactions().keptNs(),
                wanted.expectations().perReply(),
                wanted.expectations().lifetimeNs());
        for (final QueueWorker worker : workers.workers()) {
            worker.engine().settings(engine);
        }
        settings = wanted;
        engineSettings = engine;
        loadedEpochSeconds = System.currentTimeMillis() / MILLIS_PER_SECOND;
        successful = true;
        log.accept(wanted);
        return takeBack(engine, notes);
    }

    /**
     * Takes back what the settings in force forbid of a saved state that was just taken up, as a reload to them would have.
     */
    synchronized void takeBackForbidden() throws InterruptedException {
        final int[] revoked = takeBack(engineSettings, new ArrayList<>());
        if (revoked[0] + revoked[1] > 0) {
            LOG.log(
                    Level.INFO,
                    "taken back of that, because the configuration forbids it now: " + revoked[0] + " expectations, "
                            + revoked[1] + " exchanges");
        }
    }

    /** @return expectations and exchanges that were taken back */
    private int[] takeBack(final EngineSettings engine, final List<String> notes) throws InterruptedException {
        final PolicyRevocation revocation = new PolicyRevocation(tables, engine.policy());
        awaitRound(notes);
        final int exchanges = revocation.exchanges();
        int expectations = revocation.expectations();
        awaitRound(notes);
        revocation.flows();
        awaitRound(notes);
        expectations += revocation.expectations();
        return new int[] {expectations, exchanges};
    }

    private void awaitRound(final List<String> notes) throws InterruptedException {
        for (final int queue : workers.awaitRound(ROUND_NANOS)) {
            final String note = "the worker of queue " + queue + " is stuck, so what it still opens is not taken back";
            if (!notes.contains(note)) {
                notes.add(note);
                LOG.log(Level.WARNING, note);
            }
        }
    }

    private static void addNotes(final SettingsChange change, final List<String> notes) {
        if (IN_RULES.stream()
                .anyMatch(key ->
                        change.changed().contains(key) || change.restart().contains(key))) {
            notes.add("the rules of the firewall stay as they are: if hosts, ports or queues changed, apply those that"
                    + " 'amverdict rules' prints");
        }
    }

    private static String summary(final ReloadOutcome outcome) {
        final StringBuilder text = new StringBuilder();
        text.append(
                outcome.changed().isEmpty() ? "nothing changed" : String.join(", ", outcome.changed()) + " changed");
        if (outcome.revokedExpectations() + outcome.revokedExchanges() > 0) {
            text.append("; taken back: ")
                    .append(outcome.revokedExpectations())
                    .append(" expectations, ")
                    .append(outcome.revokedExchanges())
                    .append(" exchanges");
        }
        if (!outcome.restart().isEmpty()) {
            text.append("; needs a restart: ").append(String.join(", ", outcome.restart()));
        }
        return text.toString();
    }
}
