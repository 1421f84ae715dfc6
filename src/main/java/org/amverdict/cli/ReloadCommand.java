package org.amverdict.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code amverdict reload}: the daemon reads its configuration again. */
@Command(
        name = "reload",
        description = {
            "Makes the running daemon read its configuration again: all of it takes effect, or nothing. SIGHUP does the same.",
            "Connections that are made stay; what was announced and is now forbidden is taken back."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:the new configuration is in force",
            "1:the reload failed for another reason",
            ExitList.USAGE,
            ExitList.NO_DAEMON,
            ExitList.NO_SOCKET,
            "78:the configuration is invalid, and the earlier one stays in force"
        })
public final class ReloadCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final ControlOptions control = new ControlOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description =
                    "Print nothing if the daemon answers: its log has it all. For service managers, which keep both.")
    private boolean quiet;

    @Override
    public Integer call() throws InterruptedException {
        return control.talk(this::reload);
    }

    private int reload(final ControlClient daemon) throws ControlException {
        final PrintWriter out = spec.commandLine().getOut();
        final String line = daemon.askLine(new JsonLine().add("command", "reload"));
        final JsonObject answer = JsonObject.parse(line);
        final boolean reloaded = answer.flag("reloaded");
        if (json) {
            out.println(line);
        } else if (quiet) {
            return reloaded ? ExitCode.OK : ExitCode.CONFIGURATION;
        } else if (reloaded) {
            tell(answer, out);
        } else {
            refuse(answer, spec.commandLine().getErr());
        }
        out.flush();
        return reloaded ? ExitCode.OK : ExitCode.CONFIGURATION;
    }

    private static void refuse(final JsonObject answer, final PrintWriter err) {
        final List<String> problems = answer.texts("problems");
        problems.forEach(problem -> print(problem, err));
        err.println(problems.size() + (problems.size() == 1 ? " error" : " errors")
                + "; the earlier configuration stays in force");
    }

    /** One problem has several lines: the place, the line of the file, the mark under it. */
    private static void print(final String problem, final PrintWriter to) {
        problem.lines().forEach(line -> to.println(Printable.of(line)));
    }

    private static void tell(final JsonObject answer, final PrintWriter out) {
        answer.texts("warnings").forEach(warning -> print(warning, out));
        final List<String> changed = answer.texts("changed");
        out.println(Printable.of(answer.text("file")) + ": in force"
                + (changed.isEmpty() ? ", nothing changed" : "; changed: " + Printable.of(String.join(", ", changed))));
        if (answer.number("revoked_expectations") + answer.number("revoked_exchanges") > 0) {
            out.println("taken back because it is forbidden now: " + answer.number("revoked_expectations")
                    + " expected connections, " + answer.number("revoked_exchanges") + " exchanges");
        }
        final List<String> restart = answer.texts("restart");
        if (!restart.isEmpty()) {
            out.println("needs a restart, the old value stays until then: " + Printable.of(String.join(", ", restart)));
        }
        answer.texts("notes").forEach(note -> out.println("note: " + Printable.of(note)));
    }
}
