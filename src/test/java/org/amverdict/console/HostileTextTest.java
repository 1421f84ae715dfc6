package org.amverdict.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.control.SampleDaemon;
import org.amverdict.history.SessionJson;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonReader;
import org.amverdict.text.Printable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a field of an answer holds, no printer brings it raw to a terminal: each field in turn is hostile. */
final class HostileTextTest {
    private static final ZoneId ZONE = ZoneId.of("UTC");
    /** ESC, CSI of one byte, BEL, line ends, bidi overrides and isolates, separators, a lone surrogate, markup. */
    private static final String HOSTILE =
            "\u001b]0;x\u0007\u009b31m\r\n\b\u007f\u202e\u2066\u200f\u2028\u2029\ufeff\ud800<script>|";

    private static final String TIME = "2023-11-14T22:13:20.000Z";

    private interface Printer {
        List<String> print(JsonObject answer);
    }

    private static String event() {
        final JsonLine line = new JsonLine().addTimestamp("timestamp", 1_700_000_000_000L);
        for (final String key : List.of(
                "event_type",
                "src_ip",
                "dest_ip",
                "proto",
                "action",
                "decision",
                "verdict",
                "reason",
                "refusal",
                "state",
                "close",
                "cause",
                "file",
                "version",
                "mode")) {
            line.add(key, "a");
        }
        line.openObject("amanda")
                .add("type", "a")
                .add("service", "a")
                .add("stream", "a")
                .closeObject();
        line.openArray("opens")
                .openElement()
                .add("stream", "a")
                .add("port", 1L)
                .closeObject()
                .closeArray();
        return line.end();
    }

    private static String report() {
        final JsonLine line =
                new JsonLine().add("since", TIME).add("until", TIME).add("first_event", TIME);
        line.add("failed", 1L).add("dumps", 1L).add("problems", List.of("a"));
        line.openArray("clients")
                .openElement()
                .add("client", "a")
                .add("dumps", 1L)
                .add("failed", 1L);
        line.openArray("kinds")
                .openElement()
                .add("words", "a")
                .add("count", 1L)
                .closeObject()
                .closeArray();
        line.closeObject().closeArray();
        line.openArray("failures").openElement();
        for (final String key : List.of(
                "client", "responder", "requester", "service", "level", "words", "explanation", "remedy", "text")) {
            line.add(key, key);
        }
        line.add("requested", TIME)
                .add("disks", List.of("a"))
                .add("streams", List.of("a"))
                .add("count", 1L);
        return line.closeObject().closeArray().end();
    }

    /** The object once for each text in it, with that text made hostile. */
    private static List<Map<String, Object>> variants(final Map<String, Object> object) {
        final List<Map<String, Object>> variants = new ArrayList<>();
        object.forEach((key, value) -> {
            for (final Object changed : changed(value)) {
                final Map<String, Object> variant = new LinkedHashMap<>(object);
                variant.put(key, changed);
                variants.add(variant);
            }
        });
        return variants;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> changed(final Object value) {
        final List<Object> changed = new ArrayList<>();
        if (value instanceof Map<?, ?>) {
            changed.addAll(variants((Map<String, Object>) value));
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                for (final Object element : changed(list.get(i))) {
                    final List<Object> copy = new ArrayList<>(list);
                    copy.set(i, element);
                    changed.add(copy);
                }
            }
        } else if (value instanceof String) {
            changed.add(HOSTILE);
        }
        return changed;
    }

    private static String json(final Object value) {
        if (value instanceof Map<?, ?> map) {
            final List<String> parts = new ArrayList<>();
            map.forEach((key, each) -> parts.add(json(key) + ":" + json(each)));
            return "{" + String.join(",", parts) + "}";
        }
        if (value instanceof List<?> list) {
            return "["
                    + String.join(",", list.stream().map(HostileTextTest::json).toList()) + "]";
        }
        if (value instanceof String text) {
            final String line =
                    new JsonLine().openArray("k").addElement(text).closeArray().end();
            return line.substring("{\"k\":[".length(), line.length() - 2);
        }
        return String.valueOf(value);
    }

