package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.EngineConfiguration;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;
import org.amverdict.engine.EngineSettings;
import org.amverdict.host.ExitCode;
import org.amverdict.replay.LineDiff;
import org.amverdict.replay.PcapSource;
import org.amverdict.replay.ReplayRun;
import org.amverdict.replay.VerdictLog;
import org.amverdict.track.TableLimits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict replay}: the engine over captures, each packet explained. */
@Command(
        name = "replay",
        description = {
            "Judges the packets of captures (pcap or pcapng) as the daemon would, and explains each verdict.",
            "No packet is sent and no queue is touched."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:done, and as expected",
            "1:not as expected, or a file cannot be read",
            ExitList.USAGE,
            ExitList.CONFIGURATION
        })
public final class ReplayCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "CAPTURE",
            description = "Captures, in the order in which they were taken.")
    private List<Path> captures = new ArrayList<>();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Judge as this configuration says (default: a policy that allows every host everything).")
    private @Nullable Path config;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Option(
            names = "--expect",
            paramLabel = "FILE",
            description = "Compare the verdicts with the lines of this file, print what differs, and exit 1 if anything"
                    + " does.")
    private @Nullable Path expect;

    @Option(
            names = "--accept",
            description = "Write the verdicts of this run to the file of --expect, and print what changed.")
    private boolean accept;

    @Override
    public Integer call() {
        if (accept && expect == null) {
            throw new ParameterException(spec.commandLine(), "--accept needs --expect FILE");
        }
        final Basis basis;
        try {
            basis = basis();
        } catch (final ConfigurationException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return ExitCode.CONFIGURATION;
        }
        final PrintWriter out = spec.commandLine().getOut();
        if (expect == null) {
            return replay(basis, out::println) ? ExitCode.OK : ExitCode.FAILED;
        }
        final List<String> lines = new ArrayList<>(); // one per packet, so the captures set the limit
        if (!replay(basis, lines::add)) {
            return ExitCode.FAILED;
        }
        try {
            return compare(expect, lines, out);
        } catch (final IOException e) {
            complain(expect + ": " + (e instanceof CharacterCodingException ? "not UTF-8 text" : e.toString()));
            return ExitCode.FAILED;
        }
    }

    /** The policy that judges, and its description. */
    private record Basis(EngineSettings settings, TableLimits limits, String text) {}

    private Basis basis() throws ConfigurationException {
        if (config == null) {
            return new Basis(ReplayRun.PERMISSIVE, TableLimits.DEFAULTS, ReplayRun.PERMISSIVE_TEXT);
        }
        final SettingsFile file = SettingsLoader.read(config);
        file.warnings().forEach(warning -> spec.commandLine().getErr().println(warning.format()));
        return new Basis(
                EngineConfiguration.engineSettings(file.settings()),
                EngineConfiguration.limits(file.settings()),
                config.getFileName() + ", mode " + file.settings().mode().label());
    }

    /** Judges all captures; false when one cannot be read, which has been reported. */
    private boolean replay(final Basis basis, final Consumer<String> lines) {
        final VerdictLog log = json ? VerdictLog.json(lines) : VerdictLog.text(lines);
        log.start(
                captures.stream()
                        .map(file -> String.valueOf(file.getFileName()))
                        .collect(Collectors.joining(", ")),
                basis.text());
        try (PcapSource source = new PcapSource(captures)) {
            new ReplayRun(basis.settings(), basis.limits(), log).judge(source);
            log.end(source);
            source.warnings().forEach(warning -> complain("warning: " + warning));
            return true;
        } catch (final UncheckedIOException | IOException e) {
            complain(String.valueOf(e.getMessage()));
            return false;
        }
    }

    private int compare(final Path file, final List<String> lines, final PrintWriter out) throws IOException {
        final boolean exists = Files.exists(file);
        if (!exists && !accept) {
            complain(file + ": no such file; --accept writes it");
            return ExitCode.FAILED;
        }
        final List<String> difference = LineDiff.unified(exists ? Files.readAllLines(file) : List.of(), lines);
        if (!difference.isEmpty()) {
            out.println("--- " + file);
            out.println("+++ now");
            difference.forEach(out::println);
        }
        if (accept) {
            Files.write(file, lines);
            out.println(
                    file + ": " + (difference.isEmpty() ? "unchanged" : "written") + ", " + lines.size() + " lines");
            return ExitCode.OK;
        }
        if (difference.isEmpty()) {
            out.println("as expected: " + lines.size() + " lines");
        }
        return difference.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private void complain(final String message) {
        spec.commandLine().getErr().println("amverdict: " + message);
    }
}
