package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.telemetry.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Exit codes and words of {@code amverdict report}. */
final class ReportCommandTest {
    private static final String SINCE = "2026-11-27T00:00Z";
    private static final String UNTIL = "2026-11-27T12:00Z";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new ReportCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    /** The event log of one dump, whose DATA stream is connected or not. */
    private Path log(final boolean connected) {
        final Path log = directory.resolve(connected ? "good.json" : "bad.json");
        final Stage stage = new Stage(log).begin();
        stage.talk(1).dump("/home", "0", "DATA 11001 MESG 11002 INDEX 11003");
        if (connected) {
            stage.carry(11_001, 2);
            stage.carry(11_002, 1);
            stage.carry(11_003, 1);
        }
        stage.keepHouse(600 * Stage.SECOND);
        stage.telemetry.close();
        return log;
    }

    private String configuration(final String events) throws IOException {
        return Files.writeString(
                        directory.resolve("a.yaml"),
                        "allow:\n  - {requesters: 192.0.2.10, responders: 198.51.100.0/24, services: noop}\n" + events)
                .toString();
    }

    @Test
    void shouldExitWith0WithoutAFailureAndWith1WithOne() {
        assertEquals(0, run("--since", SINCE, "--until", UNTIL, log(true).toString()), out + "" + err);
        assertTrue(out.toString().contains(Stage.CLIENT), out.toString());

        assertEquals(1, run("--since", SINCE, "--until", UNTIL, log(false).toString()), err.toString());
        assertTrue(out.toString().contains("never connected"), out.toString());
    }

    @Test
    void shouldFindTheLogByTheConfiguration() throws IOException {
        final Path log = log(false);

        assertEquals(
                1,
                run("-c", configuration("events: {file: " + log + "}\n"), "--since", SINCE, "--until", UNTIL),
                err.toString());
    }

    @Test
    void shouldExitWith2ForWhatIsNoTimeNorHost() {
        final String log = log(true).toString();

        assertEquals(2, run("--since", "evening", log));
        assertTrue(err.toString().contains("\"evening\" is no time"), err.toString());
        assertEquals(2, run("--until", "25:00", log));
        assertEquals(2, run("--since", UNTIL, "--until", SINCE, log));
        assertTrue(err.toString().contains("is not before"), err.toString());
        assertEquals(2, run("--host", "no such host", log));
        assertTrue(err.toString().contains("--host"), err.toString());
    }

    @Test
    void shouldExitWith69WithoutEvents() throws IOException {
        assertEquals(69, run(directory.resolve("none.json").toString()));
        assertTrue(err.toString().contains("none.json"), err.toString());
        assertEquals(69, run("-c", configuration("events: {file: " + directory.resolve("none/events.json") + "}\n")));
        assertEquals(69, run("-c", configuration("events: {file: off}\n")));
        assertTrue(err.toString().contains("events.file is off"), err.toString());
    }

    @Test
    void shouldExitWith78ForAConfigurationThatIsNotValid() throws IOException {
        assertEquals(78, run("-c", configuration("events: 7\n")));
        assertTrue(err.toString().contains("amverdict check"), err.toString());
    }
}
