package org.amverdict.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.amverdict.amanda.Service;
import org.amverdict.console.ReportText;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineSettings;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.telemetry.Stage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reports from event files in each state that a machine leaves them in. */
final class ReportsTest {
    private static final Span NIGHT = new Span(Stage.EPOCH, Stage.EPOCH.plusSeconds(43_200));
    private static final String CONNECT = "DATA 11000 MESG 11001 INDEX 11002";
    private static final int DUMPS = 40;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path log;

    @BeforeEach
    void choose() {
        log = directory.resolve("events.json");
    }

    private static Policy allowing(final Service service) {
        return Policy.of(List.of(new Allowance(
                "nightly",
                HostSet.of(Stage.SERVER),
                HostSet.of(Stage.CLIENT),
                service.bit(),
                PortSet.range(11_000, 11_999),
                false)));
    }

    /** So many dumps of the client, a minute apart; none of their streams is connected. */
    private void dumps(final Policy policy, final int count) {
        final Stage stage = new Stage(log, EngineSettings.of(policy)).begin();
        for (int i = 0; i < count; i++) {
            stage.talk(i).dump("/disk" + i, "0", CONNECT);
            stage.later(60 * Stage.SECOND);
            stage.settle();
        }
        stage.telemetry.close();
    }

    private JsonObject report() throws IOException {
        return JsonObject.parse(text());
    }

    private String text() throws IOException {
        final String report = Reports.of(new Reports.Source(log, List.of()), NIGHT, Set.of(), false);
        assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/report/report.schema.json", report), report);
        return report;
    }

    @Test
    void shouldCountTheRequestThatWasDroppedAsADumpWhereItsServiceWasRead() throws IOException {
        dumps(allowing(Service.NOOP), 3);

        final JsonObject report = report();

        assertEquals(3, report.number("dumps"));
        assertEquals(
                3, report.number("failed"), "the answers, which no request waits for, are no failures of their own");
        assertEquals(0, report.objects("clients").get(0).number("answered"));
        for (final JsonObject failure : report.objects("failures")) {
            assertEquals("request-dropped", failure.text("kind"));
            assertEquals("sendbackup", failure.text("service"));
            assertTrue(failure.text("remedy").contains("`services`"), failure.text("remedy"));
        }
    }

    @Test
    void shouldReadWhatIsBeforeTheDamageOfACompressedFileAndSaySo() throws IOException {
        dumps(allowing(Service.SENDBACKUP), DUMPS);
        final ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            Files.copy(log, out);
        }
        Files.delete(log);
        final byte[] cut = Arrays.copyOf(packed.toByteArray(), packed.size() / 2);
        Files.write(Path.of(log + ".2.gz"), cut);

        final JsonObject report = report();

        assertTrue(report.number("dumps") > 0 && report.number("dumps") < DUMPS, report.number("dumps") + " dumps");
        assertEquals(
                1, report.texts("problems").size(), report.texts("problems").toString());
        assertTrue(
                report.texts("problems").get(0).contains("damaged or cut"),
                report.texts("problems").get(0));
    }

    @Test
    void shouldSkipWhatIsNoEventAndCountIt() throws IOException {
        dumps(allowing(Service.SENDBACKUP), 2);
        final String lines = Files.readString(log);
        final int half = lines.length() / 2;
        Files.writeString(
                log,
                "\0\0\0\n{\"timestamp\":\"2026-11-27T03:00:00.000Z\",\"event_ty\n" + lines + "x".repeat(1 << 20)
                        + "\n[1]\n" + lines.substring(half, half + 20));

        final JsonObject report = report();

        assertEquals(2, report.number("dumps"));
        assertEquals(
                List.of(
                        "1 line is longer than 256 KiB, which no event is, and left out",
                        "4 lines are no events, such as one that was cut when the disk was full"),
                report.texts("problems"));
        assertEquals(1, report.number("long_lines"));
    }

    @ParameterizedTest
    @CsvSource({"xz, .2.xz", "bzip2, .2.bz2", "zstd, -20261127.zst", "lz4, .2.lz4"})
    void shouldUnpackWhatLogrotatePacksWithOtherPrograms(final String program, final String suffix) throws Exception {
        assumeTrue(
                Arrays.stream(String.valueOf(System.getenv("PATH")).split(":", -1))
                        .anyMatch(place -> Files.isExecutable(Path.of(place, program))),
                program + " is not there");
        dumps(allowing(Service.SENDBACKUP), 2);
        final Path packed = Path.of(log + suffix);
        final Process packer = new ProcessBuilder(program, "-c", log.toString())
                .redirectOutput(packed.toFile())
                .start();
        assertTrue(packer.waitFor(20, TimeUnit.SECONDS) && packer.exitValue() == 0);
        Files.delete(log);

        final JsonObject report = report();

        assertEquals(2, report.number("dumps"), report.texts("problems").toString());
        assertEquals(List.of(), report.texts("problems"));
        assertEquals(List.of(packed.toString()), report.texts("files"));
    }

    private JsonObject reportAfter(final long seconds) throws IOException {
        final Span span = new Span(Stage.EPOCH, Stage.EPOCH.plusSeconds(seconds));
        return JsonObject.parse(Reports.of(new Reports.Source(log, List.of()), span, Set.of(), false));
    }

    /** A noop that nobody answers: nothing more is written for a minute, and the report does not say that all is well. */
    @Test
    void shouldSayAsSoonAsWhyThatARequestHasNoAnswer() throws IOException {
        final Stage stage = new Stage(log, EngineSettings.of(allowing(Service.NOOP))).begin();
        stage.talk(1).forth("REQ", EngineFixture.requestBody("noop"));
        stage.later(2 * Stage.SECOND);
        stage.settle();

        assertEquals(1, reportAfter(5).number("waiting"));
        assertEquals(0, reportAfter(5).number("failed"));
        final String summary = String.join(" ", ReportText.lines(reportAfter(5), ZoneOffset.UTC));
        assertTrue(summary.contains("nothing failed so far. 1 request still waits"), summary);
        assertEquals(0, reportAfter(10).number("waiting"));
        assertEquals(1, reportAfter(10).number("failed"));
        stage.later(5 * Stage.SECOND);
        stage.telemetry.close();
        assertEquals(0, reportAfter(60).number("failed"), "the program stopped before it was known");
    }

    @Test
    void shouldGiveTheWordsOfAnErrorAndNotThatItsAckIsDue() throws IOException {
        final Stage stage = new Stage(log, EngineSettings.of(allowing(Service.SENDBACKUP))).begin();
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(1).back("REP", "ERROR [can not stat /home]\n");
        stage.settle();
        stage.telemetry.close();

        final JsonObject failure = report().objects("failures").get(0);
        assertEquals("error", failure.text("kind"));
        assertTrue(
                failure.text("explanation").startsWith("answered with an error after "), failure.text("explanation"));
        assertTrue(failure.text("explanation").contains("\"ERROR [can not stat /home]\""), failure.text("explanation"));
    }

    @Test
    void shouldSayThatThereIsNothingToRead() throws IOException {
        assertThrows(NoEventsException.class, this::report, "no file");
        Files.createFile(log);

        final NoEventsException nothing = assertThrows(NoEventsException.class, this::report, "an empty one");

        assertTrue(String.valueOf(nothing.getMessage()).contains(log.toString()), nothing.getMessage());
    }
}
