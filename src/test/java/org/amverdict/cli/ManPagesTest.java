package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.config.SettingsKey;
import org.amverdict.config.SettingsKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class ManPagesTest {
    @TempDir
    Path directory;

    @Test
    void shouldExplainEveryCommandAndEveryOptionOfIt() {
        final String page = ManPages.program(Main.commandLine());

        assertTrue(commands(Main.commandLine(), page) >= 7, "commands looked at");
    }

    /** How many commands there are below this one. */
    private static int commands(final CommandLine program, final String page) {
        int count = 0;
        for (final CommandLine command : HelpText.subcommands(program)) {
            final String name = command.getCommandSpec().qualifiedName();
            assertTrue(page.contains(".SS \"" + Roff.escaped(name.substring("amverdict ".length())) + "\"\n"), name);
            final String section = sectionOf(name.substring("amverdict ".length()), page);
            for (final OptionSpec option : HelpText.options(command.getCommandSpec())) {
                for (final String each : option.names()) {
                    assertTrue(section.contains(Roff.bold(each)), name + " " + each);
                }
            }
            count += 1 + commands(command, page);
        }
        return count;
    }

    private static String sectionOf(final String name, final String page) {
        final int start = page.indexOf(".SS \"" + Roff.escaped(name) + "\"\n");
        final int next = page.indexOf("\n.S", start + 1);
        return page.substring(start, next < 0 ? page.length() : next);
    }

    @Test
    void shouldExplainEveryKey() {
        final String page = ManPages.configuration();

        for (final SettingsKey<?> key : SettingsKeys.ALL) {
            assertTrue(page.contains("\n" + Roff.bold(key.path()) + ": "), key.path());
            assertTrue(page.contains(Roff.escaped(key.text())), key.path());
        }
    }

    @Test
    void shouldGiveGroffNothingToWarnOf() throws IOException, InterruptedException {
        assumeTrue(Shells.has("groff", "--version"), "skipped: no groff");
        final Path program = directory.resolve("amverdict.8");
        final Path configuration = directory.resolve("amverdict.yaml.5");

        ManPages.main(new String[] {program.toString(), configuration.toString()});

        for (final Path page : new Path[] {program, configuration}) {
            assertTrue(Files.size(page) > 1000);
            assertEquals("", Shells.errors("groff", "-man", "-ww", "-Tutf8", "-z", page.toString()));
        }
    }

    @Test
    void shouldEscapeWhatRoffWouldTakeForItsOwn() {
        assertEquals("a\\-b \\ec \\(aqd \\[u00B5]", Roff.escaped("a-b \\c 'd µ"));
        assertEquals("\\&.x\n", new Roff().line(".x").toString());
    }
}
