package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class BenchCommandTest {
    private final StringWriter err = new StringWriter();

    private int run(final String... arguments) {
        return new CommandLine(new BenchCommand()).setErr(new PrintWriter(err)).execute(arguments);
    }

    /** Each is refused before anything is made. */
    @Test
    void shouldRefuseWrongUse() {
        assertEquals(2, run("--mix", "nonsense"));
        assertTrue(err.toString().contains("'nonsense' is no mix; there are control,rate,"), err.toString());
        assertEquals(2, run("--against", "no-command"));
        assertEquals(2, run("--against", "amverdict=x"));
        assertEquals(2, run("--rounds", "0"));
        assertEquals(2, run("--rate", "many"));
        assertEquals(2, run("extra"));
    }
}
