package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.amverdict.config.SettingsChange;
import org.amverdict.config.SettingsLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The commands that ask a daemon, without one; with one: ControlIT. */
final class ControlCommandsTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String... arguments) {
        final CommandLine program = Main.commandLine();
        program.setOut(new PrintWriter(out, true));
        program.setErr(new PrintWriter(err, true));
        return program.execute(arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"status", "top -n 1", "watch", "sessions", "expectations", "why 192.0.2.1 192.0.2.2", "reload"})
    void shouldSayWhereItLookedWhenNoDaemonRuns(final String command) {
        final Path socket = directory.resolve("none.sock");
        final List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
        words.addAll(List.of("--socket", socket.toString()));

        assertEquals(69, run(words.toArray(String[]::new)), err.toString());

        assertTrue(err.toString().contains(socket.toString()), err.toString());
        assertTrue(err.toString().contains("systemctl start amverdict"), err.toString());
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "top", "watch", "sessions", "expectations", "why", "reload"})
    void shouldExplainItselfWithItsExitCodes(final String command) {
        assertEquals(0, run(command, "--help"));
        assertTrue(out.toString().contains("Exit status:"), out.toString());
        assertTrue(out.toString().contains("69 "), out.toString());
        assertTrue(out.toString().contains("--socket"), out.toString());
    }

    @Test
    void shouldTakeTheSocketOfTheConfiguration() throws IOException {
        final Path file = directory.resolve("amverdict.yaml");
        Files.writeString(file, "control: {socket: " + directory + "/other.sock}\n");
        assertEquals(69, run("status", "-c", file.toString()));
        assertTrue(err.toString().contains(directory + "/other.sock"), err.toString());

        Files.writeString(file, "control: {socket: off}\n");
        assertEquals(69, run("status", "-c", file.toString()));
        assertTrue(err.toString().contains("control.socket is off"), err.toString());
    }

    @Test
    void shouldAskTheUsualSocketWhenTheConfigurationIsBroken() throws IOException {
        final Path file = directory.resolve("amverdict.yaml");
        Files.writeString(file, "colour: red\n");
        run("status", "-c", file.toString());
        assertTrue(err.toString().contains("is not valid"), err.toString());
        assertTrue(err.toString().contains("/run/amverdict/control.sock"), err.toString());
    }

    @Test
    void shouldBeCriticalForAMonitoringSystemWhenNoDaemonRuns() {
        assertEquals(2, run("status", "--nagios", "--socket", directory + "/none.sock"));
        assertTrue(out.toString().startsWith("AMVERDICT CRITICAL - "), out.toString());
        assertEquals(1, out.toString().lines().count());
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, -1",
        "192.0.2.1:11000, 192.0.2.1, 11000",
        "2001:db8::1, 2001:db8::1, -1",
        "[2001:db8::1]:11000, 2001:db8::1, 11000",
        "[2001:db8::1], 2001:db8::1, -1"
    })
    void shouldReadAnEnd(final String text, final String address, final int port) {
        final WhyCommand.End end = WhyCommand.End.parse(text);

        assertEquals(Set.of(address), end.texts());
        assertEquals(port, end.port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x", "[2001:db8::1]11", "[::1]:"})
    void shouldRefuseABadPort(final String text) {
        assertEquals(2, run("why", "192.0.2.1", text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "why 192.0.2.1:5 192.0.2.2",
                "why 192.0.2.1",
                "top -d 0",
                "sessions -n -1",
                "expectations all",
                "status --json --nagios"
            })
    void shouldRefuseWrongUse(final String command) {
        assertEquals(2, run(command.split(" ", -1)));
    }

    /** Every key of the file is either taken up by a reload or named as needing a restart. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode: monitor | mode | ",
                "control-ports: [10081] | control-ports | ",
                "requester-ports: [700] | requester-ports | ",
                "allow: [{requesters: [192.0.2.1], responders: [192.0.2.2], services: [noop]}] | allow | ",
                "static: [{from: [192.0.2.1], to: [192.0.2.2], tcp: 11000}] | static | ",
                "match-interfaces: false | match-interfaces | ",
                "expectations: {lifetime: 60s} | expectations.lifetime | ",
                "expectations: {per-reply: 3} | expectations.per-reply | ",
                "transactions: {reply-within: 2h} | transactions.reply-within | ",
                "flows: {adopt: true} | flows.adopt | ",
                "refused-reply: drop | refused-reply | ",
                "marks: {data: 0x10, mask: 0xff} | marks | ",
                "log: {level: debug} | log.level | ",
                "queues: [{numbers: 7, copy: packet}] | | queues",
                "queue-length: 100 | | queue-length",
                "overload: accept | | overload",
                "expectations: {capacity: 1000, per-requester: 10} | | expectations.capacity expectations.per-requester",
                "transactions: {capacity: 1000, per-requester: 10} | | transactions.capacity transactions.per-requester",
                "flows: {capacity: 1000, idle: 1d} | | flows.capacity flows.idle",
                "log: {format: json} | | log.format",
                "events: {file: /tmp/e} | | events",
                "metrics: {listen: '127.0.0.1:1'} | | metrics",
                "control: {socket: /tmp/c} | | control",
                "state: {file: /tmp/s} | | state"
            })
    void shouldSayOfEveryKeyWhetherItNeedsARestart(final String yaml, final String changed, final String restart)
            throws Exception {
        final String unchanged = "mode: enforce\n";
        final SettingsChange change =
                SettingsChange.between(SettingsLoader.load(unchanged, "old"), SettingsLoader.load(yaml, "new"));

        assertEquals(words(changed), change.changed());
        assertEquals(words(restart), change.restart());
        final SettingsChange again = SettingsChange.between(change.result(), SettingsLoader.load(yaml, "new"));
        assertEquals(List.of(), again.changed(), "is in force");
        assertEquals(words(restart), again.restart(), "still needs a restart");
    }

    private static List<String> words(final String text) {
        return text == null || text.isBlank() ? List.of() : List.of(text.strip().split(" ", -1));
    }
}
