package org.amverdict.eventfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of an event log, as logrotate and the end of a disk leave them. */
final class EventFilesTest {
    private static final int KIB = 1024;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private final Gaps gaps = new Gaps();

    private static String line(final int hour) {
        return "{\"timestamp\":\"2026-11-30T%02d:00:00.000Z\",\"event_type\":\"stop\"}%n".formatted(hour);
    }

    private static void pack(final Path file, final String text) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The hours of what is read. */
    private String hours(final List<EventFiles.Part> parts) {
        final List<String> hours = new ArrayList<>();
        for (final EventFiles.Part part : parts) {
            EventFiles.read(
                    part,
                    line -> {
                        final String time = EventLineReader.time(line);
                        if (!time.isEmpty()) {
                            hours.add(time.substring(11, 13));
                        }
                        return !time.isEmpty();
                    },
                    gaps);
        }
        return String.join(" ", hours);
    }

    @Test
    void shouldReadRotatedFilesInTheOrderOfTheirEvents() throws IOException {
        final Path log = directory.resolve("events.json");
        Files.writeString(log, line(3) + "{\"time");
        Files.writeString(directory.resolve("events.json.1"), line(2));
        pack(directory.resolve("events.json.2.gz"), line(1));
        pack(directory.resolve("events.json.1.gz"), line(2)); // the same, just being compressed
        Files.writeString(directory.resolve("other.json"), line(5));
        Files.writeString(directory.resolve("events.json.3"), "");

        assertEquals("01 02 03", hours(EventFiles.of(log, gaps)));
        assertEquals(List.of("1 line is no event, such as one that was cut when the disk was full"), gaps.sentences());
    }

    /** At each place of a buffer: whole lines stay, and the long one is counted once, at the end of the file too. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "63, 0", "64, 0", "65, 0", "255, 0", "256, 1", "300, 1", "5000, 1"})
    void shouldCountALineThatIsTooLong(final int kib, final int expected) throws IOException {
        final String filler = "x".repeat(kib * KIB + 1);
        for (final String last : List.of("\n", "")) {
            final Gaps each = new Gaps();
            final Path log = directory.resolve("events.json");
            Files.writeString(log, line(1) + filler + "\n" + line(2) + filler + last);
            final List<EventFiles.Part> parts = EventFiles.of(log, each);
            final StringBuilder seen = new StringBuilder();
            EventFiles.read(
                    parts.get(0),
                    line -> {
                        seen.append(EventLineReader.time(line).isEmpty() ? "-" : "e");
                        return true;
                    },
                    each);

            assertEquals(expected == 0 ? "e-e-" : "ee", seen.toString());
            assertEquals(2L * expected, each.longLines());
        }
    }

    @Test
    void shouldCountTheLongLinesOfACompressedFileThatIsCut() throws IOException {
        final Path log = directory.resolve("events.json");
        pack(log, line(1) + "x".repeat(400 * KIB) + "\n" + line(2).repeat(50_000));
        final byte[] whole = Files.readAllBytes(log);
        Files.write(log, java.util.Arrays.copyOf(whole, whole.length - 20));

        hours(EventFiles.of(log, gaps));

        assertEquals(1, gaps.longLines());
        assertTrue(
                gaps.sentences().get(0).contains("damaged or cut"),
                gaps.sentences().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"not an event\n", "\0\0\0", "[1]\n{}\n"})
    void shouldNameAFileWithoutAnyEvent(final String text) throws IOException {
        final Path log = directory.resolve("events.json");
        Files.writeString(log, text);

        assertEquals(List.of(), EventFiles.of(log, gaps));
        assertEquals(List.of(log + ": none of its lines is an event"), gaps.sentences());
        assertTrue(gaps.incomplete());
    }

    @Test
    void shouldFindTheTimeOfALineThatAnotherProgramHasWrittenAgain() {
        final String time = "2026-11-30T01:00:00.000Z";

        assertEquals(time, EventLineReader.time("{\"timestamp\":\"" + time + "\",\"event_type\":\"stop\"}"));
        assertEquals(time, EventLineReader.time("{\"event_type\": \"stop\", \"timestamp\": \"" + time + "\"}"));
        assertEquals("", EventLineReader.time("{\"text\":\"\\\"timestamp\\\":\\\"" + time + "\\\"\"}"));
        assertEquals("", EventLineReader.time("{\"timestamp\":\""));
        assertEquals("", EventLineReader.time(""));
    }

    @Test
    void shouldNameTwentyFilesAndCountTheOthers() {
        final List<Path> missing = new ArrayList<>();
        for (int i = 0; i < Gaps.FILES_MAX + 5; i++) {
            missing.add(directory.resolve("none" + i));
        }

        assertEquals(List.of(), EventFiles.ordered(missing, gaps));
        assertEquals(Gaps.FILES_MAX + 1, gaps.sentences().size());
        assertEquals("5 more files cannot be read", gaps.sentences().get(Gaps.FILES_MAX));
        assertTrue(gaps.sentences().get(0).contains("no such file or directory"));
    }
}
