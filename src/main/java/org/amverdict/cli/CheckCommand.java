package org.amverdict.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;
import org.amverdict.host.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict check}: exit 0 when the configuration can be used, else 78. */
@Command(
        name = "check",
        description = "Checks a configuration file and shows every error at once.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:valid", "2:wrong use", "78:invalid, or --strict and there are warnings"})
public final class CheckCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "Configuration (default: ${DEFAULT-VALUE}).")
    private Path file = SettingsLoader.DEFAULT_PATH;

    @Option(names = "--print", description = "Print the settings with all defaults, as a configuration file.")
    private boolean print;

    @Option(names = "--strict", description = "Fail on warnings too.")
    private boolean strict;

    @Override
    public Integer call() {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        final SettingsFile read;
        try {
            read = SettingsLoader.read(file);
        } catch (final ConfigurationException e) {
            report(err, e.problems());
            err.println(count(e.problems().size(), "error"));
            return ExitCode.CONFIGURATION;
        }
        report(err, read.warnings());
        if (print) {
            out.print(read.settings().toYaml());
            out.flush();
        } else {
            out.println(file + ": valid"
                    + (read.warnings().isEmpty()
                            ? ""
                            : ", " + count(read.warnings().size(), "warning")));
        }
        return strict && !read.warnings().isEmpty() ? ExitCode.CONFIGURATION : ExitCode.OK;
    }

    private static void report(final PrintWriter err, final Iterable<ConfigurationProblem> problems) {
        for (final ConfigurationProblem problem : problems) {
            err.println(problem.format());
        }
    }

    private static String count(final int count, final String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
