package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.Family;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whenever SIGTERM comes, and SIGKILL before the first packet, the saved state is there after the exit. */
@Tag("root")
@Timeout(120)
class StopIT {
    private static final long READY_MS = 30_000;
    private static final long EXIT_MS = 15_000;
    private static final int MOMENTS = 12;
    /** Enough that binding them takes a while. */
    private static final Setup MANY_QUEUES = Setup.USUAL.queues(40).expecting("lifetime: 1h");

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    /** A stopped program that had one exchange and three expectations. */
    private static EngineLab stopped() throws IOException {
        final EngineLab lab = EngineLab.start(MANY_QUEUES);
        try (Conversation udp = lab.dump(Family.IPV4)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));
        }
        lab.stopDaemon();
        return lab;
    }

    private static DaemonProcess started(final EngineLab lab) throws IOException {
        return lab.network()
                .own(DaemonProcess.start(
                        EngineLab.launcher(),
                        lab.network().firewall(),
                        List.of("-c", lab.file().toString())));
    }

    @Test
    void shouldKeepTheStateWheneverItIsToldToStopDuringItsStart() throws Exception {
        try (EngineLab lab = stopped()) {
            final long bytes = Files.size(lab.stateFile());
            final long begin = System.nanoTime();
            lab.startDaemon();
            final long startMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            lab.stopDaemon();
            for (int i = 0; i < MOMENTS; i++) {
                final DaemonProcess daemon = started(lab);
                // More of them late in the start, where the queues are bound.
                Thread.sleep(startMillis / 4 + startMillis * i / MOMENTS);
                daemon.terminate();
                daemon.awaitExit(EXIT_MS);
                assertEquals(bytes, size(lab), "moment " + i + ": " + daemon.output());
                assertFalse(daemon.output().contains("Exception"), daemon.output());
            }
            lab.startDaemon();
            assertEquals(3, lab.metrics().sum("amverdict_expectations"));
        }
    }

    @Test
    void shouldKeepTheStateWhenItIsToldToStopWhileQueuesAreBound() throws Exception {
        try (EngineLab lab = stopped()) {
            final long bytes = Files.size(lab.stateFile());
            for (int i = 0; i < MOMENTS; i++) {
                final DaemonProcess daemon = started(lab);
                daemon.awaitLine("taken up from", READY_MS);
                Thread.sleep(2L * i);
                daemon.terminate();
                daemon.awaitExit(EXIT_MS);
                assertEquals(bytes, size(lab), "moment " + i + ": " + daemon.output());
                assertFalse(daemon.output().contains("Exception"), daemon.output());
            }
        }
    }

    /** Until the first packet is judged, what the file says is true. Afterwards it must not come back. */
    @Test
    void shouldKeepTheStateWhenItIsKilledBeforeTheFirstPacketAndNotAfterwards() throws Exception {
        try (EngineLab lab = stopped()) {
            final long bytes = Files.size(lab.stateFile());
            final DaemonProcess early = started(lab);
            early.awaitLine("taken up from", READY_MS);
            early.kill();
            early.awaitExit(EXIT_MS);
            assertTrue(early.output().contains("ready:") || size(lab) == bytes, early.output());

            lab.startDaemon();
            assertFalse(Files.exists(lab.stateFile()), "nothing comes back twice");
        }
    }

    private static long size(final EngineLab lab) throws IOException {
        return Files.exists(lab.stateFile()) ? Files.size(lab.stateFile()) : -1;
    }
}
