package org.amverdict.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Moments as administrators write them, in New York, where it is 08:30 on the morning after the clocks went back. */
final class TimesTest {
    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 11, 2, 8, 30, 15, 0, ZoneId.of("America/New_York"));

    @ParameterizedTest
    @CsvSource({
        "18:00, 2026-11-01T23:00:00Z",
        "8:30, 2026-11-02T13:30:00Z",
        "08:31, 2026-11-01T13:31:00Z",
        "00:00, 2026-11-02T05:00:00Z",
        "08:30:15, 2026-11-02T13:30:15Z",
        "today, 2026-11-02T05:00:00Z",
        "yesterday, 2026-11-01T04:00:00Z",
        "yesterday 18:00, 2026-11-01T23:00:00Z",
        "2026-10-31, 2026-10-31T04:00:00Z",
        "2026-10-31 18:00, 2026-10-31T22:00:00Z",
        "2026-10-31T18:00, 2026-10-31T22:00:00Z",
        "2026-10-31T18:00:01, 2026-10-31T22:00:01Z",
        "2026-10-31T18:00:00.000Z, 2026-10-31T18:00:00Z",
        "2026-10-31T18:00:00+02:00, 2026-10-31T16:00:00Z",
        "2026-10-31 18:00+02:00, 2026-10-31T16:00:00Z",
        "90s, 2026-11-02T13:28:45Z",
        "30m, 2026-11-02T13:00:15Z",
        "30 min ago, 2026-11-02T13:00:15Z",
        "12h, 2026-11-02T01:30:15Z",
        "2d, 2026-10-31T13:30:15Z",
        "1 week ago, 2026-10-26T13:30:15Z",
    })
    void shouldBegin(final String text, final Instant expected) {
        assertEquals(expected, Times.since(text, NOW));
    }

    @ParameterizedTest
    @CsvSource({
        "18:00, 06:00, 2026-11-02T11:00:00Z",
        "18:00, 18:00, 2026-11-02T23:00:00Z",
        "2026-10-30, 6:00, 2026-10-30T10:00:00Z",
        "2026-10-30 18:00, 06:00, 2026-10-31T10:00:00Z",
        "2026-10-30, 2026-10-31, 2026-10-31T04:00:00Z",
        "12h, 1h, 2026-11-02T12:30:15Z",
    })
    void shouldEnd(final String since, final String until, final Instant expected) {
        assertEquals(expected, Times.until(until, Times.since(since, NOW), NOW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "now and then",
                "25:00",
                "18:60",
                "2026-02-30",
                "2026-13-01",
                "30.11.2026",
                "12",
                "12x",
                "-12h",
                "9999999d",
                "2026-10-31 25:00",
                "2026-10-31T18:00+99:00",
                "yesterday evening",
                "\u0661\u0662h"
            })
    void shouldSayWhatATimeLooksLike(final String text) {
        final String said = String.valueOf(assertThrows(IllegalArgumentException.class, () -> Times.since(text, NOW))
                .getMessage());
        assertTrue(said.startsWith("\"" + text + "\" is no time; write 18:00, "), said);
        assertThrows(IllegalArgumentException.class, () -> Times.until(text, NOW.toInstant(), NOW));
    }
}
