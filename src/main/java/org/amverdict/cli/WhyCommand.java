package org.amverdict.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.amverdict.console.WhyText;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.PortSet;
import org.amverdict.report.PastAnswers;
import org.amverdict.report.Span;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict why}: was it the firewall? */
@Command(
        name = "why",
        description =
                "Was it the firewall? Answers yes, no or not seen here, with the cause and what to do; from what the daemon"
                        + " remembers, or else from the event files.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {ExitList.ANSWERED, ExitList.USAGE, ExitList.NO_DAEMON, ExitList.NO_SOCKET})
public final class WhyCommand implements Callable<Integer> {
    private static final int NOT_SEEN = 2;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Parameters(index = "0", paramLabel = "SRC", description = "The host that connects or asks, by address or name.")
    private String source;

    @Parameters(
            index = "1",
            paramLabel = "DST[:PORT]",
            description =
                    "The other host, by address or name; with a port an IPv6 address is written [2001:db8::1]:11000.")
    private String destination;

    @Option(names = "--all", description = "Print all that is on record, newest first, not only the answer.")
    private boolean all;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /** A host, by all of its addresses, and an optional port. */
    record End(Set<IpAddress> addresses, int port) {
        static final int NO_PORT = -1;

        End {
            addresses = Set.copyOf(addresses);
        }

        /** @throws IllegalArgumentException with a message for the user */
        static End parse(final String text) {
            final int bracket = text.lastIndexOf(']');
            if (text.startsWith("[") && bracket > 0) {
                final String rest = text.substring(bracket + 1);
                if (!rest.isEmpty() && !rest.startsWith(":")) {
                    throw new IllegalArgumentException("must be [ADDRESS]:PORT: " + text);
                }
                final int port = rest.isEmpty() ? NO_PORT : port(rest.substring(1));
                return new End(Hosts.addresses(text.substring(1, bracket)), port);
            }
            final int colon = text.indexOf(':');
            if (colon < 0 || colon != text.lastIndexOf(':')) {
                // More than one colon: an IPv6 address without a port.
                return new End(Hosts.addresses(text), NO_PORT);
            }
            final int port = port(text.substring(colon + 1));
            return new End(Hosts.addresses(text.substring(0, colon)), port);
        }

        /** As texts. */
        Set<String> texts() {
            return addresses.stream().map(IpAddress::toString).collect(Collectors.toSet());
        }

        private static int port(final String text) {
            final int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : NO_PORT;
            if (!PortSet.isPort(port)) {
                throw new IllegalArgumentException("not a port: " + text);
            }
            return port;
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        final End from = end("SRC", source);
        final End to = end("DST", destination);
        if (from.port() != End.NO_PORT) {
            throw new ParameterException(spec.commandLine(), "SRC: has no port; the port is that of the destination");
        }
        return control.talk(daemon -> ask(daemon, from, to));
    }

    private End end(final String name, final String text) {
        try {
            return End.parse(text);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), name + ": " + e.getMessage(), e);
        }
    }

    private int ask(final ControlClient daemon, final End from, final End to) throws ControlException {
        String best = null;
        for (final IpAddress one : from.addresses()) {
            for (final IpAddress other : to.addresses()) {
                if (one.isIpv4() == other.isIpv4()) {
                    best = better(best, daemon.askLine(question(one, other, to.port())));
                }
            }
        }
        if (best == null) {
            throw new ParameterException(
                    spec.commandLine(), "SRC and DST have no addresses of one family: " + source + ", " + destination);
        }
        if (weight(best) == NOT_SEEN) {
            final String past = past(PastEvents.of(daemon, spec), from, to);
            best = past == null ? best : past;
        }
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(best);
        } else {
            WhyText.lines(JsonObject.parse(best), all).forEach(out::println);
        }
        out.flush();
        return ExitCode.OK;
    }

    private static JsonLine question(final IpAddress from, final IpAddress to, final int port) {
        final JsonLine request = new JsonLine()
                .add("command", "why")
                .add("source", from.toString())
                .add("destination", to.toString());
        return port == End.NO_PORT ? request : request.add("port", port);
    }

    /** A host with several addresses: a yes says more than a no. */
    private static String better(final @Nullable String one, final String other) {
        return one == null || weight(other) < weight(one) ? other : one;
    }

    private static int weight(final String answer) {
        return switch (JsonObject.parse(answer).text("was_it")) {
            case "yes" -> 0;
            case "no" -> 1;
            default -> NOT_SEEN;
        };
    }

    /** What the event files have of a time that the daemon does not remember. */
    private static @Nullable String past(final @Nullable PastEvents events, final End from, final End to) {
        if (events == null) {
            return null;
        }
        return events.read(source -> PastAnswers.of(
                source,
                new Span(Instant.EPOCH, Instant.now()),
                new PastAnswers.Question(from.texts(), to.texts(), to.port(), ZoneId.systemDefault())));
    }
}
