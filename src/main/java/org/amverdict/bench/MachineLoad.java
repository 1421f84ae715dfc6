package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How busy all processors were until a moment. Source: first line of /proc/stat (proc(5)), in hundredths of a second.
 *
 * @param busyTicks user, nice, system, interrupts
 * @param idleTicks idle and waiting for disks
 */
record MachineLoad(long busyTicks, long idleTicks) {
    private static final int FIELDS_MIN = 9;
    private static final long TICKS_PER_SECOND = 100;
    private static final long SAMPLE_MILLIS = 400;
    private static final double IDLE_WANTED = 0.85;
    private static final Path PROC = Path.of("/proc");

    static MachineLoad now() throws IOException {
        return parse(Files.readString(PROC.resolve("stat")));
    }

    /** From the text of /proc/stat. */
    static MachineLoad parse(final String stat) throws IOException {
        final String[] fields = stat.lines().findFirst().orElse("").strip().split(" +", -1);
        if (fields.length < FIELDS_MIN || !fields[0].equals("cpu")) {
            throw new IOException("/proc/stat is not as in proc(5)");
        }
        final long[] ticks = new long[FIELDS_MIN];
        for (int i = 1; i < FIELDS_MIN; i++) {
            ticks[i] = Long.parseLong(fields[i]);
        }
        return new MachineLoad(ticks[1] + ticks[2] + ticks[3] + ticks[6] + ticks[7], ticks[4] + ticks[5]);
    }

    /** Seconds of processor time used since an earlier moment. */
    double busySince(final MachineLoad earlier) {
        return (double) (busyTicks - earlier.busyTicks) / TICKS_PER_SECOND;
    }

    /** Unused part of all processor time since an earlier moment. */
    double idleSince(final MachineLoad earlier) {
        final long idle = idleTicks - earlier.idleTicks;
        final long all = idle + busyTicks - earlier.busyTicks;
        return all == 0 ? 1 : (double) idle / all;
    }

    /**
     * Waits until others leave the machine alone.
     *
     * @param patienceSeconds longest wait
     * @return the idle part of the last 0.4 s
     */
    static double awaitIdle(final int patienceSeconds) throws IOException {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(patienceSeconds);
        double idle;
        do {
            final MachineLoad before = now();
            Waiting.millis(SAMPLE_MILLIS);
            idle = now().idleSince(before);
        } while (idle < IDLE_WANTED && System.nanoTime() - deadline < 0);
        return idle;
    }

    /**
     * Process ids of the kernel's own helpers: softirqs that work for any sender, and workers that, among other things,
     * resize the table of packets that a queue holds.
     */
    static List<Long> kernelHelpers() throws IOException {
        final List<Path> processes;
        try (Stream<Path> all = Files.list(PROC)) {
            processes = all.filter(path -> String.valueOf(path.getFileName()).matches("[0-9]+"))
                    .toList();
        }
        final List<Long> found = new ArrayList<>();
        for (final Path process : processes) {
            final String name = Proc.read(process.resolve("comm")).orElse("");
            if (name.startsWith("ksoftirqd/") || name.startsWith("kworker/")) {
                found.add(Long.valueOf(String.valueOf(process.getFileName())));
            }
        }
        return found;
    }
}
