package org.amverdict.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.LogFormat;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;
import org.amverdict.host.ExitCode;
import org.amverdict.host.LocalHost;
import org.amverdict.incidents.Incidents;
import org.amverdict.log.LogSetup;
import org.amverdict.nfqueue.Capabilities;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.NativeException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code amverdict run}: the daemon. */
@Command(
        name = "run",
        description = "Judges the packets of the configured queues until it is stopped.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:stopped by SIGTERM or SIGINT (143 or 130 as the shell sees it)",
            "1:a queue failed while it ran",
            "69:a queue is taken, or NFQUEUE or a library is missing",
            ExitList.NO_CAPABILITY,
            ExitList.CONFIGURATION
        })
public final class RunCommand implements Callable<Integer> {
    private static final String LOG_FORMAT = "--log-format";

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration (default: ${DEFAULT-VALUE}).")
    private Path file = SettingsLoader.DEFAULT_PATH;

    @Option(names = "--mode", paramLabel = "MODE", description = "monitor or enforce, whatever the file says.")
    private Settings.@Nullable Mode mode;

    @Option(
            names = "--queue",
            paramLabel = "N[-M]",
            description = "The queue, or range of queues, instead of those in the file. Whole packets are copied.")
    private @Nullable String queue;

    @Option(names = LOG_FORMAT, paramLabel = "FORMAT", description = "auto, text, journal or json.")
    private @Nullable LogFormat logFormat;

    @ArgGroup
    private @Nullable Verbosity verbosity;

    /** How much the log says. */
    static final class Verbosity {
        @Option(names = "-v", description = "Log more.")
        private boolean verbose;

        @Option(names = "-q", description = "Log errors and warnings only.")
        private boolean quiet;
    }

    @Override
    public Integer call() throws InterruptedException {
        final RunReport report = new RunReport(spec.commandLine().getErr());
        final SettingsSource source = new SettingsSource(file, this::withCommandLine);
        final Settings settings;
        try {
            final SettingsFile read = source.read();
            settings = read.settings();
            installLog(settings);
            read.warnings().forEach(report::problem);
        } catch (final ConfigurationException e) {
            e.problems().forEach(report::problem);
            return ExitCode.CONFIGURATION;
        }
        final ServiceManager manager = ServiceManager.ofThisProcess();
        final Incidents incidents = new Incidents();
        final KeptSockets sockets = KeptSockets.of(
                manager, incidents, System.getenv(), ProcessHandle.current().pid());
        final Optional<StartCheck.Obstacle> obstacle = StartCheck.find(settings, new LocalHost(), sockets.queues());
        if (obstacle.isPresent()) {
            report.failure(obstacle.get().message(), obstacle.get().exitCode());
            return obstacle.get().exitCode();
        }
        sockets.release(numbers(settings));
        return run(new Daemon(source, settings, this::installLog, manager, sockets, incidents), settings, report);
    }

    private static Set<Integer> numbers(final Settings settings) {
        return settings.queues().stream()
                .flatMap(range ->
                        IntStream.rangeClosed(range.first(), range.last()).boxed())
                .collect(Collectors.toSet());
    }

    private static int run(final Daemon created, final Settings settings, final RunReport report)
            throws InterruptedException {
        try (Daemon daemon = created) {
            if (!daemon.start()) {
                return ExitCode.OK;
            }
            report.ready(
                    daemon.readyLine(), daemon.queueNumbers(), settings.mode().label());
            return daemon.awaitEnd() ? ExitCode.OK : ExitCode.FAILED;
        } catch (final NativeException e) {
            final int exitCode = e.errno() == Errno.EPERM && !Capabilities.hasNetAdmin()
                    ? ExitCode.NO_PERMISSION
                    : ExitCode.UNAVAILABLE;
            report.failure(e.getMessage(), exitCode);
            return exitCode;
        } catch (final IOException e) {
            report.failure(String.valueOf(e.getMessage()), ExitCode.UNAVAILABLE);
            return ExitCode.UNAVAILABLE;
        }
    }

    /** Whether this command line is that of {@code run} with {@code --log-format json}; also if it is wrong elsewhere. */
    static boolean wantsJson(final String... words) {
        boolean json = false;
        for (int i = 1; i < words.length; i++) {
            json |= words[i].equalsIgnoreCase(LOG_FORMAT + "=json")
                    || (words[i].equalsIgnoreCase("json") && words[i - 1].equals(LOG_FORMAT));
        }
        return json && words[0].equals("run");
    }

    private Settings withCommandLine(final Settings read) {
        return read.withOverrides(queueRange(), mode);
    }

    private @Nullable QueueRange queueRange() {
        if (queue == null) {
            return null;
        }
        try {
            return QueueRange.parse(queue);
        } catch (final IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--queue: " + e.getMessage(), e);
        }
    }

    private void installLog(final Settings settings) {
        System.Logger.Level level = settings.log().level().level();
        if (verbosity != null && verbosity.verbose) {
            level = System.Logger.Level.DEBUG;
        } else if (verbosity != null && verbosity.quiet) {
            level = System.Logger.Level.WARNING;
        }
        final LogFormat format = logFormat == null ? settings.log().format() : logFormat;
        LogSetup.install(format, level);
    }
}
