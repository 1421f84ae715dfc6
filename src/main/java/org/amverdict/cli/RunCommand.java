package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;
import org.amverdict.host.ExitCode;
import org.amverdict.log.LogFormat;
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
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:stopped by SIGTERM or SIGINT (143 or 130 as the shell sees it)",
            "1:a queue failed while it ran",
            "69:a queue is taken, or NFQUEUE or a library is missing",
            "77:needs CAP_NET_ADMIN",
            "78:the configuration is invalid"
        })
public final class RunCommand implements Callable<Integer> {
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

    @Option(names = "--log-format", paramLabel = "FORMAT", description = "auto, text, journal or json.")
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
        final PrintWriter err = spec.commandLine().getErr();
        final SettingsSource source = new SettingsSource(file, this::withCommandLine);
        final Settings settings;
        try {
            final SettingsFile read = source.read();
            settings = read.settings();
            installLog(settings);
            read.warnings().forEach(warning -> err.println(warning.format()));
        } catch (final ConfigurationException e) {
            err.println(e.getMessage());
            return ExitCode.CONFIGURATION;
        }
        try (Daemon daemon = new Daemon(source, settings, this::installLog)) {
            if (!daemon.start()) {
                return ExitCode.OK;
            }
            err.println(daemon.readyLine());
            err.flush();
            return daemon.awaitEnd() ? ExitCode.OK : ExitCode.FAILED;
        } catch (final NativeException e) {
            err.println("amverdict: " + e.getMessage());
            return e.errno() == Errno.EPERM && !Capabilities.hasNetAdmin()
                    ? ExitCode.NO_PERMISSION
                    : ExitCode.UNAVAILABLE;
        } catch (final IOException e) {
            err.println("amverdict: " + e.getMessage());
            return ExitCode.UNAVAILABLE;
        }
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
        final LogFormat format =
                logFormat == null ? LogFormat.valueOf(settings.log().format().name()) : logFormat;
        LogSetup.install(format, level);
    }
}
