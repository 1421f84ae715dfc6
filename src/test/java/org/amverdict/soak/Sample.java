package org.amverdict.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What one look at the process finds.
 *
 * @param seconds since the beginning
 * @param residentMib memory of the process, VmRSS
 * @param descriptors open files and sockets
 * @param threads of the process, the JVM's own included
 * @param pauseMillis longest time between two honest datagrams that arrived since the last look
 * @param fault what was done to the process since the last look, or nothing
 */
record Sample(double seconds, double residentMib, int descriptors, int threads, double pauseMillis, String fault) {
    private static final double KIB_PER_MIB = 1024;

    /** Looks at a process; throws if it is gone. */
    static Sample of(final long pid, final double seconds, final double pauseMillis, final String fault)
            throws IOException {
        final Path process = Path.of("/proc", Long.toString(pid));
        final String status = Files.readString(process.resolve("status"));
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            return new Sample(
                    seconds,
                    figure(status, "VmRSS:") / KIB_PER_MIB,
                    (int) open.count(),
                    (int) figure(status, "Threads:"),
                    pauseMillis,
                    fault);
        }
    }

    private static double figure(final String status, final String name) throws IOException {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToDouble(Double::parseDouble)
                .findFirst()
                .orElseThrow(() -> new IOException("no " + name + " in /proc/PID/status"));
    }
}
