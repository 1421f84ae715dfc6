package org.amverdict.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.amverdict.console.SessionText;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.packet.IpAddress;
import org.amverdict.report.PastSessions;
import org.amverdict.report.Span;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code amverdict sessions}: the recent transactions and what became of their streams. */
@Command(
        name = "sessions",
        description =
                "Tells the story of each transaction that the running daemon remembers, and before those of the event files, newest first: who asked whom for what, how long"
                        + " the answers took, which streams connected and which never did.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {ExitList.ANSWERED, ExitList.USAGE, ExitList.NO_DAEMON, ExitList.NO_SOCKET})
public final class SessionsCommand implements Callable<Integer> {
    private static final long SAME_SECONDS = 2;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Option(names = "--json", description = "Print each transaction as a JSON object, one a line.")
    private boolean json;

    @Option(names = "--host", paramLabel = "HOST", description = "Only those of this host, by address or name.")
    private @Nullable String host;

    @Option(names = "--open", description = "Only those that wait for a reply, or have a stream that is not over.")
    private boolean open;

    @Option(
            names = "-n",
            paramLabel = "COUNT",
            description = "The most sessions to show (default: ${DEFAULT-VALUE}; 0 is all).")
    private int count = 20;

    @Override
    public Integer call() throws InterruptedException {
        if (count < 0) {
            throw new ParameterException(spec.commandLine(), "-n: must not be negative");
        }
        return control.talk(this::tell);
    }

    private int tell(final ControlClient daemon) throws ControlException {
        final PrintWriter out = spec.commandLine().getOut();
        final Set<IpAddress> addresses = hosts();
        final Set<String> known = new HashSet<>();
        int told = 0;
        for (final String session : remembered(daemon, addresses)) {
            final JsonObject read = JsonObject.parse(session);
            for (long later = -SAME_SECONDS; later <= SAME_SECONDS; later++) {
                known.add(name(read, later));
            }
            print(out, session);
            told++;
        }
        if (!open && (count == 0 || told < count)) {
            for (final String session : past(daemon, addresses)) {
                if ((count == 0 || told < count) && known.add(name(JsonObject.parse(session), 0))) {
                    print(out, session);
                    told++;
                }
            }
        }
        if (told == 0 && !json) {
            out.println(open || host != null ? "no such transaction is remembered" : "no transaction was seen yet");
        }
        out.flush();
        return ExitCode.OK;
    }

    private void print(final PrintWriter out, final String session) {
        if (json) {
            out.println(session);
        } else {
            SessionText.lines(JsonObject.parse(session), ZoneId.systemDefault()).forEach(out::println);
        }
    }

    /**
     * The same for one exchange, whether it is from the daemon or from the event log.
     *
     * @param laterSeconds a clock that was set while the program did not run shows a time that is a little different
     */
    private static String name(final JsonObject session, final long laterSeconds) {
        return Instant.parse(session.text("requested")).getEpochSecond() + laterSeconds + " "
                + session.text("requester") + " " + session.text("responder") + " " + session.text("handle");
    }

    private Set<IpAddress> hosts() {
        try {
            return host == null ? Set.of() : Hosts.addresses(host);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--host: " + e.getMessage(), e);
        }
    }

    /** What the daemon remembers, newest first. */
    private List<String> remembered(final ControlClient daemon, final Set<IpAddress> addresses)
            throws ControlException {
        final List<String> sessions = new ArrayList<>();
        if (addresses.isEmpty()) {
            daemon.askList(request(null), sessions::add);
            return sessions;
        }
        for (final IpAddress address : addresses) {
            daemon.askList(request(address), sessions::add);
        }
        if (addresses.size() > 1) {
            sessions.sort(Comparator.comparing(
                            (String session) -> JsonObject.parse(session).text("requested"))
                    .reversed());
        }
        return count == 0 ? sessions : sessions.subList(0, Math.min(count, sessions.size()));
    }

    private JsonLine request(final @Nullable IpAddress address) {
        final JsonLine request = new JsonLine().add("command", "sessions");
        if (address != null) {
            request.add("host", address.toString());
        }
        if (open) {
            request.add("open", true);
        }
        if (count > 0) {
            request.add("max", count);
        }
        return request;
    }

    /** What the event files have from before the start of the daemon, newest first. */
    private List<String> past(final ControlClient daemon, final Set<IpAddress> addresses) throws ControlException {
        final PastEvents events = PastEvents.of(daemon, spec);
        final List<String> found = events == null
                ? null
                : events.read(source -> PastSessions.of(
                        source,
                        new Span(Instant.EPOCH, events.started()),
                        addresses.stream().map(IpAddress::toString).collect(Collectors.toSet()),
                        count == 0 ? Integer.MAX_VALUE : count));
        return found == null ? List.of() : found;
    }
}
