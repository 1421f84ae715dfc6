package org.amverdict.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.amverdict.console.NagiosText;
import org.amverdict.console.StatusText;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code amverdict status}: the state of a running daemon. */
@Command(
        name = "status",
        description = {
            "Says how the running daemon is: mode, queues, verdicts by reason, tables against their limits, and the last"
                    + " drops.",
            "--nagios: one line with performance data for a monitoring system. CRITICAL (2): no daemon answers, a queue is"
                    + " not served, the firewall's rules are not in place, or a table is 95 %% full. WARNING (1): a table is 80 %% full, or the last reload failed."
                    + " UNKNOWN (3): not permitted to ask."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            ExitList.ANSWERED,
            ExitList.USAGE,
            ExitList.NO_DAEMON,
            ExitList.NO_SOCKET,
            "0, 1, 2, 3:with --nagios OK, WARNING, CRITICAL, UNKNOWN"
        })
public final class StatusCommand implements Callable<Integer> {
    private static final int DROPS = 5;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @ArgGroup
    private @Nullable Form form;

    /** The output format. */
    static final class Form {
        @Option(names = "--json", description = "Print the daemon's whole report as one JSON object.")
        private boolean json;

        @Option(names = "--nagios", description = "Print one line for Nagios, Icinga and the like.")
        private boolean nagios;
    }

    @Override
    public Integer call() throws InterruptedException {
        return form != null && form.nagios ? nagios() : control.talk(this::report);
    }

    private int report(final ControlClient daemon) throws ControlException {
        final PrintWriter out = spec.commandLine().getOut();
        final String status = daemon.askLine(new JsonLine().add("command", "status"));
        if (form != null && form.json) {
            out.println(status);
        } else {
            final List<JsonObject> drops = new ArrayList<>();
            daemon.askList(
                    new JsonLine().add("command", "drops").add("max", DROPS),
                    drop -> drops.add(JsonObject.parse(drop)));
            StatusText.lines(JsonObject.parse(status), drops).forEach(out::println);
        }
        out.flush();
        return ExitCode.OK;
    }

    private int nagios() {
        final NagiosText text = nagiosText();
        final PrintWriter out = spec.commandLine().getOut();
        out.println(text.line());
        out.flush();
        return text.state();
    }

    private NagiosText nagiosText() {
        final Path socket = control.socket();
        if (socket == null) {
            return NagiosText.failed(NagiosText.UNKNOWN, "control.socket is off, so the daemon cannot be asked");
        }
        try (ControlClient daemon = ControlClient.connect(socket)) {
            return NagiosText.of(daemon.ask(new JsonLine().add("command", "status")));
        } catch (final ControlException e) {
            final boolean permitted = e.kind() != ControlException.Kind.NO_PERMISSION;
            return NagiosText.failed(
                    permitted ? NagiosText.CRITICAL : NagiosText.UNKNOWN, String.valueOf(e.getMessage()));
        }
    }
}
