package org.amverdict.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.host.Subprocess;

/** Exit status and output of a command of the packaged program. */
public record Asked(int status, String out, String err) {
    private static final Subprocess.Limits LIMITS = new Subprocess.Limits(60, Integer.MAX_VALUE);

    public List<String> lines() {
        return out.lines().toList();
    }

    /** Runs a command of the program against the daemon of the lab. */
    public static Asked of(final EngineLab lab, final String... words) throws IOException {
        final List<String> command =
                new ArrayList<>(List.of(EngineLab.launcher().toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("--socket", socket(lab).toString()));
        return run(command);
    }

    /** The control socket of the lab's daemon. */
    public static Path socket(final EngineLab lab) {
        return lab.file().resolveSibling("control.sock");
    }

    public static Asked run(final List<String> command) throws IOException {
        final Subprocess.Result result = Subprocess.attempt(new ProcessBuilder(command), "", LIMITS);
        return new Asked(result.status(), result.output(), result.error());
    }
}
