package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * CPU time of each thread of a process at one moment, as the scheduler counts it. Source: the first number of
 * /proc/PID/task/TID/schedstat (Linux Documentation/scheduler/sched-stats.rst). Immutable.
 */
final class ProcessTime {
    private final Map<String, Long> nanosOfThread;

    ProcessTime(final Map<String, Long> nanosOfThread) {
        this.nanosOfThread = Map.copyOf(nanosOfThread);
    }

    /** For a process that may have ended, which then counts as 0. */
    static ProcessTime ofAny(final long pid) throws IOException {
        return Files.exists(Path.of("/proc", Long.toString(pid), "task")) ? of(pid) : new ProcessTime(Map.of());
    }

    /** @throws IOException if there is no such process */
    static ProcessTime of(final long pid) throws IOException {
        final List<Path> threads;
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            threads = tasks.toList();
        }
        final Map<String, Long> times = new HashMap<>();
        for (final Path thread : threads) {
            Proc.read(thread.resolve("schedstat"))
                    .ifPresent(text -> times.put(String.valueOf(thread.getFileName()), parse(text)));
        }
        return new ProcessTime(times);
    }

    /** Nanoseconds on a processor, from the text of schedstat. */
    static long parse(final String schedstat) {
        return Long.parseLong(schedstat.strip().split(" ", -1)[0]);
    }

    /** Nanoseconds since an earlier moment; threads that have ended since are not in it. */
    long since(final ProcessTime earlier) {
        return nanosOfThread.entrySet().stream()
                .mapToLong(thread -> thread.getValue() - earlier.nanosOfThread.getOrDefault(thread.getKey(), 0L))
                .sum();
    }
}
