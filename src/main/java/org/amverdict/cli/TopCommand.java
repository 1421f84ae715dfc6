package org.amverdict.cli;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.amverdict.console.TopScreen;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code amverdict top}: a live screen. */
@Command(
        name = "top",
        description =
                "Shows verdicts, queues, tables and running dumps, redrawn every two seconds. q ends it. When stdout is no"
                        + " terminal, screens are printed one after the other. NO_COLOR, COLUMNS and LINES are respected.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:ended by q, or as many screens as were asked for",
            "2:usage",
            "69:no daemon answers at the socket, or it has stopped",
            "77:the socket is not for this user"
        })
public final class TopCommand implements Callable<Integer> {
    /** Most sessions to ask for; a screen shows fewer. */
    private static final int SESSIONS = 200;

    private static final double SECONDS_MIN = 0.1;
    private static final double SECONDS_MAX = 3600;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Option(names = "-n", paramLabel = "COUNT", description = "End after so many screens.")
    private int count;

    @Option(names = "-d", paramLabel = "SECONDS", description = "Time between two screens (default: ${DEFAULT-VALUE}).")
    private double seconds = 2;

    @Override
    public Integer call() throws InterruptedException {
        if (!(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX)) {
            throw new ParameterException(spec.commandLine(), "-d: must be 0.1 to 3600");
        }
        return control.talk(this::show);
    }

    private int show(final ControlClient daemon) throws ControlException, InterruptedException {
        try (Terminal terminal = Terminal.open(spec.commandLine().getOut())) {
            JsonObject before = status(daemon);
            // So that even the first screen has rates.
            boolean goesOn = terminal.pause(SECONDS_MIN);
            for (int shown = 0; goesOn && (count <= 0 || shown < count); shown++) {
                goesOn = shown == 0 || terminal.pause(seconds);
                if (goesOn) {
                    final JsonObject now = status(daemon);
                    final TopScreen screen = new TopScreen(terminal.columns(), terminal.rows(), ZoneId.systemDefault());
                    goesOn = terminal.draw(screen.draw(before, now, open(daemon)));
                    before = now;
                }
            }
        }
        return ExitCode.OK;
    }

    private static JsonObject status(final ControlClient daemon) throws ControlException {
        return daemon.ask(new JsonLine().add("command", "status"));
    }

    private static List<JsonObject> open(final ControlClient daemon) throws ControlException {
        final List<JsonObject> open = new ArrayList<>();
        daemon.askList(
                new JsonLine().add("command", "sessions").add("open", true).add("max", SESSIONS),
                session -> open.add(JsonObject.parse(session)));
        return open;
    }
}
