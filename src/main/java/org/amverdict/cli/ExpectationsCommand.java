package org.amverdict.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.amverdict.console.ExpectationText;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict expectations}: the connections that were announced and have not been made yet. */
@Command(
        name = "expectations",
        description = {
            "Lists the connections that replies have announced and that have not begun yet, or takes all of them back.",
            "flush: dumps that are just starting will fail; those that are connected go on."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {"0:done", ExitList.USAGE, ExitList.NO_DAEMON, ExitList.NO_SOCKET})
public final class ExpectationsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Parameters(arity = "0..1", paramLabel = "ACTION", description = "list (default) or flush.")
    private Action action = Action.LIST;

    @Option(
            names = "--json",
            description = "Print each expectation as a JSON object, one a line; flush: one object with the number.")
    private boolean json;

    /** What the command does. */
    enum Action {
        LIST,
        FLUSH
    }

    @Override
    public Integer call() throws InterruptedException {
        return control.talk(action == Action.LIST ? this::list : this::flush);
    }

    private int list(final ControlClient daemon) throws ControlException {
        final PrintWriter out = spec.commandLine().getOut();
        final int[] listed = new int[1];
        daemon.askList(new JsonLine().add("command", "expectations"), expectation -> {
            listed[0]++;
            out.println(json ? expectation : ExpectationText.line(JsonObject.parse(expectation)));
        });
        if (listed[0] == 0 && !json) {
            out.println("no connection is expected at the moment");
        }
        out.flush();
        return ExitCode.OK;
    }

    private int flush(final ControlClient daemon) throws ControlException {
        final PrintWriter out = spec.commandLine().getOut();
        final String answer = daemon.askLine(new JsonLine().add("command", "flush"));
        final long flushed = JsonObject.parse(answer).number("flushed");
        out.println(json ? answer : flushed + (flushed == 1 ? " expectation" : " expectations") + " taken back");
        out.flush();
        return ExitCode.OK;
    }
}
