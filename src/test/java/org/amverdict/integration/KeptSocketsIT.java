package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.harness.ManagedDaemon;
import org.amverdict.harness.PacketFlow;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.NetworkLab;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.nfqueue.KernelQueues.KernelQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service manager keeps the sockets of the queues, so packets wait while no process runs. */
@Tag("root")
@Timeout(120)
class KeptSocketsIT {
    private static final int RESTARTS = Integer.getInteger("restarts", 3);
    private static final int RATE = Integer.getInteger("rate", 2_000);
    private static final Setup SETUP = Setup.USUAL.with("queue-length: " + Integer.getInteger("length", 16_384));
    private static final long SETTLE_MS = 300;

    @TempDir
    Path directory;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private static KernelQueue kernel(final NetworkLab lab) throws IOException {
        return lab.firewall().call(() -> KernelQueues.read().queue(0).orElseThrow());
    }

    @Test
    void shouldLoseNoPacketInPlannedRestarts() throws Exception {
        try (NetworkLab lab = NetworkLab.open()) {
            final Path file = EngineLab.configuration(lab, SETUP);
            FirewallRules.apply(lab.firewall(), SETUP.placement(), 0, 0);
            try (ManagedDaemon daemon = new ManagedDaemon(lab, file, directory)) {
                daemon.start();
                daemon.awaitReady();
                assertEquals(List.of("queue-0"), daemon.store().names());
                final long portId = kernel(lab).portId();
                double longest = 0;
                final long sent;
                final long received;
                try (PacketFlow flow =
                        new PacketFlow(lab.server(), lab.client(), AmandaMessages.noop(Transaction.number(1)), RATE)) {
                    Thread.sleep(SETTLE_MS);
                    flow.takeLongestGapMillis();
                    for (int i = 0; i < RESTARTS; i++) {
                        daemon.restart();
                        Thread.sleep(SETTLE_MS);
                        longest = Math.max(longest, flow.takeLongestGapMillis());
                    }
                    flow.finish();
                    sent = flow.sent();
                    received = flow.received();
                }
                final KernelQueue after = kernel(lab);
                final String what = "%d of %d packets arrived in %d restarts, longest pause %.1f ms; kernel: %s\n%s"
                        .formatted(
                                received,
                                sent,
                                RESTARTS,
                                longest,
                                after,
                                daemon.daemon().output());
                System.out.println(what);
                assertEquals(portId, after.portId(), "bound all the time: " + what);
                assertEquals(0, after.dropped() + after.userDropped(), what);
                assertEquals(sent, received, what);
                assertEquals(sent, after.lastId(), what);
                assertTrue(daemon.store().messages().stream().anyMatch(each -> each.contains("FDPOLL=0")));
            }
        }
    }

    /** What it had read and not answered is dropped, and all the rest is judged. */
    @Test
    void shouldLoseOnlyWhatAKilledProcessHadRead() throws Exception {
        try (NetworkLab lab = NetworkLab.open()) {
            final Path file = EngineLab.configuration(lab, SETUP);
            FirewallRules.apply(lab.firewall(), SETUP.placement(), 0, 0);
            try (ManagedDaemon daemon = new ManagedDaemon(lab, file, directory)) {
                daemon.start();
                daemon.awaitReady();
                final StringBuilder said = new StringBuilder();
                double dropped = 0;
                final long sent;
                final long received;
                try (PacketFlow flow =
                        new PacketFlow(lab.server(), lab.client(), AmandaMessages.noop(Transaction.number(1)), RATE)) {
                    for (int i = 0; i < RESTARTS; i++) {
                        Thread.sleep(SETTLE_MS);
                        daemon.killAndStart();
                        dropped += MetricsPage.read(lab.firewall(), EngineLab.METRICS_PORT)
                                .sum("amverdict_unanswered_packets_total");
                        said.append(daemon.daemon().output()).append('\n');
                    }
                    Thread.sleep(SETTLE_MS);
                    flow.finish();
                    sent = flow.sent();
                    received = flow.received();
                }
                final KernelQueue after = kernel(lab);
                final String what = "%d of %d arrived, %.0f had been read; kernel: %s%n%s"
                        .formatted(received, sent, dropped, after, said);
                System.out.println(what);
                assertEquals(0, after.waiting() + after.dropped() + after.userDropped(), what);
                assertEquals(sent, after.lastId(), what);
                assertEquals(sent, received + (long) dropped, what);
            }
        }
    }
}
