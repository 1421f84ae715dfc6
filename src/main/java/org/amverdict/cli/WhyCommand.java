package org.amverdict.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.PortSet;
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
                "Says from recent history what happened between two hosts, and what would happen to a connection now.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the daemon has answered",
            "2:usage",
            "69:no daemon answers at the socket",
            "77:the socket is not for this user"
        })
public final class WhyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Parameters(index = "0", paramLabel = "SRC", description = "IP address of the host that connects or asks.")
    private String source;

    @Parameters(
            index = "1",
            paramLabel = "DST[:PORT]",
            description = "IP address of the other host; with a port an IPv6 address is written [2001:db8::1]:11000.")
    private String destination;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /** An address and an optional port. */
    record End(IpAddress address, int port) {
        static final int NO_PORT = -1;

        /** @throws IllegalArgumentException with a message for the user */
        static End parse(final String text) {
            final int bracket = text.lastIndexOf(']');
            if (text.startsWith("[") && bracket > 0) {
                final String rest = text.substring(bracket + 1);
                if (!rest.isEmpty() && !rest.startsWith(":")) {
                    throw new IllegalArgumentException("must be [ADDRESS]:PORT: " + text);
                }
                final int port = rest.isEmpty() ? NO_PORT : port(rest.substring(1));
                return new End(address(text.substring(1, bracket), text), port);
            }
            final int colon = text.indexOf(':');
            if (colon < 0 || colon != text.lastIndexOf(':')) {
                // More than one colon: an IPv6 address without a port.
                return new End(address(text, text), NO_PORT);
            }
            final int port = port(text.substring(colon + 1));
            return new End(address(text.substring(0, colon), text), port);
        }

        private static IpAddress address(final String address, final String text) {
            final IpAddress parsed = IpAddress.parse(address);
            if (parsed == null) {
                throw new IllegalArgumentException("not an IP address: " + text);
            }
            return parsed;
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
        final JsonLine request = new JsonLine()
                .add("command", "why")
                .add("source", from.address().toString())
                .add("destination", to.address().toString());
        if (to.port() != End.NO_PORT) {
            request.add("port", to.port());
        }
        final PrintWriter out = spec.commandLine().getOut();
        final String answer = daemon.askLine(request);
        if (json) {
            out.println(answer);
        } else {
            JsonObject.parse(answer).texts("answer").forEach(out::println);
        }
        out.flush();
        return ExitCode.OK;
    }
}
