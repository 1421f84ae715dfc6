package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StatusSearchTest {
    private static final String SCHEMA = "/org/amverdict/telemetry/search.schema.json";
    private static final int SESSIONS = 4096;
    private static final int DROPS = 1024;
    private static final long HALF_A_SECOND = 500_000_000;

    private long nowNanos = Long.MAX_VALUE - 1;
    private int copies;
    private final StatusSearch search = new StatusSearch(
            max -> {
                copies++;
                return SampleHistory.sessions(SESSIONS);
            },
            max -> SampleHistory.drops(DROPS),
            () -> nowNanos);

    private String text(final String... parameters) {
        final Map<String, String> asked = new HashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            asked.put(parameters[i], parameters[i + 1]);
        }
        return new String(search.json(StatusQuery.of(asked)), StandardCharsets.UTF_8);
    }

    private JsonObject find(final String... parameters) {
        return JsonObject.parse(text(parameters));
    }

    @Test
    void shouldAnswerAsItsSchemaSays() throws IOException {
        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, text()));
        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, text("text", "nothing has this")));
        assertTrue(text().length() < 96 * 1024, text().length() + " characters");
    }

    /** Page after page, each request once. */
    @Test
    void shouldReachEveryRememberedRequest() {
        long before = Long.MAX_VALUE;
        int reached = 0;
        JsonObject page = find();
        while (!page.objects("sessions").isEmpty()) {
            assertEquals(reached, page.object("of_sessions").number("skipped"));
            for (final JsonObject session : page.objects("sessions")) {
                assertTrue(session.number("id") < before, "newest first, none twice");
                before = session.number("id");
                reached++;
            }
            page = find("before", Long.toString(before));
        }

        assertEquals(SESSIONS, reached);
    }

    @ParameterizedTest
    @CsvSource({
        "text, /srv/3, 1",
        "text, SRV SENDBACKUP, 1",
        "text, '  window.hacked   nak ', 1",
        "text, 'data 11077:', 1",
        "text, no such thing, 0",
        "host, 198.51.100.249, 10",
        "host, 198.51.100.2, 11",
        "host, 2001:DB8:2:0:0:0:0:12, 1",
        "host, 192.0.2., 2731",
        "host, 203.0.113.1, 0",
        "before, 11, 4096",
        "before, '-1; drop', 4096",
        "failed, yes, 4096"
    })
    void shouldFind(final String parameter, final String value, final long matches) {
        if (value.startsWith("  ")) {
            assertTrue(find(parameter, value).object("of_sessions").number("matches") > 0, value);
            return;
        }
        assertEquals(matches, find(parameter, value).object("of_sessions").number("matches"));
    }

    @Test
    void shouldListOnlyWhatFailed() {
        final JsonObject found = find("failed", "true");

        assertTrue(found.object("of_sessions").number("matches") > 0);
        for (final JsonObject session : found.objects("sessions")) {
            assertTrue(session.flag("failed"), session.text("outcome"));
        }
        assertEquals(DROPS, found.object("of_drops").number("matches"), "every drop is a failure");
    }

    @Test
    void shouldPageThroughTheDrops() {
        final JsonObject last = find("drops_from", "1000");

        assertEquals(24, last.objects("drops").size());
        assertEquals(1000, last.object("of_drops").number("skipped"));
        assertEquals(0, find("drops_from", "999999999").objects("drops").size());
    }

    @Test
    void shouldCopyTheHistoryTwiceASecondAtMost() {
        for (int i = 0; i < 100; i++) {
            find("text", "search " + i);
        }
        assertEquals(1, copies);

        nowNanos += HALF_A_SECOND;
        find();
        assertEquals(2, copies);
    }
}
