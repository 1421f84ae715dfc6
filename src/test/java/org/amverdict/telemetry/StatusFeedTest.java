package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.amverdict.engine.EngineTestAccess;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.junit.jupiter.api.Test;

final class StatusFeedTest {
    private static final String SCHEMA = "/org/amverdict/telemetry/statuspage.schema.json";
    private static final String STATUS_SCHEMA = "/org/amverdict/control/status.schema.json";
    private static final long HALF_A_SECOND = 500_000_000;

    private final SampleSources sample = new SampleSources();
    private final StatusReports reports = new StatusReports(new SharedFigures(sample.sources()));
    private long nowNanos = Long.MAX_VALUE - 1;

    private StatusFeed feed(final int sessions, final int drops) {
        return new StatusFeed(
                reports::now,
                max -> SampleHistory.sessions(sessions).subList(0, Math.min(max, sessions)),
                SampleHistory.expected(sessions),
                max -> SampleHistory.drops(drops).subList(0, Math.min(max, drops)),
                () -> nowNanos);
    }

    private static String text(final StatusFeed feed) {
        return new String(feed.json(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldAnswerAsItsSchemaSays() throws IOException {
        EngineTestAccess.countPacket(sample.first, Verdict.DROP, Reason.UNEXPECTED, 60);
        final String full = text(feed(40, 10));
        final String empty = text(feed(0, 0));

        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, full));
        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, empty));
        final String status = full.substring("{\"status\":".length(), full.indexOf(",\"sessions_max\""));
        assertEquals(List.of(), JsonSchemas.problems(STATUS_SCHEMA, status));
        assertNotEquals(
                List.of(), JsonSchemas.problems(SCHEMA, full.replace("\"outcome\":\"nak\"", "\"outcome\":\"x\"")));
    }

    @Test
    void shouldTellAStreamAsItIs() {
        final JsonObject session =
                JsonObject.parse(text(feed(1, 0))).objects("sessions").get(0);
        final JsonObject data = session.objects("streams").get(0);
        final JsonObject index = session.objects("streams").get(3);

        assertEquals("2026-11-18T11:06:41.000Z", session.text("requested"));
        assertEquals(0.041, session.decimal("reply_delay_seconds"));
        assertEquals("DATA", data.text("stream"));
        assertEquals(0.0004, data.decimal("connect_delay_seconds"));
        assertEquals(7_512_345_678L, data.number("reply_bytes"));
        assertEquals(12, data.decimal("longest_gap_seconds"));
        assertFalse(data.has("duration_seconds"), "it is not over");
        assertEquals("never", index.text("state"));
        assertFalse(index.has("connect_delay_seconds") || index.has("reply_bytes"), "nothing is known of it");
    }

    @Test
    void shouldBeOfBoundedSizeWhateverThereIs() throws IOException {
        final String text = text(feed(10_000, 10_000));

        final JsonObject answer = JsonObject.parse(text);
        assertEquals(50, answer.objects("sessions").size());
        assertEquals(50, answer.objects("drops").size());
        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, text));
        assertTrue(text.length() < 96 * 1024, text.length() + " characters");
        final JsonObject many =
                JsonObject.parse(text(feed(3, 0))).objects("sessions").get(0);
        assertEquals(8, many.texts("disks").size());
        assertEquals(300, many.number("disk_count"));
    }

    /** The figure and the list are of one source, whatever the sessions on the page know of. */
    @Test
    void shouldCountTheExpectedStreamsThatItLists() {
        final JsonObject few = JsonObject.parse(text(feed(3, 0))).object("expected");
        assertEquals(3, few.number("count"));
        assertEquals(3, few.objects("newest").size());
        assertEquals(20_002, few.objects("newest").get(0).number("port"), "newest first");
        assertEquals(1, few.objects("newest").get(0).decimal("age_seconds"));
        assertEquals("192.0.2.10", few.objects("newest").get(0).text("requester"));

        final JsonObject many = JsonObject.parse(text(feed(120, 0))).object("expected");
        assertEquals(120, many.number("count"));
        assertEquals(50, many.objects("newest").size());
        assertEquals(20_119, many.objects("newest").get(0).number("port"));
    }

    @Test
    void shouldBeMadeTwiceASecondAtMost() {
        final StatusFeed feed = feed(1, 1);
        final byte[] first = feed.json();

        nowNanos += HALF_A_SECOND - 1;
        assertSame(first, feed.json());

        nowNanos++;
        assertFalse(first == feed.json(), "made anew");
    }
}
