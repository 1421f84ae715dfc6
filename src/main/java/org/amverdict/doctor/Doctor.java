package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.amverdict.host.Host;
import org.amverdict.host.KernelParts;
import org.amverdict.host.LocalHost;
import org.amverdict.nfqueue.Capabilities;

/**
 * Runs every check of the host, one after the other, in a bounded time. Reads only: no queue is bound, no rule, no
 * setting and no file is changed. Stateless; one thread at a time.
 */
public final class Doctor {
    /** Time limit for all checks together. */
    static final long NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

    private Doctor() {}

    /**
     * Examines this host.
     *
     * @param version of the program, for the report
     * @param file configuration, valid or not
     */
    public static Report examine(final String version, final Path file) throws InterruptedException {
        return examine(version, new LocalHost(), Examination.of(file), Checks.all(), NANOS_MAX);
    }

    static Report examine(
            final String version,
            final Host host,
            final Examination examination,
            final List<Check> checks,
            final long nanosMax)
            throws InterruptedException {
        final long deadline = System.nanoTime() + nanosMax;
        final List<Report.Result> results = new ArrayList<>();
        for (final Check check : checks) {
            results.add(new Report.Result(check.name(), run(check, host, examination, deadline - System.nanoTime())));
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
            final Check check, final Host host, final Examination examination, final long nanosLeft)
            throws InterruptedException {
        if (nanosLeft <= 0) {
            return notDone();
        }
        final FutureTask<List<Finding>> task = new FutureTask<>(() -> check.run(host, examination));
        final Thread thread = new Thread(task, "check-" + check.name());
        thread.setDaemon(true);
        thread.start();
        return result(task, nanosLeft);
    }

    private static List<Finding> notDone() {
        return List.of(Finding.unknown("not done within the time of all checks", "amverdict doctor"));
    }

    private static List<Finding> result(final Future<List<Finding>> task, final long nanosLeft)
            throws InterruptedException {
        try {
            return task.get(nanosLeft, TimeUnit.NANOSECONDS);
        } catch (final TimeoutException e) {
            return notDone();
        } catch (final ExecutionException e) {
            // Text in an unexpected format must not break the other checks.
            return List.of(Finding.unknown("the check failed: " + e.getCause(), "amverdict doctor --json"));
        }
    }
}
