package org.amverdict.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.amverdict.config.LogFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LogSetupTest {
    private static LogRecord record(final Level level, final String message) {
        final LogRecord record = new LogRecord(level, message);
        record.setInstant(Instant.parse("2026-11-23T09:00:00.123456Z"));
        record.setLoggerName("org.amverdict.x");
        return record;
    }

    private static String line(final LogFormat format, final LogRecord record) {
        return new LogLineFormatter(format).format(record);
    }

    @Test
    void shouldWriteTimeLevelAndMessage() {
        assertEquals(
                "2026-11-23T09:00:00.123Z WARN  table full\n",
                line(LogFormat.TEXT, record(Level.WARNING, "table full")));
    }

    @ParameterizedTest
    @CsvSource({"SEVERE,3", "WARNING,4", "INFO,6", "FINE,7"})
    void shouldGiveTheJournalAPriority(final String level, final String priority) {
        assertEquals("<" + priority + ">hello\n", line(LogFormat.JOURNAL, record(Level.parse(level), "hello")));
    }

    @Test
    void shouldWriteJson() {
        assertEquals(
                "{\"timestamp\":\"2026-11-23T09:00:00.123Z\",\"level\":\"info\",\"logger\":\"org.amverdict.x\","
                        + "\"message\":\"a \\\"b\\\" \\\\ c\"}\n",
                line(LogFormat.JSON, record(Level.INFO, "a \"b\" \\ c")));
    }

    @Test
    void shouldWriteFieldsInJsonOnly() {
        final LogRecord record = record(Level.INFO, "drop {0} of 'it'");
        record.setParameters(
                new Object[] {new LogFields().with("reason", "un\"expected").with("src_port", 850)});

        assertEquals(
                "{\"timestamp\":\"2026-11-23T09:00:00.123Z\",\"level\":\"info\",\"logger\":\"org.amverdict.x\","
                        + "\"message\":\"drop {0} of 'it'\",\"reason\":\"un\\\"expected\",\"src_port\":850}\n",
                line(LogFormat.JSON, record));
        assertEquals("2026-11-23T09:00:00.123Z INFO  drop {0} of 'it'\n", line(LogFormat.TEXT, record));
    }

    @Test
    void shouldMakeJsonOfWhatOthersPrint() {
        final ByteArrayOutputStream real = new ByteArrayOutputStream();
        final PrintStream stream = JsonStream.over("stderr", new PrintStream(real, true, StandardCharsets.UTF_8));

        stream.println("WARNING: \"é\"\tx");
        stream.println();
        stream.print("half");
        stream.println(" a line");
        stream.println("y".repeat(10_000));

        final String[] lines = real.toString(StandardCharsets.UTF_8).strip().split("\n", -1);
        assertEquals(5, lines.length);
        assertTrue(lines[0].endsWith("\"logger\":\"stderr\",\"message\":\"WARNING: \\\"é\\\"\\u0009x\"}"), lines[0]);
        assertTrue(lines[1].endsWith("\"message\":\"half a line\"}"), lines[1]);
        for (final String line : lines) {
            assertTrue(line.startsWith("{\"timestamp\":\"") && line.endsWith("}"), line);
        }
    }

    @ParameterizedTest
    @CsvSource({"TEXT", "JOURNAL", "JSON"})
    void shouldLetNoMessageForgeALineOrReachTheTerminal(final String format) {
        final String line =
                line(LogFormat.valueOf(format), record(Level.INFO, "a\n<0>b\r\u001b[31m\u0085\u2028\u202ec"));

        assertTrue(line.contains("a\\u000a<0>b\\u000d\\u001b[31m\\u0085\\u2028\\u202ec"), line);
        assertEquals(line.length() - 1, line.indexOf('\n'), line);
    }

    @Test
    void shouldCapALongMessage() {
        assertTrue(line(LogFormat.JOURNAL, record(Level.INFO, "x".repeat(100_000)))
                        .length()
                < 4200);
    }

    @Test
    void shouldPrefixEveryLineOfAStackTraceAndSurviveACycleOfCauses() {
        final IOException outer = new IOException("outer");
        outer.initCause(new IllegalStateException("inner\nforged", outer));
        final LogRecord record = record(Level.SEVERE, "failed");
        record.setThrown(outer);

        final String text = line(LogFormat.JOURNAL, record);

        assertTrue(text.startsWith("<3>failed: java.io.IOException: outer\n<3>    at "), text);
        assertTrue(text.contains("<3>caused by java.lang.IllegalStateException: inner\\u000aforged\n"), text);
        assertTrue(text.lines().allMatch(each -> each.startsWith("<3>")), text);
    }

    @Test
    void shouldTakeStderrForTheJournalOnlyIfItIsTheNamedSocket() throws IOException {
        final Path stderr = Path.of("/proc/self/fd/2");
        final String own = Files.getAttribute(stderr, "unix:dev") + ":" + Files.getAttribute(stderr, "unix:ino");

        assertEquals(LogFormat.JOURNAL, LogSetup.detect(own));
        assertEquals(LogFormat.TEXT, LogSetup.detect("1:2"));
        assertEquals(LogFormat.TEXT, LogSetup.detect(null));
    }

    @Test
    void shouldShowTheProgramFromItsLevelAndLibrariesFromWarning() {
        final Logger root = LogManager.getLogManager().getLogger("");
        final Handler[] before = root.getHandlers();
        final PrintStream stderr = System.err;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setErr(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            LogSetup.install(LogFormat.JOURNAL, System.Logger.Level.DEBUG);
            final System.Logger own = System.getLogger("org.amverdict.test");
            final System.Logger library = System.getLogger("io.netty.test");
            own.log(System.Logger.Level.DEBUG, "own debug {0}");
            own.log(System.Logger.Level.TRACE, "own trace");
            library.log(System.Logger.Level.INFO, "library info");
            library.log(System.Logger.Level.WARNING, "library warning é");
        } finally {
            System.setErr(stderr);
            for (final Handler handler : root.getHandlers()) {
                root.removeHandler(handler);
            }
            for (final Handler handler : before) {
                root.addHandler(handler);
            }
            root.setLevel(Level.INFO);
        }

        final String text = out.toString(StandardCharsets.UTF_8);
        assertEquals("<7>own debug {0}\n<4>library warning é\n", text);
        assertFalse(text.contains("trace"));
    }
}
