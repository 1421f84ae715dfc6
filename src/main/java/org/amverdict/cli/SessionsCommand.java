package org.amverdict.cli;

import java.io.PrintWriter;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import org.amverdict.console.SessionText;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code amverdict sessions}: the recent transactions and what became of their streams. */
@Command(
        name = "sessions",
        description =
                "Tells the story of each transaction that the running daemon remembers, newest first: who asked whom for what, how long"
                        + " the answers took, which streams connected and which never did.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the daemon has answered",
            "1:--host is no address",
            "2:usage",
            "69:no daemon answers at the socket",
            "77:the socket is not for this user"
        })
public final class SessionsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Option(names = "--json", description = "Print each transaction as a JSON object, one a line.")
    private boolean json;

    @Option(names = "--host", paramLabel = "IP", description = "Only those of this requester or responder.")
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
        final JsonLine request = new JsonLine().add("command", "sessions");
        if (host != null) {
            request.add("host", host);
        }
        if (open) {
            request.add("open", true);
        }
        if (count > 0) {
            request.add("max", count);
        }
        final PrintWriter out = spec.commandLine().getOut();
        final int[] told = new int[1];
        daemon.askList(request, session -> {
            told[0]++;
            if (json) {
                out.println(session);
            } else {
                SessionText.lines(JsonObject.parse(session), ZoneId.systemDefault())
                        .forEach(out::println);
            }
        });
        if (told[0] == 0 && !json) {
            out.println(open || host != null ? "no such transaction is remembered" : "no transaction was seen yet");
        }
        out.flush();
        return ExitCode.OK;
    }
}
