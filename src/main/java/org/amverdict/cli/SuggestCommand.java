package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.eventfiles.EventFiles;
import org.amverdict.eventfiles.Gaps;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.suggest.Sightings;
import org.amverdict.suggest.Suggestion;
import org.amverdict.suggest.SuggestionJson;
import org.amverdict.suggest.SuggestionText;
import org.amverdict.text.FileFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict suggest}: the lines that what was seen would need. */
@Command(
        name = "suggest",
        description = {
            "After a night in monitor mode: prints the lines of allow that what was seen would need, with counts, and apart"
                    + " from them what is not Amanda's.",
            "Reads the event log, also rotated and compressed. Without one it asks the running daemon for what it"
                    + " remembers, which is less: the last drops only."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:done",
            "1:a file cannot be read, or not to its end",
            ExitList.USAGE,
            "69:there are no events, and no daemon answers",
            "77:not for this user: run it as root",
            ExitList.CONFIGURATION
        })
public final class SuggestCommand implements Callable<Integer> {
    /** The memory of the daemon counts repetitions; beyond this many one more makes no difference. */
    private static final long REPEATED_MAX = 100_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration: where the event log is, and what is allowed already (default: ${DEFAULT-VALUE}).")
    private Path file = SettingsLoader.DEFAULT_PATH;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(
            arity = "0..*",
            paramLabel = "EVENTS",
            description = "Read these event files, in place of those that the configuration names.")
    private List<Path> named = new ArrayList<>();

    @Override
    public Integer call() {
        final Settings settings;
        try {
            settings = SettingsLoader.load(file);
        } catch (final ConfigurationException e) {
            complain(String.valueOf(e.getMessage()));
            return ExitCode.CONFIGURATION;
        }
        final Sightings sightings = new Sightings(settings.policy());
        final int status;
        try {
            status = read(settings, sightings);
        } catch (final AccessDeniedException e) {
            complain(e.getMessage() + ": this user may not read the event log; run this as root");
            return ExitCode.NO_PERMISSION;
        } catch (final IOException e) {
            complain("the event log cannot be read: " + FileFailure.of(e));
            return ExitCode.FAILED;
        }
        if (status != ExitCode.OK) {
            return status;
        }
        final Suggestion suggestion = sightings.suggestion();
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(SuggestionJson.of(suggestion));
        } else {
            out.print(SuggestionText.of(suggestion));
        }
        out.flush();
        return sightings.gaps().incomplete() ? ExitCode.FAILED : ExitCode.OK;
    }

    private int read(final Settings settings, final Sightings sightings) throws IOException {
        final Path log = settings.events().file();
        final Gaps gaps = sightings.gaps();
        final List<EventFiles.Part> files =
                !named.isEmpty() ? EventFiles.ordered(named, gaps) : log == null ? List.of() : EventFiles.of(log, gaps);
        if (files.isEmpty() && gaps.incomplete()) {
            gaps.sentences().forEach(this::complain);
            return gaps.denied() == null ? ExitCode.FAILED : ExitCode.NO_PERMISSION;
        }
        if (files.isEmpty() && named.isEmpty()) {
            return ask(settings, sightings);
        }
        sightings.read(files);
        return ExitCode.OK;
    }

    private int ask(final Settings settings, final Sightings sightings) {
        final Path socket = settings.control().socket();
        if (socket == null) {
            complain(noEvents(settings) + ", and the daemon cannot be asked (control.socket)");
            return ExitCode.UNAVAILABLE;
        }
        try (ControlClient daemon = ControlClient.connect(socket)) {
            final List<String> newestFirst = new ArrayList<>();
            daemon.askList(new JsonLine().add("command", "drops"), newestFirst::add);
            for (int i = newestFirst.size() - 1; i >= 0; i--) {
                remembered(newestFirst.get(i), sightings);
            }
            return ExitCode.OK;
        } catch (final ControlException e) {
            complain(noEvents(settings) + ": " + e.getMessage());
            return e.kind() == ControlException.Kind.NO_PERMISSION ? ExitCode.NO_PERMISSION : ExitCode.UNAVAILABLE;
        }
    }

    private static String noEvents(final Settings settings) {
        return settings.events().file() == null
                ? "there is no event log (events.file)"
                : "there are no events in " + settings.events().file();
    }

    /** The daemon's own memory of drops names its fields in words. */
    private static void remembered(final String line, final Sightings sightings) {
        final JsonObject drop = JsonObject.parse(line);
        final JsonObject event = JsonObject.parse(new JsonLine()
                .add("timestamp", drop.text("last"))
                .add("event_type", "drop")
                .add("src_ip", drop.text("source"))
                .add("src_port", drop.number("source_port"))
                .add("dest_ip", drop.text("destination"))
                .add("dest_port", drop.number("destination_port"))
                .add("proto", drop.text("proto"))
                .add("reason", drop.text("reason"))
                .end());
        final long count = Math.min(REPEATED_MAX, Math.max(1, drop.number("count")));
        for (long i = 0; i < count; i++) {
            sightings.add(event);
        }
    }

    private void complain(final String message) {
        spec.commandLine().getErr().println("amverdict suggest: " + message);
    }
}
