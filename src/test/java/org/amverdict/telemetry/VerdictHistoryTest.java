package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amverdict.engine.EngineTestAccess;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.WallClock;
import org.amverdict.json.JsonReader;
import org.amverdict.json.JsonSchemas;
import org.junit.jupiter.api.Test;

final class VerdictHistoryTest {
    private static final String SCHEMA = "/org/amverdict/telemetry/history.schema.json";
    private static final long SECOND = 1_000_000_000L;
    private static final Instant START = Instant.parse("2026-11-27T03:00:00Z");

    private final SampleSources sample = new SampleSources();
    /** Nanoseconds may begin anywhere, also where they run over. */
    private final long begin = Long.MAX_VALUE - 70 * SECOND;

    private long now = begin;
    private final VerdictHistory history =
            new VerdictHistory(new WallClock(() -> now, () -> START.plusNanos(now - begin)), begin);

    VerdictHistoryTest() {
        history.watch(sample.sources().queues());
    }

    private void later(final double seconds) {
        now += (long) (seconds * SECOND);
        history.tick(now);
    }

    private void accept(final int packets) {
        for (int i = 0; i < packets; i++) {
            EngineTestAccess.countPacket(sample.first, Verdict.ACCEPT, Reason.REQUEST, 60);
        }
    }

    private List<?> numbers(final String ring, final String series) {
        return (List<?>) value(ring, series);
    }

    private String end(final String ring) {
        return (String) value(ring, "end");
    }

    private Object value(final String ring, final String key) {
        final Map<?, ?> found = (Map<?, ?>)
                Objects.requireNonNull(JsonReader.object(history.json()).get(ring), ring);
        return Objects.requireNonNull(found.get(key), key);
    }

    private static long sum(final List<?> numbers) {
        return numbers.stream().mapToLong(each -> ((Number) each).longValue()).sum();
    }

    @Test
    void shouldCountSecondsAndMinutes() throws IOException {
        accept(3);
        EngineTestAccess.countPacket(sample.second, Verdict.DROP, Reason.UNEXPECTED, 60);
        later(0.5);
        later(0.6);
        EngineTestAccess.countWouldDrop(sample.second, Reason.UNEXPECTED);
        accept(1);
        later(1);

        assertEquals("[3, 1]", numbers("seconds", "passed").toString());
        assertEquals("[1, 0]", numbers("seconds", "drop").toString());
        assertEquals("[0, 1]", numbers("seconds", "would_drop").toString());
        assertEquals("[]", numbers("minutes", "passed").toString(), "no minute is over");
        assertEquals("2026-11-27T03:00:02.000Z", end("seconds"));

        for (int second = 0; second < 60; second++) {
            later(1);
        }
        assertEquals("[4]", numbers("minutes", "passed").toString());
        assertEquals("2026-11-27T03:01:00.000Z", end("minutes"));
        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, history.json()));
    }

    @Test
    void shouldSpreadWhatALateTickBringsAndLoseNothing() {
        accept(100);
        later(7.9);

        assertEquals(7, numbers("seconds", "passed").size());
        assertEquals(100, sum(numbers("seconds", "passed")));
        later(0.2);
        assertEquals(8, numbers("seconds", "passed").size());
    }

    @Test
    void shouldKeepADayAndNoMoreWhateverTheTimeBrings() throws IOException {
        for (int minute = 0; minute < 3 * 24 * 60; minute++) {
            accept(1);
            later(60);
        }

        assertEquals(24 * 60, numbers("minutes", "passed").size());
        assertEquals(24 * 60, sum(numbers("minutes", "passed")));
        assertEquals(120, numbers("seconds", "passed").size());
        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, history.json()));
        assertTrue(history.json().length() < 32 * 1024, history.json().length() + " characters");

        accept(5);
        later(40 * 24 * 3600.0); // suspended for long
        assertEquals(24 * 60, numbers("minutes", "passed").size());
        assertEquals(5, sum(numbers("minutes", "passed")));
    }
}
