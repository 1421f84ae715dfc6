package org.amverdict.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.SettingsLoader;
import org.amverdict.host.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command finds the event log. */
final class EventOptions {
    private static final Path USUAL_LOG = Path.of("/var/log/amverdict/events.json");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration that names the event log (default: ${DEFAULT-VALUE}).")
    private Path file = SettingsLoader.DEFAULT_PATH;

    private int exitCode = ExitCode.OK;

    /** The file of the event log; null if there is none, which has been reported. */
    @Nullable Path log() {
        if (!Files.isReadable(file) && file.equals(SettingsLoader.DEFAULT_PATH)) {
            return USUAL_LOG;
        }
        try {
            final Path log = SettingsLoader.load(file).events().file();
            if (log == null) {
                exitCode = complain("events.file is off in " + file + ", so nothing is recorded", ExitCode.UNAVAILABLE);
            }
            return log;
        } catch (final ConfigurationException e) {
            exitCode = complain(
                    file + " is not valid (see 'amverdict check'); name the event files themselves",
                    ExitCode.CONFIGURATION);
            return null;
        }
    }

    /** Why {@link #log} found none. */
    int exitCode() {
        return exitCode;
    }

    /** Reports it, and returns the exit code. */
    int complain(final String message, final int code) {
        spec.commandLine().getErr().println(spec.qualifiedName() + ": " + message);
        return code;
    }
}
