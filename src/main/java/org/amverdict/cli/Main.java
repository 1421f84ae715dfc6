package org.amverdict.cli;

import java.util.Set;
import org.amverdict.config.LogFormat;
import org.amverdict.log.LogSetup;
import org.amverdict.nfqueue.ffi.NativeLibraries;
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
            InitCommand.class,
            CheckCommand.class,
            ReplayCommand.class,
            RulesCommand.class,
            DemoCommand.class,
            StatusCommand.class,
            TopCommand.class,
            WatchCommand.class,
            SessionsCommand.class,
            ReportCommand.class,
            ExpectationsCommand.class,
            WhyCommand.class,
            ReloadCommand.class,
            SuggestCommand.class,
            BenchCommand.class,
            CompletionCommand.class,
            DoctorCommand.class,
            ProbeCommand.class,
            CommandLine.HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:good",
            "1:what was asked about failed",
            ExitList.USAGE,
            "69:not available: a library, NFQUEUE in this kernel, a free queue, a running daemon",
            "77:needs CAP_NET_ADMIN, or the control socket is not for this user",
            ExitList.CONFIGURATION
        })
public final class Main implements Runnable {
    private static final String NAME = "amverdict";
    /** Commands about all the others. */
    private static final Set<String> ABOUT_ALL = Set.of("help", "completion");

    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(final String[] args) {
        LogSetup.last();
        if (RunCommand.wantsJson(args)) {
            // Before anything can fail: wrong options and a wrong configuration are reported as JSON as well.
            LogSetup.install(LogFormat.JSON, System.Logger.Level.INFO);
        }
        if (args.length > 0 && args[0].equals("run")) {
            // Loads the native libraries while the main thread reads the command line and the configuration; a failure
            // shows up again there.
            final Thread early = new Thread(NativeLibraries::libC, "libc");
            early.setUncaughtExceptionHandler((thread, failure) -> {});
            early.setDaemon(true);
            early.start();
        }
        System.exit(commandLine(args).execute(args));
    }

    /** The program with the command that is asked for: to look through all of them takes longer than many a command. */
    static CommandLine commandLine(final String... args) {
        final CommandLine all = new CommandLine(CommandSpec.create().name(NAME));
        for (final Class<?> command : Main.class.getAnnotation(Command.class).subcommands()) {
            final String name = command.getAnnotation(Command.class).name();
            if (args.length > 0 && name.equals(args[0]) && !ABOUT_ALL.contains(name)) {
                return all.addSubcommand(name, command).setCaseInsensitiveEnumValuesAllowed(true);
            }
        }
        return commandLine();
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
