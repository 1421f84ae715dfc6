package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.amverdict.host.Host;
import org.amverdict.host.KernelParts;
import org.amverdict.host.LocalHost;
import org.amverdict.nfqueue.Capabilities;
import org.amverdict.policy.HostPrefix;

/**
 * Runs every check of the host, one after the other, in a bounded time. Reads only: no queue is bound, no rule, no
 * setting and no file is changed. Stateless; one thread at a time.
 */
public final class Doctor {
    /** Time limit for all checks together, in seconds: a slow host needs some 30 s. */
    public static final int SECONDS_DEFAULT = 120;
    /** Longest time limit, in seconds. */
    public static final int SECONDS_MAX = 3600;
    /** A check that hangs leaves the others their time: it gets this part of the limit at most. */
    private static final int PARTS = 4;

    private Doctor() {}

    /**
     * Examines this host.
     *
     * @param version of the program, for the report
     * @param file configuration, valid or not
     * @param only addresses of the one host to examine; empty for all
     * @param secondsMax time limit for all checks together, 1 to {@link #SECONDS_MAX}
     */
    public static Report examine(
            final String version, final Path file, final List<HostPrefix> only, final int secondsMax)
            throws InterruptedException {
        return examine(
                version,
                new LocalHost(Math.max(1, secondsMax / (2 * PARTS))),
                Examination.of(file, only),
                only.isEmpty() ? Checks.all() : Checks.ofOneHost(),
                secondsMax);
    }

    static Report examine(
            final String version,
            final Host host,
            final Examination examination,
            final List<Check> checks,
            final int secondsMax)
            throws InterruptedException {
        final long nanosMax = TimeUnit.SECONDS.toNanos(secondsMax);
        final long deadline = System.nanoTime() + nanosMax;
        final List<Finding> late = List.of(Finding.unknown(
                "not done: this host needs more time",
                "amverdict doctor --timeout " + Math.min(SECONDS_MAX, PARTS * secondsMax)));
        final List<Report.Result> results = new ArrayList<>();
        for (final Check check : checks) {
            final long nanosLeft = Math.min(nanosMax / PARTS, deadline - System.nanoTime());
            results.add(new Report.Result(check.name(), run(check, host, examination, nanosLeft, late)));
        }
        return new Report(
                version,
                KernelParts.release(host),
                examination.file().toString(),
                results,
                Capabilities.hasNetAdmin(host.read("/proc/self/status").orEmpty()));
    }

    /** Runs the check on its own thread, which is abandoned if the check does not end: a file may hang. */
    private static List<Finding> run(
            final Check check,
            final Host host,
            final Examination examination,
            final long nanosLeft,
            final List<Finding> late)
            throws InterruptedException {
        if (nanosLeft <= 0) {
            return late;
        }
        final FutureTask<List<Finding>> task = new FutureTask<>(() -> check.run(host, examination));
        final Thread thread = new Thread(task, "check-" + check.name());
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(nanosLeft, TimeUnit.NANOSECONDS);
        } catch (final TimeoutException e) {
            return late;
        } catch (final ExecutionException e) {
            // Text in an unexpected format must not break the other checks.
            return List.of(Finding.unknown(
                    "this check cannot read something on this host: " + e.getCause(), "amverdict doctor --json"));
        }
    }
}
