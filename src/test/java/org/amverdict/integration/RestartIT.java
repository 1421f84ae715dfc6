package org.amverdict.integration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.amverdict.harness.BulkTransfer;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SIGTERM in the middle of a dump through {@code inline}, where nothing but the program knows its connections. */
@Tag("root")
@Timeout(60)
class RestartIT {
    private static final Family FAMILY = Family.IPV4;
    private static final Setup INLINE = Setup.USUAL.rules("inline");
    private static final long SOME_BYTES = 1 << 20;
    /** TCP repeats what was lost after twice the time each time. */
    private static final long GO_ON_MS = 60_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    /** A dump under way: its DATA stream carries bytes, MESG is connected and silent, INDEX is still announced. */
    private static final class Dump implements AutoCloseable {
        private final Socket server;
        private final Socket client;
        private final Socket silentServer;
        private final Socket silentClient;
        private final BulkTransfer data;

        Dump(final EngineLab lab) throws IOException {
            try (Conversation udp = lab.dump(FAMILY);
                    ServerSocket dataPort = Streams.listen(lab.client(), FAMILY, 11_001);
                    ServerSocket mesgPort = Streams.listen(lab.client(), FAMILY, 11_002)) {
                final Transaction of = lab.nextTransaction();
                final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
                assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));
                server = Streams.connect(lab.server(), lab.client(), FAMILY, 11_001, EngineLab.ARRIVE_MS);
                client = dataPort.accept();
                silentServer = Streams.connect(lab.server(), lab.client(), FAMILY, 11_002, EngineLab.ARRIVE_MS);
                silentClient = mesgPort.accept();
            }
            data = BulkTransfer.endless(client, server);
            awaitFurther(SOME_BYTES);
        }

        void awaitFurther(final long bytes) {
            final long before = data.received();
            await().atMost(Duration.ofMillis(GO_ON_MS)).until(() -> data.received() >= before + bytes);
        }

        @Override
        public void close() throws IOException {
            data.close();
            server.close();
            client.close();
            silentServer.close();
            silentClient.close();
        }
    }

    @Test
    void shouldCostNoStream() throws IOException {
        try (EngineLab lab = EngineLab.start(INLINE);
                Dump dump = new Dump(lab);
                Conversation waiting = lab.dump(FAMILY)) {
            final Transaction of = lab.nextTransaction();
            assertTrue(waiting.ask(AmandaMessages.sendbackup(of, true)));

            lab.stopDaemon();
            assertTrue(Files.size(lab.stateFile()) > 0);
            assertTrue(lab.daemon().output().contains("INFO  saved to " + lab.stateFile()), "said while it stops");
            final long atStop = dump.data.received();
            lab.startDaemon();

            dump.awaitFurther(SOME_BYTES);
            assertTrue(dump.data.finish(GO_ON_MS).bytes() > atStop, "to the last byte");
            dump.silentServer.getOutputStream().write('x');
            assertEquals('x', dump.silentClient.getInputStream().read(), "a stream that was silent all the while");
            assertEquals(Outcome.CONNECTED, lab.connect(FAMILY, 11_003), "announced before, connected after");
            assertEquals(Outcome.SILENT, lab.connect(FAMILY, 11_001), "taken before, so not open again");
            assertTrue(waiting.answer(AmandaMessages.ack(of)), "asked before, answered after");
            assertTrue(waiting.answer(AmandaMessages.connectReply(of, "DATA 11011 MESG 11012 INDEX 11013")));
            assertEquals(Outcome.CONNECTED, lab.connect(FAMILY, 11_011));
            assertEquals(0, lab.judged("no-flow"));
            assertFalse(Files.exists(lab.stateFile()), "nothing comes back twice");
        }
    }

    /** As a reload would: the service, its ports, and the exchange that waits. */
    @Test
    void shouldBringBackNothingThatTheConfigurationForbidsByThen() throws IOException {
        for (final String forbids : List.of(
                "services: [noop, selfcheck, sendsize]", "services: [sendbackup]\n    stream-ports: 12000-12100")) {
            try (EngineLab lab = EngineLab.start(INLINE);
                    Conversation udp = lab.dump(FAMILY)) {
                final Transaction of = lab.nextTransaction();
                final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
                assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));
                final Transaction asked = lab.nextTransaction();
                assertTrue(udp.ask(AmandaMessages.sendbackup(asked, true)));
                lab.stopDaemon();
                final String allowed = Files.readString(lab.file());
                Files.writeString(
                        lab.file(), allowed.replace("services: [noop, selfcheck, sendsize, sendbackup]", forbids));
                lab.startDaemon();

                assertEquals(Outcome.SILENT, lab.connect(FAMILY, 11_001), forbids);
                assertEquals(0, lab.metrics().sum("amverdict_expectations"), forbids);
                final boolean mayGoOn = forbids.contains("sendbackup");
                assertEquals(mayGoOn ? 2 : 0, lab.metrics().sum("amverdict_transactions"), forbids);
                assertTrue(
                        lab.daemon().output().contains("taken back of that"),
                        lab.daemon().output());
            }
        }
    }

    /** What makes the difference above is the saved state, and nothing else. */
    @Test
    void shouldBreakStreamsWithoutTheSavedState() throws IOException {
        try (EngineLab lab = EngineLab.start(INLINE);
                Dump dump = new Dump(lab)) {
            lab.stopDaemon();
            Files.delete(lab.stateFile());
            final long atStop = dump.data.received();
            lab.startDaemon();

            await().atMost(Duration.ofMillis(GO_ON_MS)).until(() -> lab.left("no-flow") >= 2);
            assertEquals(atStop, dump.data.received(), "not one byte more");
            assertEquals(Outcome.SILENT, lab.connect(FAMILY, 11_003), "nobody knows what was announced");
        }
    }

    @Test
    void shouldAdoptStreamsWithoutTheSavedStateIfTheOperatorSaysSo() throws IOException {
        try (EngineLab lab = EngineLab.start(INLINE.with("flows: {adopt: true}"));
                Dump dump = new Dump(lab)) {
            lab.stopDaemon();
            Files.delete(lab.stateFile());
            final long atStop = dump.data.received();
            lab.startDaemon();

            dump.awaitFurther(SOME_BYTES);
            assertTrue(dump.data.finish(GO_ON_MS).bytes() > atStop, "to the last byte");
            // Either could be the requester, so the directions may be swapped.
            final double bytes = lab.metrics().sum("amverdict_stream_bytes_total", "stream=\"adopted\"");
            assertTrue(bytes > SOME_BYTES, bytes + " bytes of adopted streams");
            assertEquals(Outcome.SILENT, lab.connect(FAMILY, 11_003), "a SYN is never adopted");
        }
    }
}
