package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class RulesCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String... arguments) {
        return new CommandLine(new RulesCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private String file() throws IOException {
        return Files.writeString(
                        directory.resolve("a.yaml"),
                        "allow: [{requesters: 192.0.2.10, responders: 198.51.100.0/24, services: noop}]")
                .toString();
    }

    @Test
    void shouldPrintRulesAndChangeNothing() throws IOException {
        assertEquals(0, run("-c", file(), "--format", "iptables"));
        assertTrue(out.toString().startsWith("#!/bin/sh\n# amverdict rules: gate at forward\n"), out.toString());
        assertEquals(
                0,
                run(
                        "-c",
                        file(),
                        "--format=nft",
                        "--at=server",
                        "--placement=inline",
                        "--bypass",
                        "--queue-cpu-fanout",
                        "--except=22",
                        "--pass-mark=0x10000"));
        assertTrue(out.toString().contains("amverdict rules: inline at server, packets pass"), out.toString());
        assertTrue(out.toString().contains(" queue num 11-14 bypass,fanout\n"), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void shouldWarnOfARangeInAmandasNotation() throws IOException {
        assertEquals(0, run("-c", file(), "--format", "iptables", "--except", "50000,50100"));
        assertTrue(err.toString().contains("here it is 50000-50100"), err.toString());
        err.getBuffer().setLength(0);
        assertEquals(0, run("-c", file(), "--format", "iptables", "--except", "22,443"));
        assertEquals("", err.toString());
    }

    @Test
    void shouldTellWrongUseFromAWrongConfiguration() throws IOException {
        assertEquals(2, run("-c", file()));
        assertEquals(2, run("-c", file(), "--format", "pf"));
        assertEquals(2, run("-c", file(), "--format", "nft", "--apply", "--remove"));
        assertEquals(2, run("-c", file(), "--format", "nft", "--except", "0"));
        assertEquals(2, run("-c", file(), "--format", "nft", "--pass-mark", "0x100000000"));
        assertEquals(2, run("-c", file(), "--format", "nft", "--pass-mark", "9999999999"));
        assertEquals(78, run("-c", file() + ".none", "--format", "nft"));
        assertEquals(78, run("-c", file(), "--format", "nft", "--placement", "offload"));
        assertEquals(78, run("-c", file(), "--format", "iptables", "--pass-mark", "1"));
        assertTrue(err.toString().contains("amverdict: placement offload needs 'marks'"), err.toString());
        assertEquals("", out.toString());
    }
}
