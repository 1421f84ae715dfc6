package org.amverdict.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.amverdict.control.SampleDaemon;
import org.amverdict.history.SessionJson;
import org.amverdict.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text for people: what it says, and that it fits a terminal. */
final class ConsoleTest {
    private static final ZoneId ZONE = ZoneId.of("UTC");
    private static final String LONG6 = "2001:db8:1111:2222:3333:4444:5555:6666";

    private static JsonObject status() {
        return JsonObject.parse(SampleDaemon.status());
    }

    private static JsonObject statusLater(final String from, final String to) {
        final String json = SampleDaemon.status();
        assertTrue(json.contains(from), json);
        return JsonObject.parse(json.replace(from, to).replace("\"uptime_seconds\":11520", "\"uptime_seconds\":11522"));
    }

    private static JsonObject session(final boolean over) {
        return JsonObject.parse(SessionJson.write(SampleDaemon.session(7, "192.0.2.10", "198.51.100.20", over)));
    }

    private static void assertFits(final List<String> lines, final int columns) {
        for (final String line : lines) {
            assertTrue(line.length() <= columns, line.length() + " columns: " + line);
            assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f), line);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 s",
        "0.00002, 20 us",
        "0.0123, 12 ms",
        "0.001, 1 ms",
        "0.0996, 100 ms",
        "0.2, 0.2 s",
        "1.2, 1.2 s",
        "1.25, 1.2 s",
        "9.99, 9.9 s",
        "12, 12 s",
        "119, 119 s",
        "120, 2 min",
        "3599, 59 min",
        "3600, 60 min",
        "7200, 2 h 0 min",
        "11520, 3 h 12 min",
        "172800, 2 d 0 h",
        "200000, 2 d 7 h"
    })
    void shouldSayDurations(final double seconds, final String text) {
        assertEquals(text, Units.duration(seconds));
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 kB", "13000000, 13.0 MB", "9080000000000, 9.0 TB"})
    void shouldSayBytes(final long bytes, final String text) {
        assertEquals(text, Units.bytes(bytes));
    }

    @Test
    void shouldWrapWithoutLosingAWord() {
        final String text = "  " + "word ".repeat(60) + "x".repeat(200);
        final List<String> lines = Units.wrap(text, 4);
        assertFits(lines, 80);
        assertEquals(text.replace(" ", ""), String.join("", lines).replace(" ", ""));
    }

    @Test
    void shouldShowTheStatusIn80Columns() {
        final JsonObject drop = JsonObject.parse("{\"last\":\"2023-11-14T22:13:08.000Z\",\"source\":\"" + LONG6
                + "\",\"source_port\":40000,\"destination\":\"" + LONG6 + "\",\"destination_port\":11002,"
                + "\"proto\":\"TCP\",\"verdict\":\"drop\",\"reason\":\"unexpected\",\"count\":3,"
                + "\"explanation\":\"Nobody announced it.\\u001b[2J\"}");

        final List<String> lines = StatusText.lines(status(), List.of(drop));

        assertFits(lines, 80);
        final String text = String.join("\n", lines);
        assertTrue(text.startsWith("amverdict 0.1.0, process 4711, up 3 h 12 min, mode enforce\n"), text);
        assertTrue(text.contains("/etc/amverdict/amverdict.yaml, loaded 60 s ago"), text);
        assertTrue(text.contains("rules          in place\n"), text);
        assertTrue(text.contains("queue 10       1,234,567 packets, 3 waiting"), text);
        assertTrue(text.contains("12 s ago, 3 packets:"), text);
        assertTrue(text.contains("limit reached  expectations of one requester, 1 time"), text);
        assertTrue(text.contains("refused reply  port-not-allowed, 2 times"), text);
        assertTrue(text.contains("allow          nightly backup: 1,040 requests, 3,120 streams\n"), text);
        assertTrue(text.contains("unanswered     3 requests for sendsize"), text);
    }

    private static String statusText(final String from, final String to) {
        final String json = SampleDaemon.status();
        final String changed = json.replaceFirst(from, to);
        assertFalse(changed.equals(json), json);
        final List<String> lines = StatusText.lines(JsonObject.parse(changed), List.of());
        assertFits(lines, 80);
        return String.join("\n", lines).replaceAll("\\s+", " ");
    }

    /** The firewall's rules went with the last boot, or another tool flushed them. */
    @Test
    void shouldSayThatAQueueReceivesNothing() {
        final String doctor = "do the firewall's rules still point here? see amverdict doctor";
        assertFalse(statusText("\"idle_seconds\":1", "\"idle_seconds\":2").contains("nothing received"));
        final String quiet = statusText("\"idle_seconds\":1", "\"idle_seconds\":1200");
        assertTrue(quiet.contains("nothing received for 20 min,"), quiet);
        assertFalse(quiet.contains(doctor), quiet);
        final String nights = statusText("\"idle_seconds\":1", "\"idle_seconds\":100000");
        assertTrue(nights.contains("nothing received for 27 h 46 min: " + doctor), nights);
        final String never = statusText(
                "\"packets\":1234567,\"batches\":400000,(.*?),\"idle_seconds\":1", "\"packets\":0,\"batches\":0,$1");
        assertTrue(never.contains("0 packets, nothing received since the start: " + doctor), never);
        assertTrue(quiet.contains("dumps 1 running, 2 let through whose end is not seen"), quiet);
    }

    @Test
    void shouldSayInTheStatusWhatIsWrong() {
        final JsonObject status = JsonObject.parse(SampleDaemon.status()
                .replace("\"ready\":true", "\"ready\":false")
                .replace("\"queue\":11,\"bound\":true", "\"queue\":11,\"bound\":false")
                .replace("\"last_reload_successful\":true", "\"last_reload_successful\":false")
                .replace("\"last_reload_message\":\"\"", "\"last_reload_message\":\"refused: line 3\""));
        final String text = String.join("\n", StatusText.lines(status, List.of()));
        assertTrue(text.contains("NOT READY"), text);
        assertTrue(text.contains("queue 11       NOT SERVED"), text);
        assertTrue(text.contains("FAILED: refused: line 3"), text);
    }

    private static TopScreen.Lists lists(final List<JsonObject> open, final List<JsonObject> drops) {
        return new TopScreen.Lists(open, List.of(), drops);
    }

    @Test
    void shouldDrawTopIn80By24() {
        final List<JsonObject> open = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            open.add(JsonObject.parse(SessionJson.write(SampleDaemon.session(i, LONG6, LONG6, false))));
        }
        final JsonObject later =
                statusLater("\"reason\":\"unexpected\",\"packets\":12", "\"reason\":\"unexpected\",\"packets\":20");

        final List<String> lines = new TopScreen(80, 24, ZONE).draw(status(), later, lists(open, List.of()));

        assertEquals(24, lines.size());
        assertFits(lines, 80);
        final String text = String.join("\n", lines);
        assertTrue(text.startsWith("amverdict 0.1.0  enforce  up 3 h 12 min  22:13:20\n"), text);
        assertTrue(text.contains("drop unexpected              4.0        20  "), text);
        assertTrue(text.contains("flows          100,000    262,144"), text);
        assertTrue(text.contains("DATA   connected"), text);
        assertTrue(lines.get(23).matches("and [0-9]+ more streams"), lines.get(23));
        assertTrue(text.contains("and 2 more queues"), text);
    }

    /** In monitor mode the kernel is told continue, or accept where a packet cannot continue. */
    @ParameterizedTest
    @CsvSource({"drop, false", "continue, true", "accept, true"})
    void shouldSayWhatWouldHaveBeenDropped(final String verdict, final boolean would) {
        final JsonObject drop = drop("22:13:08", "203.0.113.7", verdict);

        final String status =
                String.join(" ", StatusText.lines(status(), List.of(drop))).replaceAll("\\s+", " ");
        final List<String> top = new TopScreen(200, 50, ZONE).draw(status(), status(), lists(List.of(), List.of(drop)));

        assertEquals(would, status.contains("would drop unexpected. "), status);
        assertEquals(would, String.join("\n", top).contains("would drop unexpected: "), top.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "'\"standing\":\"in-place\",\"in_place\":true', in place, false",
        "'\"standing\":\"not-first\",\"in_place\":false', not first, true",
        "'\"standing\":\"incomplete\",\"in_place\":false', incomplete, true",
        "'\"standing\":\"gone\",\"in_place\":false', gone, true",
        "'\"standing\":\"unknown\"', unknown, false",
        "'\"standing\":\"off\"', off, false"
    })
    void shouldSayInTopHowTheRulesStand(final String rules, final String word, final boolean loud) {
        final JsonObject status = JsonObject.parse(SampleDaemon.status()
                .replace("\"standing\":\"in-place\",\"in_place\":true", rules)
                .replace("\"ready\":true", "\"ready\":false")
                .replace("_successful\":true", "_successful\":false"));

        final List<String> lines = new TopScreen(80, 24, ZONE).draw(status, status, lists(List.of(), List.of()));

        assertFits(lines, 80);
        assertEquals(
                loud ? "NOT READY   RULES NOT IN PLACE   LAST RELOAD FAILED" : "NOT READY   LAST RELOAD FAILED",
                lines.get(1));
        assertTrue(String.join("\n", lines).matches("(?s).* rules +" + word + "\n.*"), lines.toString());
    }

    @Test
    void shouldFillALargerTerminalAndSurviveASmallOne() {
        final List<JsonObject> open = List.of(session(false));
        assertTrue(String.join("\n", new TopScreen(200, 60, ZONE).draw(status(), status(), lists(open, List.of())))
                .contains("192.0.2.10 -> 198.51.100.20:11001"));
        final List<String> small = new TopScreen(1, 1, ZONE).draw(status(), status(), lists(open, List.of()));
        assertTrue(small.size() <= 12);
        assertFits(small, 40);
    }

    private static JsonObject drop(final String time, final String source) {
        return drop(time, source, "drop");
    }

    private static JsonObject drop(final String time, final String source, final String verdict) {
        return JsonObject.parse("{\"last\":\"2023-11-14T" + time + ".000Z\",\"source\":\"" + source
                + "\",\"source_port\":40000,\"destination\":\"198.51.100.20\",\"destination_port\":11002,"
                + "\"proto\":\"TCP\",\"verdict\":\"" + verdict + "\",\"reason\":\"unexpected\",\"count\":3,"
                + "\"explanation\":\"Nobody announced it.\\u001b[2J\"}");
    }

    /** In monitor mode the verdict of what enforce mode would drop is continue; with older rules it is accept. */
    @ParameterizedTest
    @ValueSource(strings = {"continue", "accept"})
    void shouldSayWhatWouldBeDropped(final String verdict) {
        final List<JsonObject> drops = List.of(drop("22:13:08", "203.0.113.7", verdict));

        final String text = String.join(" ", StatusText.lines(status(), drops)).replaceAll(" +", " ");

        assertTrue(text.contains("would drop unexpected"), text);
    }

    @Test
    void shouldUseTheSpaceOfALargeTerminal() {
        final List<JsonObject> open = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            open.add(JsonObject.parse(SessionJson.write(SampleDaemon.session(i, "192.0.2.10", LONG6, false))));
        }
        final List<JsonObject> drops = Collections.nCopies(20, drop("22:10:00", "203.0.113.7"));

        final List<String> lines = new TopScreen(200, 50, ZONE).draw(status(), status(), lists(open, drops));

        assertFits(lines, 200);
        assertTrue(lines.size() >= 45, lines.size() + " lines");
        final String text = String.join("\n", lines);
        assertTrue(text.contains("sendbackup  /home 1"), text);
        assertTrue(text.contains("192.0.2.10 -> [" + LONG6 + "]:11001"), text);
        assertTrue(text.contains("nightly backup                1,040    3,120           0"), text);
        assertTrue(text.contains("6.0G"), text);
        assertFalse(text.contains("more queues"), text);
        assertEquals(7, text.split("203.0.113.7", -1).length - 1, "more drops than on a small one");
        assertTrue(
                text.contains("3 min             3  unexpected: TCP 203.0.113.7:40000 -> 198.51.100.20:11002  Nobody"),
                text);
    }

    @Test
    void shouldShowDiskAndServiceAndTheLastDropIn80By24() {
        final List<String> lines = new TopScreen(80, 24, ZONE)
                .draw(status(), status(), lists(List.of(session(false)), List.of(drop("22:13:08", "203.0.113.7"))));

        assertFits(lines, 80);
        final String text = String.join("\n", lines);
        assertTrue(
                text.contains("12 s              3  unexpected: TCP 203.0.113.7:40000 -> 198.51.100.20:11002"), text);
        assertTrue(text.contains("198.51.100.20:11001  /home 1 sendbackup"), text);
    }

    @Test
    void shouldFillTheRestWithTheLastRequests() {
        final JsonObject over = session(true);
        final TopScreen.Lists lists = new TopScreen.Lists(List.of(), Collections.nCopies(60, over), List.of());

        final List<String> lines = new TopScreen(200, 50, ZONE).draw(status(), status(), lists);

        assertEquals(50, lines.size());
        assertFits(lines, 200);
        assertTrue(
                lines.get(49)
                        .startsWith("22:11:40 FAILED  sendbackup  192.0.2.10 -> 198.51.100.20  /home  answered after"),
                lines.get(49));
        assertEquals(
                24, new TopScreen(80, 24, ZONE).draw(status(), status(), lists).size());
    }

    private static String keyed(final TopView view) {
        final List<JsonObject> open = List.of(
                JsonObject.parse(SessionJson.write(SampleDaemon.session(2, "192.0.2.10", "198.51.100.21", false))),
                JsonObject.parse(SessionJson.write(SampleDaemon.session(1, "192.0.2.10", "198.51.100.20", false))));
        final List<String> lines = new TopScreen(120, 30, ZONE)
                .withKeys(view)
                .draw(status(), status(), lists(open, List.of(drop("22:13:08", "203.0.113.7"))));
        assertEquals(30, lines.size());
        assertFits(lines, 120);
        return String.join("\n", lines);
    }

    private static void press(final TopView view, final String keys) {
        keys.chars().forEach(key -> assertTrue(view.press(key), keys));
    }

    private static List<String> ports(final String screen) {
        return Pattern.compile("198[0-9.]*:1100[13]")
                .matcher(screen)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    @Test
    void shouldSortFilterAndPauseByKeys() {
        final TopView view = new TopView();
        assertTrue(keyed(view).endsWith("p pause   s sort: newest first   / filter   q quit"), keyed(view));

        press(view, "ss");
        assertEquals(
                List.of("198.51.100.21:11001", "198.51.100.20:11001", "198.51.100.21:11003", "198.51.100.20:11003"),
                ports(keyed(view)),
                "most bytes first");
        press(view, "s");
        assertEquals(
                List.of("198.51.100.20:11001", "198.51.100.20:11003", "198.51.100.21:11001", "198.51.100.21:11003"),
                ports(keyed(view)),
                "by host");

        press(view, "/index q.21x\b");
        assertTrue(
                keyed(view).endsWith("filter: index q.21_   (Enter keeps it, Escape clears it)"),
                "q is a letter there");
        press(view, "\u001b/INDEX .21\n");
        assertEquals(List.of("198.51.100.21:11003"), ports(keyed(view)));
        assertFalse(keyed(view).contains("203.0.113.7"), "the drops too");
        press(view, "/ nothing\n");
        assertTrue(keyed(view).contains("no stream matches the filter"), keyed(view));
        press(view, "\u001b");
        assertTrue(keyed(view).contains("203.0.113.7"), keyed(view));

        press(view, "p");
        assertTrue(view.paused() && keyed(view).contains("PAUSED, p goes on"), keyed(view));
        press(view, " ");
        assertFalse(view.paused());
        assertFalse(view.press('q'));
    }

    @Test
    void shouldSayThatNoDumpRuns() {
        final JsonObject idle = statusLater("\"running\":1,\"unseen\":2", "\"running\":0,\"unseen\":0");
        final List<String> lines = new TopScreen(80, 24, ZONE).draw(status(), idle, lists(List.of(), List.of()));
        assertTrue(lines.contains("no dump is running"), lines.toString());
    }

    @Test
    void shouldTellTheStoryOfADump() {
        final List<String> lines = SessionText.lines(session(true), ZONE);
        assertFits(lines, 80);
        assertEquals("""
                #7  2023-11-14 22:11:40  sendbackup
                    192.0.2.10:843 asked 198.51.100.20:10080
                    disk /home, level 1
                    REQ, ACK after 2 ms, REP after 1.2 s: answered after 1.2 s with 2 streams
                    DATA port 11001 from port 50001, connected 400 us after the REP, 13.0 MB
                        (longest silence 1.0 s), finished after 5 min; 13.0 MB received, 2.0 kB
                        sent
                    INDEX port 11003, announced 99 s ago, expired; no SYN reached the queue in
                        that time""", String.join("\n", lines));
        assertFits(
                SessionText.lines(
                        JsonObject.parse(SessionJson.write(SampleDaemon.session(7, LONG6, LONG6, false))), ZONE),
                80);
    }

    @Test
    void shouldListAnExpectation() {
        assertEquals(
                "192.0.2.10 -> [2001:db8::1]:11001  DATA  announced 12 s ago, expected for 168 s more"
                        .replace("168 s", "2 min"),
                ExpectationText.line(JsonObject.parse(
                        "{\"requester\":\"192.0.2.10\",\"responder\":\"2001:db8::1\",\"port\":11001,\"stream\":\"DATA\","
                                + "\"age_seconds\":12.4,\"remaining_seconds\":167.6}")));
    }

    @Test
    void shouldSayAnEventInALine() {
        assertEquals(
                "22:13:20  drop     192.0.2.10:40000 -> 198.51.100.20:11002 TCP would drop unexpected",
                EventText.line(
                        JsonObject.parse(
                                "{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"event_type\":\"drop\",\"src_ip\":\"192.0.2.10\","
                                        + "\"src_port\":40000,\"dest_ip\":\"198.51.100.20\",\"dest_port\":11002,"
                                        + "\"proto\":\"TCP\",\"decision\":\"drop\",\"verdict\":\"accept\","
                                        + "\"reason\":\"unexpected\"}"),
                        ZONE));
        assertEquals(
                "22:13:20  stream   192.0.2.10:40000 -> 198.51.100.20:11002 TCP data close 3.0 MB in 1.0 s finished",
                EventText.line(
                        JsonObject.parse(
                                "{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"event_type\":\"stream\",\"action\":\"close\","
                                        + "\"src_ip\":\"192.0.2.10\",\"src_port\":40000,\"dest_ip\":\"198.51.100.20\","
                                        + "\"dest_port\":11002,\"proto\":\"TCP\",\"amanda\":{\"stream\":\"data\"},"
                                        + "\"cause\":\"finished\",\"duration_seconds\":1.005,\"original_bytes\":2608,"
                                        + "\"reply_bytes\":3004272}"),
                        ZONE));
        assertEquals(
                "22:13:20  expect   192.0.2.10 -> 198.51.100.20 TCP REP announced data 11001 mesg 11002",
                EventText.line(
                        JsonObject.parse(
                                "{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"event_type\":\"expect\",\"action\":\"announced\","
                                        + "\"src_ip\":\"192.0.2.10\",\"dest_ip\":\"198.51.100.20\",\"proto\":\"TCP\","
                                        + "\"amanda\":{\"type\":\"REP\"},\"opens\":[{\"stream\":\"data\",\"port\":11001},"
                                        + "{\"stream\":\"mesg\",\"port\":11002}]}"),
                        ZONE));
        assertEquals(
                "22:13:20  stream   192.0.2.10 -> 198.51.100.20 TCP close unfollowed",
                EventText.line(
                        JsonObject.parse(
                                "{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"event_type\":\"stream\",\"action\":\"close\","
                                        + "\"src_ip\":\"192.0.2.10\",\"dest_ip\":\"198.51.100.20\",\"proto\":\"TCP\","
                                        + "\"cause\":\"unfollowed\",\"duration_seconds\":0.000,\"original_bytes\":60,"
                                        + "\"reply_bytes\":0}"),
                        ZONE),
                "the SYN is not what it carried");
        assertEquals(
                "22:13:20  stream   192.0.2.10 -> 198.51.100.20 TCP close 3.0 MB in 1.0 s finished conntrack",
                EventText.line(
                        JsonObject.parse("{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"event_type\":\"stream\","
                                + "\"action\":\"close\",\"source\":\"conntrack\",\"src_ip\":\"192.0.2.10\","
                                + "\"dest_ip\":\"198.51.100.20\",\"proto\":\"TCP\",\"cause\":\"finished\","
                                + "\"duration_seconds\":1.005,\"original_bytes\":2608,\"reply_bytes\":3004272}"),
                        ZONE),
                "the kernel counted it");
        assertEquals(
                "22:13:20  reply    198.51.100.20 -> 192.0.2.10 UDP NAK accept reply ERROR see .amandahosts",
                EventText.line(
                        JsonObject.parse("{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"event_type\":\"reply\","
                                + "\"src_ip\":\"198.51.100.20\",\"dest_ip\":\"192.0.2.10\",\"proto\":\"UDP\","
                                + "\"amanda\":{\"type\":\"NAK\"},\"decision\":\"accept\",\"verdict\":\"accept\","
                                + "\"reason\":\"reply\",\"text\":\"ERROR see .amandahosts\"}"),
                        ZONE));
        assertEquals("(7 events came too fast to be shown)", EventText.line(JsonObject.parse("{\"lost\":7}"), ZONE));
        assertFalse(EventText.line(
                        JsonObject.parse(
                                "{\"timestamp\":\"x\",\"event_type\":\"request\",\"amanda\":{\"service\":\"a\\u001b[2J\"}}"),
                        ZONE)
                .contains("\033"));
    }

    @Test
    void shouldTellAMonitoringSystem() {
        final NagiosText good = NagiosText.of(status());
        assertEquals(0, good.state());
        assertEquals(
                "AMVERDICT OK - mode enforce, up 3 h 12 min | packets=6000000012c dropped=12c would_drop=2c"
                        + " queue_lost=20c queue_length=15 latency_p99=0.000500s transactions=3;52428;62259;0;65536"
                        + " expectations=4;52428;62259;0;65536 flows=100000;209715;249036;0;262144",
                good.line());
        final String json = SampleDaemon.status();
        assertEquals(
                1,
                NagiosText.of(JsonObject.parse(json.replace("\"entries\":4,", "\"entries\":53000,")))
                        .state());
        assertEquals(
                2,
                NagiosText.of(JsonObject.parse(json.replace("\"entries\":4,", "\"entries\":63000,")))
                        .state());
        assertEquals(
                1,
                NagiosText.of(JsonObject.parse(json.replace("_successful\":true", "_successful\":false")))
                        .state());
        final NagiosText down =
                NagiosText.of(JsonObject.parse(json.replace("12,\"bound\":true", "12,\"bound\":false")));
        assertEquals(2, down.state());
        assertTrue(down.line().startsWith("AMVERDICT CRITICAL - queue 12 is not served | "), down.line());
        final String rules = "\"rules\":{\"standing\":\"in-place\",\"in_place\":true,\"message\":\"\"";
        assertTrue(json.contains(rules), json);
        final NagiosText gone = NagiosText.of(JsonObject.parse(json.replace(
                rules, "\"rules\":{\"standing\":\"gone\",\"in_place\":false,\"message\":\"1 difference: a | b\"")));
        assertEquals(2, gone.state());
        assertTrue(
                gone.line()
                        .startsWith("AMVERDICT CRITICAL - the firewall's rules are not in place (gone): 1 difference:"
                                + " a / b | packets="),
                gone.line());
        final NagiosText unknown = NagiosText.of(JsonObject.parse(
                json.replace(rules, "\"rules\":{\"standing\":\"unknown\",\"message\":\"not looked at yet\"")));
        assertEquals(0, unknown.state(), "what nobody knows is no alarm");
        assertEquals("AMVERDICT UNKNOWN - a / b", NagiosText.failed(3, "a | b").line());
    }
}
