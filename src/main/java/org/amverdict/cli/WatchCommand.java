package org.amverdict.cli;

import java.io.PrintWriter;
import java.time.ZoneId;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.amverdict.console.EventText;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code amverdict watch}: events as they happen. */
@Command(
        name = "watch",
        description = "Shows the events of the running daemon as they happen, until it is interrupted.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:interrupted, or as many events as were asked for",
            ExitList.USAGE,
            ExitList.NO_DAEMON_ANY_MORE,
            ExitList.NO_SOCKET
        })
public final class WatchCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 1000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Option(names = "--drops", description = "Only packets that were dropped, or would have been.")
    private boolean drops;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Only what this host sent or was sent, by address or name.")
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
        final Set<String> hosts = hosts();
        if (hosts.size() == 1) {
            request.add("host", hosts.iterator().next());
        }
        daemon.watch(request);
        final PrintWriter out = spec.commandLine().getOut();
        int seen = 0;
        while (!out.checkError() && (count <= 0 || seen < count)) {
            final String event = daemon.next(POLL_MILLIS);
            if (event != null && isAbout(event, hosts)) {
                out.println(json ? event : EventText.line(JsonObject.parse(event), ZoneId.systemDefault()));
                seen++;
            }
        }
        return ExitCode.OK;
    }

    private Set<String> hosts() {
        try {
            return host == null
                    ? Set.of()
                    : Hosts.addresses(host).stream().map(IpAddress::toString).collect(Collectors.toSet());
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--host: " + e.getMessage(), e);
        }
    }

    /** The daemon filters by one address; a name may have several. */
    private static boolean isAbout(final String event, final Set<String> hosts) {
        if (hosts.size() < 2) {
            return true;
        }
        final JsonObject read = JsonObject.parse(event);
        return read.has("lost") || hosts.contains(read.text("src_ip")) || hosts.contains(read.text("dest_ip"));
    }
}
