package org.amverdict.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amverdict.events.EventSchema;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A night of 1,000 dumps, told in the morning from the event files alone. */
final class NightReportTest {
    @TempDir
    private static Path directory;

    private static Path log;
    private static SimulatedNight night;

    @BeforeAll
    static void playTheNight() throws IOException {
        log = directory.resolve("log/events.json");
        night = new SimulatedNight(log).play();
    }

    private static String text(final Set<String> hosts, final boolean failedOnly) throws IOException {
        return Reports.of(new Reports.Source(log, List.of()), new Span(night.begin(), night.now()), hosts, failedOnly);
    }

    private static JsonObject report(final Set<String> hosts, final boolean failedOnly) throws IOException {
        return JsonObject.parse(text(hosts, failedOnly));
    }

    /** One line of each form, which is what differs in more than its numbers; to hold every line takes half a minute. */
    @Test
    void shouldWriteEventsAsTheSchemaSays() throws IOException {
        final Map<String, String> forms = new TreeMap<>();
        for (final String line : Files.readAllLines(log)) {
            forms.putIfAbsent(line.replaceAll("\"community_id\":\"[^\"]*\"|[0-9.]+", ""), line);
        }
        for (final String line : forms.values()) {
            assertEquals(Set.of(), EventSchema.problems(line), line);
        }
        assertTrue(Files.exists(Path.of(log + ".1")) && Files.exists(Path.of(log + ".2.gz")));
    }

    @Test
    void shouldWriteAReportAsTheSchemaSays() throws IOException {
        for (final String report :
                List.of(text(Set.of(), false), text(Set.of(), true), text(Set.of(SimulatedNight.FORGOTTEN), false))) {
            assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/report/report.schema.json", report));
        }
    }

    @Test
    void shouldNameEachFailureOfTheNightWithItsKindAndCause() throws IOException {
        final long beganNanos = System.nanoTime();
        final JsonObject report = report(Set.of(), false);
        final double seconds = (System.nanoTime() - beganNanos) / 1e9;

        final Map<String, String> expected = new TreeMap<>();
        final Map<String, String> found = new TreeMap<>();
        for (final SimulatedNight.Played dump : night.played()) {
            if (dump.course() != SimulatedNight.Course.GOOD) {
                final boolean unread = dump.course() == SimulatedNight.Course.NOT_ALLOWED;
                expected.put(
                        unread ? dump.client() + expected.size() : dump.client() + " " + dump.disk(),
                        dump.course().kind.label());
            }
        }
        for (final JsonObject failure : report.objects("failures")) {
            final boolean unread = failure.texts("disks").isEmpty();
            found.put(
                    failure.text("client")
                            + (unread
                                    ? found.size()
                                    : " " + failure.texts("disks").get(0)),
                    failure.text("kind"));
            assertFalse(failure.text("explanation").isEmpty(), failure.text("client"));
            assertFalse(failure.text("remedy").isEmpty(), failure.text("explanation"));
        }
        assertEquals(expected, found);
        assertEquals(37, report.number("failed"));
        assertEquals(SimulatedNight.DUMPS, report.number("dumps"), "with those whose requests were dropped");
        assertEquals(List.of(), report.texts("problems"));
        assertTrue(seconds < 2, "took " + seconds + " s");
    }
}
