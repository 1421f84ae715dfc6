package org.amverdict.cli;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.amverdict.config.Settings;
import org.amverdict.config.WatchRules;
import org.amverdict.rules.RuleDifference;
import org.amverdict.rules.RuleRequest;
import org.amverdict.rules.RuleSet;
import org.amverdict.rules.RuleStanding;
import org.amverdict.rules.RuleSurvey;
import org.amverdict.rules.RulesException;
import org.amverdict.rules.RulesRecord;

/**
 * Looks every 20 s whether the firewall's rules are in place, reports when that changes, and puts them back if the
 * configuration says so. What it saw may be read by any thread.
 */
final class RulesWatch implements AutoCloseable {
    private static final Logger LOG = System.getLogger("org.amverdict");

    private static final Pace PACE = new Pace(TimeUnit.SECONDS.toNanos(20));

    /** On a host whose rules take long to read, a look takes at most this part of the time, but the period at most doubles. */
    private static final int SHARE = 50;

    /** The same while rules are not in place, when the period does not grow. */
    private static final int SHARE_OF_FAULT = 10;

    /** Most times per hour that rules are put back: another program that keeps removing them wins. */
    static final int RESTORES_MAX = 10;

    private static final long RESTORES_NANOS = TimeUnit.HOURS.toNanos(1);

    private final Supplier<Settings> settings;
    private final BiConsumer<String, String> report;
    private final Pace pace;
    private final RuleSurvey survey = new RuleSurvey();
    private final AtomicLong restored = new AtomicLong();
    private final Deque<Long> restores = new ArrayDeque<>();
    private final Semaphore sooner = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "rules");
    private volatile Seen seen = new Seen(RuleStanding.UNKNOWN, "not looked at yet");

    /**
     * When it looks.
     *
     * @param periodNanos from one look to the next
     */
    record Pace(long periodNanos) {
        /** Before it believes that rules are not in place: somebody may just be loading them. */
        long secondLookNanos() {
            return periodNanos / 6;
        }

        /**
         * Until the next look: sooner while they are not in place, since somebody is probably putting them right.
         *
         * @param took time of one look
         */
        long after(final Seen seen, final long took) {
            return seen.faulty()
                    ? Math.min(periodNanos, Math.max(periodNanos / 4, SHARE_OF_FAULT * took))
                    : Math.min(2 * periodNanos, Math.max(periodNanos, SHARE * took));
        }
    }

    /**
     * What was seen last.
     *
     * @param standing how the rules stand
     * @param message the difference, or why they could not be read; empty if they are in place
     */
    record Seen(RuleStanding standing, String message) {
        boolean faulty() {
            return standing == RuleStanding.GONE
                    || standing == RuleStanding.INCOMPLETE
                    || standing == RuleStanding.NOT_FIRST;
        }
    }

    /**
     * Makes the watch; it does nothing before {@link #start}.
     *
     * @param settings those in force
     * @param report gets the standing and the message when the standing changes
     */
    RulesWatch(final Supplier<Settings> settings, final BiConsumer<String, String> report) {
        this(settings, report, PACE);
    }

    RulesWatch(final Supplier<Settings> settings, final BiConsumer<String, String> report, final Pace pace) {
        this.settings = settings;
        this.report = report;
        this.pace = pace;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Looks now, since other rules may be wanted. Any thread. */
    void lookSoon() {
        sooner.release();
    }

    /** What was seen last. Any thread. */
    Seen seen() {
        return seen;
    }

    /** How often rules were put back. Any thread. */
    long restored() {
        return restored.get();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                long begin = System.nanoTime();
                Seen now = look();
                if (now.faulty()) {
                    TimeUnit.NANOSECONDS.sleep(pace.secondLookNanos());
                    begin = System.nanoTime();
                    now = look();
                }
                final long took = System.nanoTime() - begin;
                accept(now);
                pause(pace.after(now, took));
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until the time is over, or somebody wants to know sooner. */
    private void pause(final long nanos) throws InterruptedException {
        if (sooner.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
            sooner.drainPermits();
        }
    }

    private void accept(final Seen now) {
        final Seen before = seen;
        publish(before, now);
        if (now.faulty() && settings.get().watchRules() == WatchRules.RESTORE && restore()) {
            publish(now, look());
        }
    }

    private void publish(final Seen before, final Seen now) {
        seen = now;
        if (now.standing() == before.standing()) {
            return;
        }
        if (now.faulty()) {
            LOG.log(
                    Level.WARNING,
                    "the firewall's rules are not in place (" + now.standing().label() + "), so packets may pass by the"
                            + " queues: " + now.message() + "; 'amverdict rules --apply' puts them back");
        } else if (before.faulty()) {
            LOG.log(Level.INFO, "the firewall's rules are in place again");
        } else if (now.standing() == RuleStanding.UNKNOWN) {
            LOG.log(Level.WARNING, "cannot check whether the firewall's rules are in place: " + now.message());
        }
        if (now.faulty() || before.faulty()) {
            report.accept(now.standing().label(), now.message());
        }
    }

    private Seen look() {
        final Settings current = settings.get();
        if (current.watchRules() == WatchRules.OFF) {
            return new Seen(RuleStanding.OFF, "");
        }
        try {
            final RuleDifference difference = survey.look(current, last(current));
            // What --apply would still move to the front does no harm where it is.
            final boolean inPlace = difference.standing() == RuleStanding.IN_PLACE;
            return new Seen(difference.standing(), inPlace ? "" : difference.summary());
        } catch (final RulesException | IOException e) {
            return new Seen(RuleStanding.UNKNOWN, oneLine(e));
        }
    }

    private static Optional<RuleRequest> last(final Settings current) throws IOException {
        final Optional<RulesRecord> record = RulesRecord.of(current);
        return record.isPresent() ? record.get().read() : Optional.empty();
    }

    private boolean restore() {
        final long now = System.nanoTime();
        restores.removeIf(when -> now - when > RESTORES_NANOS);
        if (restores.size() >= RESTORES_MAX) {
            if (restores.size() == RESTORES_MAX) {
                restores.addLast(now); // says it once an hour
                LOG.log(
                        Level.WARNING,
                        "rules were put back " + RESTORES_MAX + " times in an hour and are gone again; the program"
                                + " leaves them for now. Find out what removes them");
            }
            return false;
        }
        restores.addLast(now);
        try {
            final Settings current = settings.get();
            final RuleRequest request = last(current).orElse(null);
            if (request == null) {
                LOG.log(
                        Level.WARNING,
                        "rules cannot be put back, since none were applied: run 'amverdict rules --format … --apply'"
                                + " once");
                return false;
            }
            final RuleDifference change = RuleSet.apply(current, request.format(), request.options());
            restored.incrementAndGet();
            LOG.log(Level.INFO, "put the firewall's rules back: " + change.summary());
            return true;
        } catch (final RulesException | IOException e) {
            LOG.log(Level.WARNING, "the firewall's rules cannot be put back: " + oneLine(e));
            return false;
        }
    }

    private static String oneLine(final Exception failure) {
        final List<String> lines =
                String.valueOf(failure.getMessage()).lines().map(String::strip).toList();
        return String.join("; ", lines);
    }
}
