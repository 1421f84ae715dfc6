package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.NetworkLab;
import org.amverdict.nfqueue.NotifyListener;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program under a service manager, played by this test: what it says, and when it no longer says it. */
@Tag("root")
@Timeout(90)
class ServiceManagerIT {
    private static final int READY_MS = 30_000;
    private static final int EXIT_MS = 30_000;
    private static final int WATCHDOG_MS = 1_000;
    /** A worker counts as stuck after 5 s. */
    private static final int STUCK_MS = 7_000;

    @TempDir
    Path directory;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @Test
    void shouldReportReadinessFeedTheWatchdogAndReportTheStop() throws IOException {
        try (NetworkLab lab = NetworkLab.open();
                NotifyListener manager = new NotifyListener(socket())) {
            final DaemonProcess daemon = start(lab);

            for (final String queue : List.of("queue-0", "queue-1")) {
                assertEquals("FDSTORE=1\nFDNAME=" + queue + "\nFDPOLL=0", manager.receive(READY_MS));
            }
            assertEquals("READY=1\nSTATUS=ready: queues 0-1 mode enforce", manager.receive(READY_MS));
            for (int i = 0; i < 3; i++) {
                assertTrue(manager.receive(WATCHDOG_MS).startsWith("WATCHDOG=1\n"), "feeding " + i);
            }
            ProcessHandle.of(daemon.pid()).orElseThrow().destroy();
            assertTrue(until("STOPPING=1\n", manager));
            daemon.awaitExit(EXIT_MS);
        }
    }

    /** The worker of queue 1 is held in its system call, all other threads run. */
    @Test
    void shouldStopFeedingTheWatchdogWhenOneQueueIsStuck() throws IOException, InterruptedException {
        assumeTrue(hasStrace(), "skipped: no strace to hold a thread with");
        try (NetworkLab lab = NetworkLab.open();
                NotifyListener manager = new NotifyListener(socket())) {
            final DaemonProcess daemon = start(lab);
            daemon.awaitReady(READY_MS);
            assertTrue(until("READY=1\n", manager));
            assertTrue(manager.receive(WATCHDOG_MS).startsWith("WATCHDOG=1\n"));
            final Process holder = new ProcessBuilder(
                            "strace",
                            "-qq",
                            "-o",
                            directory.resolve("trace").toString(),
                            "-e",
                            "trace=recvmmsg",
                            "-e",
                            "inject=recvmmsg:delay_enter=20000000",
                            "-p",
                            threadOf(daemon.pid(), "queue-1"))
                    .start();
            try {
                assertTrue(until("STATUS=queues that no worker serves: [1]", manager), "says which queue is stuck");

                final long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
                while (System.nanoTime() < endNanos) {
                    final String message = manager.receive(WATCHDOG_MS);
                    assertTrue(message.startsWith("STATUS=queues that no worker serves"), message);
                }
            } finally {
                holder.destroy();
                holder.waitFor();
            }
            assertTrue(until("WATCHDOG=1\n", manager), "is served again, so it is fed again");
        }
    }

    private String socket() {
        return directory.resolve("notify").toString();
    }

    private static boolean until(final String beginning, final NotifyListener manager) {
        final long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STUCK_MS + 3L * WATCHDOG_MS);
        while (System.nanoTime() < endNanos) {
            if (manager.receive(WATCHDOG_MS).startsWith(beginning)) {
                return true;
            }
        }
        return false;
    }

    private static String threadOf(final long processId, final String name) throws IOException {
        try (var threads = Files.list(Path.of("/proc/" + processId + "/task"))) {
            for (final Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("comm")).strip().equals(name)) {
                    return thread.getFileName().toString();
                }
            }
        }
        throw new IOException("no thread " + name);
    }

    private static boolean hasStrace() throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "-V")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (final IOException e) {
            return false;
        }
    }

    private DaemonProcess start(final NetworkLab lab) throws IOException {
        final Path launcher = directory.resolve("amverdict");
        Files.writeString(launcher, """
                #!/bin/sh
                export NOTIFY_SOCKET=%s WATCHDOG_USEC=%d WATCHDOG_PID=$$
                exec %s "$@"
                """.formatted(
                        socket(), WATCHDOG_MS * 1000, EngineLab.launcher().toAbsolutePath()));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        final Path file = EngineLab.configuration(lab, Setup.USUAL.queues(1));
        return lab.own(DaemonProcess.start(launcher, lab.firewall(), List.of("-c", file.toString())));
    }
}