    /** How many variants got through to the output, cleaned; a field that is not printed shows nothing. */
    private static int assertClean(final String json, final Printer printer) {
        int shown = 0;
        for (final Map<String, Object> variant : variants(JsonReader.object(json))) {
            final List<String> lines;
            try {
                lines = printer.print(JsonObject.parse(json(variant)));
            } catch (final java.time.DateTimeException e) {
                continue;
            }
            for (final String line : lines) {
                assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f), () -> variant + ": " + line);
                shown += line.contains("]0;x?") ? 1 : 0;
            }
        }
        return shown;
    }

    @Test
    void shouldKeepEveryFieldOfEveryAnswerOffTheTerminal() {
        final String session = SessionJson.write(SampleDaemon.session(7, "192.0.2.10", "198.51.100.20", false));
        final String drop = new JsonLine()
                .add("last", TIME)
                .add("verdict", "drop")
                .add("reason", "a")
                .add("proto", "a")
                .add("source", "a")
                .add("destination", "a")
                .add("explanation", "a")
                .end();
        final String expectation = new JsonLine()
                .add("requester", "a")
                .add("responder", "a")
                .add("stream", "a")
                .end();
        final String why = new JsonLine()
                .add("was_it", "yes")
                .add("cause", "a")
                .add("remedy", "a")
                .add("answer", List.of("a", "A SYN from a"))
                .end();
        final JsonObject status = JsonObject.parse(SampleDaemon.status());
        final TopScreen.Lists none = new TopScreen.Lists(List.of(), List.of(), List.of());
        final TopScreen screen = new TopScreen(200, 100, ZONE);

        assertTrue(assertClean(why, answer -> WhyText.lines(answer, true)) >= 4);
        assertTrue(assertClean(session, answer -> SessionText.lines(answer, ZONE)) >= 5);
        assertTrue(assertClean(expectation, answer -> List.of(ExpectationText.line(answer))) == 3);
        assertTrue(assertClean(event(), answer -> List.of(EventText.line(answer, ZONE))) >= 10);
        assertTrue(assertClean(report(), answer -> ReportText.lines(answer, ZONE)) >= 9);
        assertTrue(assertClean(SampleDaemon.status(), answer -> StatusText.lines(answer, List.of())) >= 9);
        assertTrue(assertClean(drop, answer -> StatusText.lines(status, List.of(answer))) >= 4);
        assertTrue(assertClean(SampleDaemon.status(), answer -> screen.draw(status, answer, none)) >= 4);
        assertTrue(assertClean(
                        drop,
                        answer ->
                                screen.draw(status, status, new TopScreen.Lists(List.of(), List.of(), List.of(answer))))
                >= 4);
        assertTrue(assertClean(
                        session,
                        answer -> screen.draw(
                                status, status, new TopScreen.Lists(List.of(answer), List.of(answer), List.of())))
                >= 4);
        assertTrue(assertClean(
                        SampleDaemon.status(),
                        answer -> List.of(NagiosText.of(answer).line()))
                >= 1);
    }

    /** A bar would begin the performance data. */
    @Test
    void shouldLetNoFieldBeginThePerformanceData() {
        for (final Map<String, Object> variant : variants(JsonReader.object(SampleDaemon.status()))) {
            final String words =
                    NagiosText.of(JsonObject.parse(json(variant))).line().split(" \\| ", 2)[0];
            assertFalse(words.contains("|"), words);
        }
        assertEquals(
                "AMVERDICT CRITICAL - a/b?",
                NagiosText.failed(NagiosText.CRITICAL, "a|b\u001b").line());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"", "{\"a\":1,\"", "[", "{\"a\":"})
    void shouldQuoteBrokenJsonWithoutItsControlCharacters(final String before) {
        final String message = assertThrows(IllegalArgumentException.class, () -> JsonReader.object(before + HOSTILE))
                .getMessage();

        assertTrue(String.valueOf(message).chars().allMatch(c -> c >= ' ' && c < 0x7f), message);
    }

    @Test
    void shouldNameAKeyThatIsThereTwiceWithoutItsControlCharactersAndShort() {
        final String key = HOSTILE.replace("\\", "") + "x".repeat(100_000);
        final String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> JsonReader.object("{\"" + key + "\":1,\"" + key + "\":1}"))
                .getMessage();

        assertTrue(String.valueOf(message).chars().allMatch(c -> c >= ' ' && c < 0x7f), message);
        assertTrue(String.valueOf(message).length() < 300, message);
    }

    /** The time to read one grows with the square of its digits: millions took longer than ten minutes. */
    @ParameterizedTest
    @ValueSource(strings = {"", "-", "0.", "1e", "1e-"})
    void shouldRefuseANumberThatIsTooLong(final String before) {
        final String json = "{\"a\":" + before + String.join("", Collections.nCopies(200_000, "9")) + "}";
        final long start = System.nanoTime();

        final String message = assertThrows(IllegalArgumentException.class, () -> JsonReader.object(json))
                .getMessage();

        assertTrue(String.valueOf(message).contains("a number of more than 64 characters"), message);
        assertTrue(System.nanoTime() - start < 5_000_000_000L, "it takes too long");
    }

    @Test
    void shouldLeaveNoCharacterThatMovesTextOrEndsALine() {
        final String printable = Printable.of("\u00e9" + HOSTILE);

        assertTrue(printable.startsWith("\u00e9?]0;x?"), printable);
        assertTrue(
                printable
                        .codePoints()
                        .allMatch(c -> !Character.isISOControl(c)
                                && Character.getType(c) != Character.FORMAT
                                && Character.getType(c) != Character.SURROGATE
                                && c != '\u2028'
                                && c != '\u2029'),
                printable);
    }
}
