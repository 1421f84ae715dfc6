package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.host.ExitCode;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.PortSet;
import org.amverdict.probe.NoopProbe;
import org.amverdict.probe.ProbeResult;
import org.amverdict.text.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict probe}: Amanda's own noop request through everything between the server and a client. */
@Command(
        name = "probe",
        description = {
            "Asks a client Amanda's own noop request over UDP, as the Amanda server does, and says what came of it. Run it"
                    + " as root on the Amanda server: it tries every filter on the way, the client's own included.",
            "The request is for auth bsd and bsdudp. It asks for nothing and changes nothing."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:every address of the client answered",
            "1:one did not, or the client refused",
            ExitList.USAGE,
            "77:the source port needs root or CAP_NET_BIND_SERVICE"
        })
public final class ProbeCommand implements Callable<Integer> {
    private static final int SECONDS_MAX = 600;
    private static final int ANSWER_SHOWN_MAX = 400;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "CLIENT", description = "Name or address of the client.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private String client;

    @Option(names = "--port", paramLabel = "PORT", description = "Control port (default: ${DEFAULT-VALUE}).")
    private int port = AmandaPorts.AMANDA;

    @Option(
            names = "--source-ports",
            paramLabel = "PORTS",
            description = "Ports to ask from, as reserved-udp-port of amanda.conf (default: ${DEFAULT-VALUE}).")
    private String sourcePorts = "840-860";

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "User of the request, who must be in the client's .amandahosts (default: ${DEFAULT-VALUE}).")
    private String user = "backup";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait, 1 to 600 (default: ${DEFAULT-VALUE}).")
    private int timeout = 15;

    @Override
    public Integer call() {
        final PortSet ports = checked();
        final PrintWriter out = spec.commandLine().getOut();
        final List<HostPrefix> addresses = HostNames.addresses(spec, client);
        int exit = ExitCode.OK;
        for (final HostPrefix address : addresses) {
            final String name = client.equals(address.toString()) ? client : client + " (" + address + ")";
            try {
                final InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(address.toString()), port);
                final ProbeResult result = new NoopProbe(to, user, TimeUnit.SECONDS.toMillis(timeout)).run(ports);
                out.println(name + ": " + sentence(result));
                out.flush();
                exit = result.outcome().good() ? exit : ExitCode.FAILED;
            } catch (final BindException e) {
                spec.commandLine()
                        .getErr()
                        .println("amverdict: no source port of " + ports + " can be taken (" + e.getMessage()
                                + "): run it as root, or choose others with --source-ports");
                return ExitCode.NO_PERMISSION;
            } catch (final IOException e) {
                spec.commandLine().getErr().println("amverdict: " + name + ": " + e.getMessage());
                exit = ExitCode.FAILED;
            }
        }
        return exit;
    }

    private PortSet checked() {
        if (timeout < 1 || timeout > SECONDS_MAX) {
            throw wrong("--timeout " + timeout + " is out of range (1-" + SECONDS_MAX + ")");
        }
        if (port < 1 || port > PortSet.PORT_MAX) {
            throw wrong("--port " + port + " is out of range (1-" + PortSet.PORT_MAX + ")");
        }
        if (!user.matches("[A-Za-z0-9_.-]{1,32}")) {
            throw wrong("--user: '" + user + "' is not a login name");
        }
        try {
            return PortSet.parse(sourcePorts);
        } catch (final IllegalArgumentException e) {
            throw wrong("--source-ports: " + e.getMessage());
        }
    }

    private ParameterException wrong(final String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private String sentence(final ProbeResult result) {
        final String said = Printable.of(result.text().replace('\n', ' '), ANSWER_SHOWN_MAX);
        final String within = " within " + timeout + " s";
        return switch (result.outcome()) {
            case ANSWERED -> "yes, amandad answered after " + result.elapsedMs() + " ms: " + said;
            case REFUSED ->
                "the path holds, but amandad refuses this host: " + said + "\n  -> put a line for this server and user "
                        + user + " into .amandahosts on the client";
            case ACKNOWLEDGED ->
                "no: amandad acknowledged the request, but its REP did not come" + within
                        + "\n  -> on the firewall: amverdict doctor --host " + client;
            case OTHER_ADDRESS ->
                "no: the answer came from " + said + ", which Amanda and the firewall refuse"
                        + "\n  -> ask that address, or give the client a route back from the one that is asked";
            case NOBODY_LISTENS ->
                "no: nothing listens on " + port + "/udp there; with auth bsdtcp that is right, and the"
                        + " firewall needs one plain rule for " + port + "/tcp"
                        + "\n  -> on the client: systemctl status amanda.socket; ss -lun | grep " + port;
            case UNREACHABLE ->
                "no: " + said + "\n  -> ip route get " + client
                        + "; a filter on the way, or on this host, rejects the request";
            case NOT_AMANDA -> "no: what answers on " + port + "/udp is not Amanda: " + said;
            case SILENT ->
                "no: nothing came back" + within
                        + "; the request or the answer is dropped on the way, or amandad does not run"
                        + "\n  -> on the firewall: amverdict doctor --host " + client + "; amverdict why THIS-HOST "
                        + client;
        };
    }
}
