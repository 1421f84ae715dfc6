package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.host.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The printed scripts in real shells. */
class CompletionCommandTest {
    @TempDir
    Path directory;

    private Path script(final String shell) throws IOException {
        final StringWriter out = new StringWriter();
        final CommandLine program = Main.commandLine().setOut(new PrintWriter(out, true));
        assertEquals(ExitCode.OK, program.execute("completion", shell));
        return Files.writeString(directory.resolve("script"), out.toString());
    }

    @Test
    void shouldRefuseAnotherShell() {
        final CommandLine program = Main.commandLine().setErr(new PrintWriter(new StringWriter()));

        assertEquals(ExitCode.USAGE, program.execute("completion", "csh"));
        assertEquals(ExitCode.USAGE, program.execute("completion"));
    }

    @Test
    void shouldCompleteInBash() throws IOException, InterruptedException {
        assumeTrue(Shells.has("bash", "--version"), "skipped: no bash");
        final Path script = script("bash");

        assertEquals("run rules", completed(script, "ru"));
        assertEquals("--config", completed(script, "run", "--conf"));
        assertEquals("check completion", completed(script, "c").replaceAll(" (?!check|completion)\\S+", ""));
    }

    private static String completed(final Path script, final String... words) throws IOException, InterruptedException {
        return Shells.errors("bash", "--norc", "-c", """
                source %s
                # Said of compopt, which works only where a line is really being completed.
                exec 2>/dev/null
                set -- $(complete -p amverdict)
                while [ "$1" != -F ]; do shift; done
                COMP_WORDS=(amverdict %s) COMP_CWORD=%d
                $2
                echo "${COMPREPLY[@]}"
                """.formatted(script, String.join(" ", words), words.length));
    }

    @Test
    void shouldBeAValidCompletionOfZsh() throws IOException, InterruptedException {
        assumeTrue(Shells.has("zsh", "--version"), "skipped: no zsh");
        final Path script = script("zsh");

        assertEquals("", Shells.errors("zsh", "-n", script.toString()));
        assertEquals("_amverdict", Shells.errors("zsh", "-f", "-c", """
                        autoload -U compinit && compinit -D -u
                        source %s && print $_comps[amverdict]
                        """.formatted(script)));
    }

    @Test
    void shouldNameEveryCommandAndOptionToZsh() {
        final CommandLine program = Main.commandLine();
        final String script = ZshCompletion.of(program);

        for (final CommandLine command : HelpText.subcommands(program)) {
            assertTrue(script.contains("'" + command.getCommandName() + ":"), command.getCommandName());
            for (final OptionSpec option : HelpText.options(command.getCommandSpec())) {
                assertTrue(script.contains(")" + option.longestName()), option.longestName());
            }
        }
    }
}
