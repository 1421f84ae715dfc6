package org.amverdict.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Entry point of the program. */
@Command(
        name = "amverdict",
        description = "Decides which packets of Amanda backups pass a firewall, one NFQUEUE verdict for each.",
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            ReplayCommand.class,
            RulesCommand.class,
            DemoCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            CommandLine.HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:good",
            "1:what was asked about failed",
            "2:wrong usage",
            "69:not available: a library, NFQUEUE in this kernel, a free queue",
            "77:needs CAP_NET_ADMIN",
            "78:the configuration is invalid"
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(final String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The program with all its commands; for tests and for pages made from it. */
    static CommandLine commandLine() {
        return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
    }
}
