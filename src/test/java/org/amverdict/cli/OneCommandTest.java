package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The program that knows the one command it is asked for says what the whole program says. */
final class OneCommandTest {
    @Test
    void shouldKnowTheCommandThatIsAskedForAsTheWholeProgramKnowsIt() {
        final CommandLine whole = Main.commandLine();
        whole.getSubcommands().forEach((name, command) -> {
            final CommandLine one = Main.commandLine(name, "--some-option");

            assertEquals(
                    command.getUsageMessage(),
                    Objects.requireNonNull(one.getSubcommands().get(name)).getUsageMessage(),
                    name);
            assertEquals(
                    name.equals("help") || name.equals("completion")
                            ? whole.getSubcommands().keySet()
                            : Set.of(name),
                    one.getSubcommands().keySet(),
                    name);
        });
    }

    @Test
    void shouldKnowAllCommandsWhereNoneIsNamed() {
        final Set<String> all = Main.commandLine().getSubcommands().keySet();

        for (final String[] words : new String[][] {{}, {"nonsense"}, {"--help"}, {"--version", "report"}}) {
            assertEquals(all, Main.commandLine(words).getSubcommands().keySet());
        }
    }
}
