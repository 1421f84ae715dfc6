package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.FirewallRules.Placement;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.Streams.Outcome;
import org.amverdict.nfqueue.ffi.NativeThread;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two queues, one for each processor: request, reply and SYNs of one dump are judged by different workers, and each of
 * them knows at once what the other has let pass.
 */
@Tag("root")
@Timeout(60)
class CpuFanoutIT {
    private static final int DUMPS = 20;

    @BeforeAll
    static void needsTwoProcessors() {
        Kernel.assumeNamespaces();
        assumeTrue(Runtime.getRuntime().availableProcessors() >= 2, "needs two processors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate", "inline", "offload"})
    void shouldOpenOnOneQueueWhatIsAnnouncedOnAnother(final String placement) throws Exception {
        final List<String> rules =
                List.of("--format", "iptables", "--at", "forward", "--placement", placement, "--queue-cpu-fanout");
        final Setup setup = new Setup(
                "enforce", 1, Placement.GATE, rules, "lifetime: 60s", "", "marks: {data: 0x10, mask: 0xff}\n");
        // A thread that may be pinned, and ends with the test.
        final ExecutorService pinned = Executors.newSingleThreadExecutor();
        try (EngineLab lab = EngineLab.start(setup)) {
            final List<Family> families = Kernel.families();
            for (int i = 0; i < DUMPS; i++) {
                final Family family = families.get(i % families.size());
                pinned.submit(() -> dump(lab, family)).get();
            }

            final MetricsPage page = lab.metrics();
            assertEquals(DUMPS, judged(page, 0, "request"));
            assertEquals(DUMPS, judged(page, 1, "reply"));
            assertEquals(DUMPS, judged(page, 0, "expected"));
            assertEquals(DUMPS, judged(page, 1, "expected"));
        } finally {
            pinned.shutdownNow();
        }
    }

    private static Void dump(final EngineLab lab, final Family family) throws Exception {
        try (Conversation udp = lab.dump(family)) {
            final Transaction of = lab.nextTransaction();
            NativeThread.pinTo(0);
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
            NativeThread.pinTo(1);
            assertTrue(udp.answer(AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX -1")));
            assertEquals(Outcome.CONNECTED, connect(lab, family, 11_001, 0));
            assertEquals(Outcome.CONNECTED, connect(lab, family, 11_002, 1));
        }
        return null;
    }

    /** Connections are made by the thread that lives in the server's namespace; it ends with the lab. */
    private static Outcome connect(final EngineLab lab, final Family family, final int port, final int processor)
            throws IOException {
        lab.server().call(() -> {
            NativeThread.pinTo(processor);
            return processor;
        });
        return lab.connectPatiently(lab.server(), lab.client(), family, port);
    }

    private static long judged(final MetricsPage page, final int queue, final String reason) {
        return (long) page.sum("amverdict_packets_total", "queue=\"" + queue + "\"", "reason=\"" + reason + "\"");
    }
}
