package org.amverdict.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How a command of the packaged program ended, and what it said. */
public record Asked(int status, String out, String err) {
    private static final int SECONDS_MAX = 60;

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
        final Path out = Files.createTempFile("amv-it-", ".out");
        final Path err = Files.createTempFile("amv-it-", ".err");
        try {
            final Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("did not end: " + command);
            }
            return new Asked(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
