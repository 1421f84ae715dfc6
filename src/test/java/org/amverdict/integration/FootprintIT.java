package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.NetworkLab;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How long the packaged program takes to {@code ready}, and how much memory it has then, with the default tables and
 * without the archive of classes that an installation makes. src/docs/performance.md has the figures with it.
 */
@Tag("root")
@Tag("alone")
@Timeout(90)
class FootprintIT {
    private static final long READY_MS = 30_000;
    private static final int ROUNDS = 5;
    /** A start of the program as starts of a JVM that does nothing; 23 were seen. */
    private static final int BARE_STARTS_MAX = 46;

    /** 149 MB were seen; tables four times as large take 50 more. */
    private static final long RESIDENT_MAX_KB = 175_000;

    private static final long SETTLE_MS = 3_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @Test
    void shouldBeReadySoon() throws Exception {
        final long[] bare = new long[ROUNDS];
        final long[] program = new long[ROUNDS];
        try (NetworkLab lab = NetworkLab.open()) {
            final Path file = EngineLab.configuration(lab, Setup.USUAL);
            for (int i = 0; i < ROUNDS; i++) {
                bare[i] = bareStart();
                final long start = System.nanoTime();
                final DaemonProcess daemon =
                        DaemonProcess.start(EngineLab.launcher(), lab.firewall(), List.of("-c", file.toString()));
                try (daemon) {
                    daemon.awaitReady(READY_MS);
                    program[i] = System.nanoTime() - start;
                }
            }
        }
        Arrays.sort(bare);
        Arrays.sort(program);
        final double ratio = (double) program[ROUNDS / 2] / bare[ROUNDS / 2];
        System.out.printf("ready after %.1f starts of a bare JVM, %d ms%n", ratio, program[ROUNDS / 2] / 1_000_000);
        assertTrue(ratio < BARE_STARTS_MAX, () -> ratio + " starts of a bare JVM");
    }

    private static long bareStart() throws IOException, InterruptedException {
        final long start = System.nanoTime();
        final Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(java.waitFor(READY_MS, TimeUnit.MILLISECONDS));
        assertEquals(0, java.exitValue());
        return System.nanoTime() - start;
    }

    @Test
    void shouldNotNeedMoreMemoryThanItsTablesAndTheJvm() throws Exception {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            Thread.sleep(SETTLE_MS); // until the warm-up is over

            final long kilobytes =
                    Files.readAllLines(
                                    Path.of("/proc", Long.toString(lab.daemon().pid()), "status"))
                            .stream()
                            .filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElseThrow();

            System.out.printf("resident: %d kB%n", kilobytes);
            assertTrue(kilobytes < RESIDENT_MAX_KB, () -> kilobytes + " kB");
        }
    }
}
