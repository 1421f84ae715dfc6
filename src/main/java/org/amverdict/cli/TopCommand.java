package org.amverdict.cli;

import java.util.concurrent.Callable;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
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
                "Shows verdicts, drops, queues, tables and running dumps, redrawn every two seconds; a larger terminal shows"
                        + " more. Keys: q ends it, s changes the order of the streams, / filters streams and drops (Escape"
                        + " shows all again), p or the space bar pauses. When stdout is no terminal, screens are printed one"
                        + " after the other. NO_COLOR, COLUMNS and LINES are respected.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:ended by q, or as many screens as were asked for",
            ExitList.USAGE,
            ExitList.NO_DAEMON_ANY_MORE,
            ExitList.NO_SOCKET
        })
public final class TopCommand implements Callable<Integer> {
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
            new TopLoop(terminal, daemon).run(Math.max(0, count), seconds);
        }
        return ExitCode.OK;
    }
}
