package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus' own checker over the shipped rules and over a scrape; promtool is in Debian's package prometheus. */
@Timeout(60)
final class PromtoolTest {
    private static final Path RULES = Path.of("main", "dist", "prometheus");

    @TempDir
    private Path directory;

    @BeforeAll
    static void needsPromtool() {
        final boolean found = List.of(System.getenv("PATH").split(File.pathSeparator, -1)).stream()
                .anyMatch(each -> Files.isExecutable(Path.of(each, "promtool")));
        assumeTrue(found, "promtool is not installed");
    }

    @Test
    void shouldFindTheRulesWellFormed() throws Exception {
        final String said = promtool(
                "", "check", "rules", RULES.resolve("amverdict-alerts.yml").toString());

        assertTrue(said.contains("SUCCESS: 19 rules found"), said);
    }

    @Test
    void shouldPassTheTestsOfTheRules() throws Exception {
        final String said = promtool(
                "",
                "test",
                "rules",
                RULES.resolve("amverdict-alerts.test.yml").toString(),
                RULES.resolve("amverdict-alerts-days.test.yml").toString());

        assertEquals(2, said.split("SUCCESS", -1).length - 1, said);
    }

    @Test
    void shouldFindNothingToSayAboutTheScrape() throws Exception {
        final String scrape;
        try (Metrics metrics = new Metrics(new SharedFigures(new SampleSources().sources()));
                ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            metrics.scrape(out, Metrics.TEXT);
            scrape = out.toString(StandardCharsets.UTF_8);
        }
        assertTrue(scrape.contains("amverdict_packets_total{"), scrape);

        assertEquals("", promtool(scrape, "check", "metrics"));
    }

    /** What it says; it must exit with 0. */
    private String promtool(final String input, final String... arguments) throws IOException, InterruptedException {
        final Path in = Files.writeString(directory.resolve("in"), input, StandardCharsets.UTF_8);
        final Path out = directory.resolve("out");
        final List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        final Process process = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        final boolean ended = process.waitFor(30, TimeUnit.SECONDS);
        process.destroyForcibly();
        final String said = Files.readString(out, StandardCharsets.UTF_8);
        assertTrue(ended, said);
        assertEquals(0, process.exitValue(), said);
        return said;
    }
}
