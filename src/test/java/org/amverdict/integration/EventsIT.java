package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.events.EventSchema;
import org.amverdict.harness.BulkTransfer;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.json.JsonReader;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The event log of the packaged program, of real packets through a real queue. */
@Tag("root")
@Timeout(120)
class EventsIT {
    private static final Family IPV4 = Family.IPV4;
    private static final int BYTES = 3_000_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    static List<Family> families() {
        return Kernel.families();
    }

    private static List<Map<String, Object>> read(final Path file) throws IOException {
        // Nothing was written yet, or it was just moved away.
        final List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        for (final String line : lines) {
            assertEquals(Set.of(), EventSchema.problems(line), line);
        }
        return lines.stream().map(JsonReader::object).toList();
    }

    private static long sum(final List<Map<String, Object>> events, final String type, final String key) {
        return events.stream()
                .filter(event -> type.equals(event.get("event_type")))
                .mapToLong(event -> ((Number) event.getOrDefault(key, 0)).longValue())
                .sum();
    }

    private static long count(final List<Map<String, Object>> events, final String type, final String action) {
        return events.stream()
                .filter(event -> type.equals(event.get("event_type")) && action.equals(event.get("action")))
                .count();
    }

    /** With every packet queued, streams over several workers, the events and the metrics agree to the packet. */
    @ParameterizedTest
    @MethodSource("families")
    void shouldTellOfADumpWhatTheMetricsCount(final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.queues(3).everything());
                Conversation udp = lab.dump(family)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
            try (ServerSocket data = Streams.listen(lab.client(), family, 11_001)) {
                assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply), "sendbackup");
                try (Socket requester =
                                Streams.connect(lab.server(), lab.client(), family, 11_001, EngineLab.ARRIVE_MS);
                        Socket responder = data.accept()) {
                    // An orderly end, not the reset of the other trials.
                    requester.setSoLinger(false, 0);
                    BulkTransfer.run(responder, requester, BYTES, EngineLab.ARRIVE_MS * 10);
                }
            }
            assertEquals(Outcome.SILENT, lab.connect(family, 11_009), "a port that nobody announced");
            Awaitility.await()
                    .until(() ->
                            read(lab.eventsFile()).stream().anyMatch(event -> "close".equals(event.get("action"))));
            // What is still on its way between the two hosts, such as the last acknowledgement.
            final MetricsPage metrics = settled(lab);
            lab.stopDaemon();

            final List<Map<String, Object>> events = read(lab.eventsFile());
            final Map<String, Object> close = events.stream()
                    .filter(event -> "close".equals(event.get("action")))
                    .reduce((first, second) -> second)
                    .orElseThrow();
            assertEquals("finished", close.get("cause"), close.toString());
            assertTrue(EventSchema.number(close, "reply_bytes") > BYTES, close.toString());
            for (final String direction : List.of("original", "reply")) {
                final String label = "direction=\"" + direction + "\"";
                assertEquals(
                        (long) metrics.sum("amverdict_stream_bytes_total", "stream=\"data\"", label),
                        EventSchema.number(close, direction + "_bytes"),
                        direction);
                assertEquals(
                        (long) metrics.sum("amverdict_stream_packets_total", "stream=\"data\"", label),
                        EventSchema.number(close, direction + "_packets"),
                        direction);
            }
            assertEquals(
                    (long) metrics.sum("amverdict_packets_total", "verdict=\"drop\""), sum(events, "drop", "count"));
            assertEquals(1, count(events, "request", "asked"));
            assertEquals(1, count(events, "expect", "announced"));
            assertEquals(1, count(events, "stream", "open"));
            assertEquals("start", events.get(0).get("event_type"));
            assertEquals(true, events.get(events.size() - 2).get("final"));
            assertEquals("stop", events.get(events.size() - 1).get("event_type"));
        }
    }

    /** The metrics once they have stood still for a while. */
    private static MetricsPage settled(final EngineLab lab) throws IOException {
        final long[] before = {-1};
        Awaitility.await().pollInterval(Duration.ofMillis(300)).until(() -> {
            final long now = (long) lab.metrics().sum("amverdict_packets_total");
            final boolean same = now == before[0];
            before[0] = now;
            return same;
        });
        return lab.metrics();
    }

    @Test
    void shouldBeginANewFileAfterLogrotate() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            assertTrue(udp.ask(AmandaMessages.noop(lab.nextTransaction())));
            Awaitility.await().until(() -> count(read(lab.eventsFile()), "request", "asked") == 1);
            final Path rotated = lab.eventsFile().resolveSibling("events.json.1");
            Files.move(lab.eventsFile(), rotated);

            Awaitility.await().until(() -> Files.exists(lab.eventsFile()));
            assertTrue(udp.ask(AmandaMessages.noop(lab.nextTransaction())));
            lab.stopDaemon();

            assertEquals(1, count(read(rotated), "request", "asked"));
            assertEquals(1, count(read(lab.eventsFile()), "request", "asked"));
        }
    }

    /** The first line says so, and everything else continues. */
    @Test
    void shouldGoOnWhenTheDiskIsFull() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            lab.stopDaemon();
            Files.delete(lab.eventsFile());
            Files.createSymbolicLink(lab.eventsFile(), Path.of("/dev/full"));
            lab.startDaemon();
            for (int i = 0; i < 3; i++) {
                assertTrue(udp.ask(AmandaMessages.noop(lab.nextTransaction())));
            }
            Awaitility.await().until(() -> lab.metrics().sum("amverdict_events_lost_total", "cause=\"file\"") >= 4);
            assertEquals(3, lab.metrics().sum("amverdict_packets_total", "reason=\"request\""));
            lab.stopDaemon();

            final String output = lab.daemon().output();
            assertEquals(2, output.split("events.json cannot be written", -1).length, output);
        }
    }
}
