package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;
import org.amverdict.host.ExitCode;
import org.amverdict.init.NamedAddresses;
import org.amverdict.init.Names;
import org.amverdict.json.JsonLine;
import org.amverdict.packet.IpAddress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict check}: exit 0 when the configuration can be used, else 78. */
@Command(
        name = "check",
        description = "Checks a configuration file and shows every error at once.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:valid",
            "1:valid, but with --resolve a name has moved",
            ExitList.USAGE,
            "78:invalid, or --strict and there are warnings"
        })
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

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--resolve",
            description = "Look up the names in comments next to addresses, and say which now have other addresses.")
    private boolean resolve;

    @Override
    public Integer call() throws InterruptedException {
        if (json && print) {
            throw new ParameterException(spec.commandLine(), "--json and --print exclude each other");
        }
        final PrintWriter out = spec.commandLine().getOut();
        final SettingsFile read;
        try {
            read = SettingsLoader.read(file);
        } catch (final ConfigurationException e) {
            reportErrors(e.problems());
            return ExitCode.CONFIGURATION;
        }
        final List<ConfigurationProblem> moved = resolve ? moved() : List.of();
        final List<ConfigurationProblem> warnings =
                Stream.concat(read.warnings().stream(), moved.stream()).toList();
        if (json) {
            out.println(jsonLine(List.of(), warnings));
        } else {
            report(warnings);
            if (print) {
                out.print(read.settings().toYaml());
            } else {
                out.println(file + ": valid" + (warnings.isEmpty() ? "" : ", " + count(warnings.size(), "warning")));
            }
        }
        out.flush();
        if (strict && !warnings.isEmpty()) {
            return ExitCode.CONFIGURATION;
        }
        return moved.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private List<ConfigurationProblem> moved() throws InterruptedException {
        final NamedAddresses named;
        try {
            named = NamedAddresses.in(Files.readString(file), file.toString());
        } catch (final IOException e) {
            throw new UncheckedIOException("read a moment before: " + file, e);
        }
        final Map<String, List<IpAddress>> found = Names.lookUp(named.names());
        return named.moved(name -> found.getOrDefault(name, List.of()));
    }

    private void reportErrors(final List<ConfigurationProblem> problems) {
        if (json) {
            final PrintWriter out = spec.commandLine().getOut();
            out.println(jsonLine(problems, List.of()));
            out.flush();
        } else {
            report(problems);
            spec.commandLine().getErr().println(count(problems.size(), "error"));
        }
    }

    private void report(final Iterable<ConfigurationProblem> problems) {
        for (final ConfigurationProblem problem : problems) {
            spec.commandLine().getErr().println(problem.format());
        }
    }

    private String jsonLine(final List<ConfigurationProblem> errors, final List<ConfigurationProblem> warnings) {
        final JsonLine line = new JsonLine().add("file", file.toString()).add("valid", errors.isEmpty());
        addProblems(line, "errors", errors);
        addProblems(line, "warnings", warnings);
        return line.end();
    }

    private static void addProblems(final JsonLine line, final String key, final List<ConfigurationProblem> problems) {
        line.openArray(key);
        for (final ConfigurationProblem problem : problems) {
            line.openElement();
            if (problem.line() > 0) {
                line.add("line", problem.line()).add("column", problem.column());
            }
            line.add("message", problem.message()).closeObject();
        }
        line.closeArray();
    }

    private static String count(final int count, final String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
