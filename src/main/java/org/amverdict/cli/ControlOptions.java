package org.amverdict.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.SettingsLoader;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command finds the running daemon. */
final class ControlOptions {
    private static final Path USUAL_SOCKET = Path.of("/run/amverdict/control.sock");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Control socket of the daemon (default: the one that the configuration names).")
    private @Nullable Path socket;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration that names the socket (default: ${DEFAULT-VALUE}).")
    private Path file = SettingsLoader.DEFAULT_PATH;

    /** What a command does with the daemon. */
    @FunctionalInterface
    interface Conversation {
        int with(ControlClient daemon) throws ControlException, InterruptedException;
    }

    /** Where the daemon listens, or null if the configuration has no socket. */
    @Nullable Path socket() {
        if (socket != null) {
            return socket;
        }
        if (!Files.isReadable(file) && file.equals(SettingsLoader.DEFAULT_PATH)) {
            return USUAL_SOCKET;
        }
        try {
            return SettingsLoader.load(file).control().socket();
        } catch (final ConfigurationException e) {
            // The daemon may still run with an earlier version of the file, and this is how its operator checks.
            spec.commandLine()
                    .getErr()
                    .println(name() + ": " + file + " is not valid (see 'amverdict check'), so " + USUAL_SOCKET
                            + " is asked; name another with --socket");
            return USUAL_SOCKET;
        }
    }

    /** Talks to the daemon; the exit code of the command. */
    int talk(final Conversation conversation) throws InterruptedException {
        final PrintWriter err = spec.commandLine().getErr();
        final Path path = socket();
        if (path == null) {
            err.println(name() + ": control.socket is off in " + file + ", so the daemon cannot be asked");
            return ExitCode.UNAVAILABLE;
        }
        try (ControlClient daemon = ControlClient.connect(path)) {
            return conversation.with(daemon);
        } catch (final ControlException e) {
            err.println(name() + ": " + e.getMessage());
            return switch (e.kind()) {
                case NOT_RUNNING, BROKEN -> ExitCode.UNAVAILABLE;
                case NO_PERMISSION -> ExitCode.NO_PERMISSION;
                case REFUSED -> ExitCode.FAILED;
            };
        }
    }

    private String name() {
        return spec.qualifiedName();
    }
}
