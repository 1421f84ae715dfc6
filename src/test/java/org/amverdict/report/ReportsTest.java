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
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.amverdict.amanda.Service;
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
                List.of("4 lines are no events, such as one that was cut when the disk was full"),
                report.texts("problems"));
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

    @Test
    void shouldSayThatThereIsNothingToRead() throws IOException {
        assertThrows(NoEventsException.class, this::report, "no file");
        Files.createFile(log);

        final NoEventsException nothing = assertThrows(NoEventsException.class, this::report, "an empty one");

        assertTrue(String.valueOf(nothing.getMessage()).contains(log.toString()), nothing.getMessage());
    }
}
