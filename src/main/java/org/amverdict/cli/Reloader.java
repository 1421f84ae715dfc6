package org.amverdict.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.config.EngineConfiguration;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsChange;
import org.amverdict.config.SettingsFile;
import org.amverdict.control.ReloadOutcome;
import org.amverdict.control.ReloadOutcome.Revoked;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PolicyRevocation;
import org.amverdict.track.Tables;
import org.amverdict.worker.QueueWorker;
import org.amverdict.worker.WorkerGroup;

/**
 * The settings in force, and how new ones replace them: a valid file takes effect as a whole, except for what needs a
 * restart; an invalid one not at all. The tables stay; entries that the new policy forbids and that are still unused
 * are revoked before {@link #reload} returns. Any thread; one reload at a time.
 */
final class Reloader {
    private static final Logger LOG = System.getLogger("org.amverdict");
    private static final long MILLIS_PER_SECOND = 1000;
    /** A worker completes a cycle at least ten times a second. One that takes this long is stuck, and the reload goes on. */
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final SettingsSource source;
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
     * @param source where a reload reads the settings
     * @param settings those in force at the start
     * @param log applies {@code log.level}
     * @param reopenEvents reopens the event log after rotation
     */
    Reloader(
            final SettingsSource source,
            final Settings settings,
            final Consumer<Settings> log,
            final Tables tables,
            final WorkerGroup workers,
            final Runnable reopenEvents) {
        this.source = source;
        this.settings = settings;
        this.engineSettings = EngineConfiguration.engineSettings(settings);
        this.log = log;
        this.tables = tables;
        this.workers = workers;
        this.reopenEvents = reopenEvents;
    }

    /** Whether verdicts are enforced now. */
    boolean enforcing() {
        return settings.mode() == Settings.Mode.ENFORCE;
    }

    /** The settings in force. Any thread. */
    Settings settings() {
        return settings;
    }

    /** The file that a reload reads. */
    Path file() {
        return source.file();
    }

    /** The settings that the engines judge with. */
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

    /** The outcome of the last reload, one line; empty before the first one. */
    String message() {
        return message;
    }

    /** Reads the file and puts it in force if it is valid. Reopens the event log either way. */
    synchronized ReloadOutcome reload() {
        reopenEvents.run();
        final SettingsFile read;
        try {
            read = source.read();
        } catch (final ConfigurationException e) {
            final ReloadOutcome refused = refuse(
                    e.problems().stream().map(ConfigurationProblem::format).toList());
            e.problems().forEach(RunReport::log);
            return refused;
        }
        final SettingsChange change = SettingsChange.between(settings, read.settings());
        final List<String> notes = new ArrayList<>();
        final ReloadOutcome outcome;
        try {
            final Revoked revoked = putInForce(change.result(), notes);
            addNotes(change, notes);
            outcome = new ReloadOutcome(
                    source.file().toString(),
                    List.of(),
                    read.warnings().stream().map(ConfigurationProblem::format).toList(),
                    new ReloadOutcome.Keys(change.changed(), change.restart()),
                    revoked,
                    notes);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.log(Level.ERROR, "the program is being stopped");
            return refuse(List.of("the program is being stopped"));
        }
        message = summary(outcome);
        LOG.log(Level.INFO, "reloaded " + source.file() + ": " + message);
        read.warnings().forEach(RunReport::log);
        return outcome;
    }

    private ReloadOutcome refuse(final List<String> problems) {
        successful = false;
        final String first = problems.get(0).lines().findFirst().orElse("");
        message = "refused, the earlier configuration stays in force: " + first
                + (problems.size() > 1 ? " (and " + (problems.size() - 1) + " more)" : "");
        LOG.log(Level.ERROR, "reload refused, the earlier configuration stays in force");
        return ReloadOutcome.refused(source.file().toString(), problems);
    }

    /**
     * Swaps the settings of every engine, then revokes what they forbid; see {@link PolicyRevocation} for why in this
     * order.
     */
    private Revoked putInForce(final Settings wanted, final List<String> notes) throws InterruptedException {
        final EngineSettings engine = EngineConfiguration.engineSettings(wanted);
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
     * Revokes what the settings in force forbid in a saved state that was just restored, as a reload to them would
     * have.
     */
    synchronized void takeBackForbidden() throws InterruptedException {
        final Revoked revoked = takeBack(engineSettings, new ArrayList<>());
        if (revoked.any()) {
            LOG.log(Level.INFO, "taken back of that, because the configuration forbids it now: " + revoked);
        }
    }

    private Revoked takeBack(final EngineSettings engine, final List<String> notes) throws InterruptedException {
        final PolicyRevocation revocation = new PolicyRevocation(tables, engine.policy());
        awaitRound(notes);
        final int exchanges = revocation.exchanges();
        int expectations = revocation.expectations();
        awaitRound(notes);
        revocation.flows();
        awaitRound(notes);
        expectations += revocation.expectations();
        return new Revoked(expectations, exchanges);
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
        if (change.concernsRules()) {
            notes.add("the rules of the firewall stay as they are: if hosts, ports or queues changed, 'amverdict rules"
                    + " --diff' shows how they differ, and --apply changes them");
        }
    }

    private static String summary(final ReloadOutcome outcome) {
        final StringBuilder text = new StringBuilder();
        final ReloadOutcome.Keys keys = outcome.keys();
        text.append(keys.changed().isEmpty() ? "nothing changed" : String.join(", ", keys.changed()) + " changed");
        if (outcome.revoked().any()) {
            text.append("; taken back: ").append(outcome.revoked());
        }
        if (!keys.restart().isEmpty()) {
            text.append("; needs a restart: ").append(String.join(", ", keys.restart()));
        }
        return text.toString();
    }
}
