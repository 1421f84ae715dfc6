package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.amverdict.events.EventSchema;
import org.amverdict.harness.Asked;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.harness.ManyDumps;
import org.amverdict.harness.ManyDumps.Carried;
import org.amverdict.json.JsonReader;
import org.amverdict.lab.MetricsPage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A night of three hours at 200 times its speed: more than 1,000 dumps and their intruders through the packaged program,
 * and then its metrics, its event log and its sessions must tell the same night, to the packet.
 */
@Tag("root")
@Tag("long")
@Timeout(300)
class NightIT {
    private static final int DUMPS = 1_000;
    private static final int BLOCK = 32;
    private static final long NIGHT_SECONDS = 3 * 3_600;
    private static final int SPEED = 200;
    private static final long BLOCK_NANOS = TimeUnit.SECONDS.toNanos(NIGHT_SECONDS) / SPEED / (DUMPS / BLOCK);
    private static final int STREAMS = 3;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @Test
    void shouldTellTheSameNightInMetricsEventsAndSessions() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.everything())) {
            final ManyDumps dumps = new ManyDumps(lab.network(), Kernel.families(), Carried.DATA);
            play(dumps);
            final int made = dumps.made();
            assertEquals(0, dumps.lost(), "packets that the queue could not hold");

            Awaitility.await("the end of each DATA stream")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> ended(Asked.of(lab, "sessions", "-n", "0", "--json")) == made);
            final List<Map<String, Object>> sessions = Asked.of(lab, "sessions", "-n", "0", "--json").lines().stream()
                    .map(JsonReader::object)
                    .toList();
            final MetricsPage metrics = lab.metrics();
            lab.stopDaemon();
            final List<Map<String, Object>> events = Files.readAllLines(lab.eventsFile()).stream()
                    .map(JsonReader::object)
                    .toList();

            assertMetrics(metrics, made, dumps.packetsEach());
            assertSessions(sessions, metrics, made);
            assertEvents(events, metrics, made);
        }
    }

    private static void play(final ManyDumps dumps) throws IOException {
        final long start = System.nanoTime();
        while (dumps.made() < DUMPS) {
            dumps.play(BLOCK);
            final long due = start + dumps.made() / BLOCK * BLOCK_NANOS;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private static long ended(final Asked sessions) {
        return sessions.lines().stream()
                .filter(line -> line.contains("\"state\":\"closed\""))
                .count();
    }

    /** The night as it was made up. */
    private static void assertMetrics(final MetricsPage metrics, final int made, final int packetsEach) {
        final Map<String, Integer> each = Map.of(
                "request", 1,
                "bad-control", 1,
                "reply", 2,
                "ack", 1,
                "expected", STREAMS,
                "unexpected", 2,
                "established", 13,
                "no-flow", 1);
        each.forEach((reason, count) -> assertEquals(
                (long) count * made, count(metrics, "amverdict_packets_total", "reason=\"" + reason + "\""), reason));
        assertEquals((long) packetsEach * made, count(metrics, "amverdict_packets_total"), "and nothing else");
    }

    private static void assertSessions(
            final List<Map<String, Object>> sessions, final MetricsPage metrics, final int made) {
        assertEquals(made, sessions.size());
        long original = 0;
        long reply = 0;
        final Map<String, Integer> states = new HashMap<>();
        for (final Map<String, Object> session : sessions) {
            assertEquals("replied", session.get("outcome"), session.toString());
            assertEquals("sendbackup", session.get("service"), session.toString());
            for (final Object each : (List<?>) Objects.requireNonNull(session.get("streams"))) {
                final Map<?, ?> stream = (Map<?, ?>) each;
                states.merge(stream.get("stream") + " " + stream.get("state"), 1, Integer::sum);
                if ("DATA".equals(stream.get("stream"))) {
                    original += EventSchema.number(stream, "original_bytes");
                    reply += EventSchema.number(stream, "reply_bytes");
                }
            }
        }
        assertEquals(Map.of("DATA closed", made, "MESG let-through", made, "INDEX let-through", made), states);
        assertEquals(
                count(metrics, "amverdict_stream_bytes_total", "stream=\"data\"", "direction=\"original\""), original);
        assertEquals(count(metrics, "amverdict_stream_bytes_total", "stream=\"data\"", "direction=\"reply\""), reply);
    }

    private static void assertEvents(
            final List<Map<String, Object>> events, final MetricsPage metrics, final int made) {
        final Map<String, Long> counts = events.stream()
                .collect(Collectors.groupingBy(
                        event -> event.get("event_type") + " " + event.getOrDefault("action", ""),
                        Collectors.counting()));
        final long all = made;
        assertEquals(all, counts.get("request asked"));
        assertEquals(all, counts.get("request acknowledged"));
        assertEquals(2 * all, counts.get("reply "));
        assertEquals(all, counts.get("expect announced"));
        assertEquals(STREAMS * all, counts.get("stream open"));

        // The packets that the events tell of are the packets that were judged: beside these four of each exchange,
        // those
        // of streams and those that were dropped.
        final long drops = sum(events, "drop", "count");
        assertEquals(count(metrics, "amverdict_packets_total", "verdict=\"drop\""), drops);
        final long inStreams = sum(events, "stream", "original_packets") + sum(events, "stream", "reply_packets");
        assertEquals(count(metrics, "amverdict_stream_packets_total"), inStreams);
        assertEquals(count(metrics, "amverdict_packets_total"), 4 * all + inStreams + drops);
        assertEquals(
                count(metrics, "amverdict_stream_bytes_total"),
                sum(events, "stream", "original_bytes") + sum(events, "stream", "reply_bytes"));

        final Map<String, Object> last = events.get(events.size() - 2);
        assertEquals(true, last.get("final"), last.toString());
        assertEquals(count(metrics, "amverdict_packets_total"), total(Objects.requireNonNull(last.get("packets"))));
    }

    private static long count(final MetricsPage metrics, final String name, final String... labels) {
        return (long) metrics.sum(name, labels);
    }

    private static long sum(final List<Map<String, Object>> events, final String type, final String key) {
        return events.stream()
                .filter(event -> type.equals(event.get("event_type")) && event.containsKey(key))
                .mapToLong(event -> EventSchema.number(event, key))
                .sum();
    }

    /** Of all numbers below. */
    private static long total(final Object counters) {
        if (counters instanceof Map<?, ?> map) {
            return map.values().stream().mapToLong(NightIT::total).sum();
        }
        return ((Number) counters).longValue();
    }
}
