package org.amverdict.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.amverdict.host.ExitCode;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict completion}: what a shell needs to complete the words of a command line. */
@Command(
        name = "completion",
        description = {
            "Prints the completion of this program's command lines for a shell.",
            "bash: source <(amverdict completion bash); zsh: source <(amverdict completion zsh), after compinit."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {"0:printed", ExitList.USAGE})
public final class CompletionCommand implements Callable<Integer> {
    /** The shells it knows. */
    enum Shell {
        BASH,
        ZSH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
    private Shell shell = Shell.BASH;

    @Override
    public Integer call() {
        final CommandLine whole = Main.commandLine();
        final String script =
                shell == Shell.BASH ? AutoComplete.bash(whole.getCommandName(), whole) : ZshCompletion.of(whole);
        spec.commandLine().getOut().print(script);
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
