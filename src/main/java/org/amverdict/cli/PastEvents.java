package org.amverdict.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.SettingsLoader;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.report.NoEventsException;
import org.amverdict.report.Reports;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** The event files of a running daemon: what happened before it started. */
final class PastEvents {
    private final Path log;
    private final Instant started;
    private final CommandSpec spec;

    private PastEvents(final Path log, final Instant started, final CommandSpec spec) {
        this.log = log;
        this.started = started;
        this.spec = spec;
    }

    /** What is to be read from them. */
    @FunctionalInterface
    interface Reader<T> {
        @Nullable T read(Reports.Source source) throws IOException;
    }

    /** Asks the daemon for its configuration, which names the event log; null if there is none. */
    static @Nullable PastEvents of(final ControlClient daemon, final CommandSpec spec) throws ControlException {
        final JsonObject status = JsonObject.parse(daemon.askLine(new JsonLine().add("command", "status")));
        final String file = status.object("config").text("file");
        try {
            final Instant started = Instant.parse(status.text("started"));
            final Path log = SettingsLoader.load(Path.of(file)).events().file();
            return log == null ? null : new PastEvents(log, started, spec);
        } catch (final DateTimeException | ConfigurationException e) {
            // Then only the daemon's own memory answers.
            return null;
        }
    }

    /** When the daemon started. */
    Instant started() {
        return started;
    }

    /** Reads from them; null, with a word to the user, if they cannot be read. */
    <T> @Nullable T read(final Reader<T> reader) {
        try {
            return reader.read(new Reports.Source(log, List.of()));
        } catch (final NoEventsException e) {
            return null;
        } catch (final IOException e) {
            spec.commandLine()
                    .getErr()
                    .println(spec.qualifiedName() + ": what was before the start of the daemon is in " + log
                            + ", which cannot be read; ask as root");
            return null;
        }
    }
}
