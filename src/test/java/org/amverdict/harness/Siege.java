package org.amverdict.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server of this process under {@link HostileClients}, with honest requests in between. What it costs is read from the
 * thread that serves.
 *
 * @param honestMicros what each honest request took, ascending
 * @param busyMicros CPU time of the server's thread for each act of the others
 * @param idlePercent CPU time of the server's thread while the others hold what they have and do nothing
 * @param descriptors most descriptors that this process had open, less those at the beginning and those of the clients
 * @param keptBytes memory that is still reachable afterwards, less than before
 */
public record Siege(List<Long> honestMicros, double busyMicros, double idlePercent, int descriptors, long keptBytes) {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int ACTS_EACH = 50;
    private static final int COLLECTIONS = 3;
    private static final long QUIET_MILLIS = 1000;

    /** Asks the server what it must answer. */
    @FunctionalInterface
    public interface Honest {
        void ask() throws Exception;
    }

    /**
     * Lays siege.
     *
     * @param thread name of the server's thread
     * @param acts of the hostile clients; an honest request follows every {@value #ACTS_EACH} of them
     */
    public static Siege lay(final String thread, final HostileClients hostile, final Honest honest, final int acts)
            throws Exception {
        final long id = idOf(thread);
        honest.ask();
        final long reachable = reachable();
        final int open = openNow();
        int most = 0;
        final List<Long> micros = new ArrayList<>();
        final long busyStart = THREADS.getThreadCpuTime(id);
        for (int i = 1; i <= acts; i++) {
            hostile.act();
            if (i % ACTS_EACH == 0) {
                final long start = System.nanoTime();
                honest.ask();
                micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
                most = Math.max(most, openNow() - open - hostile.count());
            }
        }
        final long busy = THREADS.getThreadCpuTime(id) - busyStart;
        Thread.sleep(QUIET_MILLIS / 4); // what they have sent is worked off
        final long idleStart = THREADS.getThreadCpuTime(id);
        Thread.sleep(QUIET_MILLIS);
        final long idle = THREADS.getThreadCpuTime(id) - idleStart;
        hostile.close();
        honest.ask();
        micros.sort(null);
        return new Siege(
                micros,
                busy / 1e3 / acts,
                100.0 * idle / TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS),
                most,
                reachable() - reachable);
    }

    /** What this share of the honest requests took at most, milliseconds. */
    public double honestMillis(final double share) {
        return honestMicros.get((int) Math.ceil(share * (honestMicros.size() - 1))) / 1e3;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "honest requests took %.1f ms (median), %.1f ms (95 %%), %.1f ms (most); %.0f us of CPU an act, %.2f %% CPU"
                        + " at rest; %d descriptors; %d bytes kept",
                honestMillis(0.5),
                honestMillis(0.95),
                honestMillis(1),
                busyMicros,
                idlePercent,
                descriptors,
                keptBytes);
    }

    private static long idOf(final String name) {
        for (final Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals(name) && thread.isAlive()) {
                return thread.getId();
            }
        }
        throw new IllegalStateException("no thread " + name);
    }

    private static int openNow() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long reachable() {
        final Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
