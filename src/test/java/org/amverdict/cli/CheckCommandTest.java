package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.json.JsonSchemas;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CheckCommandTest {
    private static final String VALID = """
            allow:
              - {requesters: 192.0.2.10, responders: 198.51.100.0/24, services: noop}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String... arguments) {
        return new CommandLine(new CheckCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private String file(final String text) throws IOException {
        return Files.writeString(directory.resolve("a.yaml"), text).toString();
    }

    @Test
    void shouldAcceptAValidFile() throws IOException {
        assertEquals(0, run(file(VALID), "--strict"));
        assertTrue(out.toString().endsWith("a.yaml: valid\n"), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void shouldShowEveryErrorAndExitWith78() throws IOException {
        assertEquals(78, run(file("mode: x\nqueue-length: 0\n")));
        assertEquals("", out.toString());
        assertTrue(err.toString().contains("a.yaml:1:7: error: "), err.toString());
        assertTrue(err.toString().contains("a.yaml:2:15: error: "), err.toString());
        assertTrue(err.toString().endsWith("2 errors\n"), err.toString());
    }

    @Test
    void shouldPrintOneJsonObject() throws IOException {
        final String schema = "/org/amverdict/config/check.schema.json";
        assertEquals(0, run(file(VALID + "overload: accept\n"), "--json"));
        assertEquals(List.of(), JsonSchemas.problems(schema, out.toString()), out.toString());
        assertTrue(out.toString().contains("\"valid\":true,\"errors\":[],\"warnings\":[{\"line\":3,"), out.toString());

        out.getBuffer().setLength(0);
        assertEquals(78, run(file("mode: x\nqueue-length: 0\n"), "--json"));
        assertEquals(List.of(), JsonSchemas.problems(schema, out.toString()), out.toString());
        assertTrue(out.toString().contains("\"valid\":false,\"errors\":[{\"line\":1,\"column\":7,"), out.toString());
        assertEquals(78, run(file(VALID) + ".none", "--json"));
        assertEquals("", err.toString());
        assertEquals(2, run(file(VALID), "--json", "--print"));
    }

    /** The name localhost is in every /etc/hosts; no name ends in .invalid (RFC 2606). */
    @Test
    void shouldSayWhichNamesHaveMoved() throws IOException {
        final String moved = file("""
                allow:
                  - requesters:
                      - 127.0.0.1     # localhost
                      - 192.0.2.10    # the Amanda server
                    responders:
                      - 198.51.100.7  # localhost
                      - 198.51.100.8  # gone.invalid
                    services: noop
                """);

        assertEquals(1, run(moved, "--resolve"));
        assertTrue(
                err.toString().contains("a.yaml:6:9: warning: 'localhost' no longer has 198.51.100.7"), err.toString());
        assertTrue(
                err.toString().contains("a.yaml:7:9: warning: no address is found for 'gone.invalid'"), err.toString());
        assertTrue(out.toString().endsWith("valid, 2 warnings\n"), out.toString());
        assertEquals(78, run(moved, "--resolve", "--strict"));
        assertEquals(0, run(moved));
    }

    @Test
    void shouldFailOnWarningsOnlyWhenStrict() throws IOException {
        final String file = file(VALID + "overload: accept\n");

        assertEquals(0, run(file));
        assertTrue(out.toString().endsWith("valid, 1 warning\n"), out.toString());
        assertTrue(err.toString().contains("a.yaml:3:1: warning: overload: "), err.toString());
        assertEquals(78, run(file, "--strict"));
    }

    @Test
    void shouldPrintSettingsThatPassAgain() throws IOException {
        assertEquals(0, run("--print", file(VALID)));
        final String printed = out.toString();
        assertTrue(printed.startsWith("mode: enforce\n"), printed);

        assertEquals(0, run("--print", file(printed)));
        assertEquals(printed + printed, out.toString());
    }

    @Test
    void shouldTellWrongUseFromAWrongFile() {
        assertEquals(2, run("a", "b"));
        assertEquals(2, run("--frobnicate"));
        assertEquals(78, run(directory.resolve("none").toString()));
    }
}
