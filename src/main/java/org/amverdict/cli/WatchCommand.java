package org.amverdict.cli;

import java.io.PrintWriter;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import org.amverdict.console.EventText;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code amverdict watch}: events as they happen. */
@Command(
        name = "watch",
        description = "Shows the events of the running daemon as they happen, until it is interrupted.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:interrupted, or as many events as were asked for",
            "1:--host is no address",
            "2:usage",
            "69:no daemon answers at the socket, or it has stopped",
            "77:the socket is not for this user"
        })
public final class WatchCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 1000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Option(names = "--drops", description = "Only packets that were dropped, or would have been.")
    private boolean drops;

    @Option(names = "--host", paramLabel = "IP", description = "Only what this address sent or was sent.")
    private @Nullable String host;

    @Option(names = "-n", paramLabel = "COUNT", description = "End after so many events.")
    private int count;

    @Option(names = "--json", description = "Print the events as they are in the event log, one JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        return control.talk(this::watch);
    }

    private int watch(final ControlClient daemon) throws ControlException {
        final JsonLine request = new JsonLine().add("command", "watch");
        if (drops) {
            request.add("drops", true);
        }
        if (host != null) {
            request.add("host", host);
        }
        daemon.watch(request);
        final PrintWriter out = spec.commandLine().getOut();
        int seen = 0;
        while (!out.checkError() && (count <= 0 || seen < count)) {
            final String event = daemon.next(POLL_MILLIS);
            if (event != null) {
                out.println(json ? event : EventText.line(JsonObject.parse(event), ZoneId.systemDefault()));
                seen++;
            }
        }
        return ExitCode.OK;
    }
}
