package org.amverdict.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs programs that a machine may have. */
final class Shells {
    private Shells() {}

    static boolean has(final String... command) throws InterruptedException {
        try {
            return start(List.of(command)).waitFor() == 0;
        } catch (final IOException e) {
            return false;
        }
    }

    /** Everything it says, on both outputs; {@code exit N} is added if it fails. */
    static String errors(final String... command) throws IOException, InterruptedException {
        final Process process = start(List.of(command));
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        final int status = process.waitFor();
        return said.strip() + (status == 0 ? "" : " exit " + status);
    }

    private static Process start(final List<String> command) throws IOException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return process;
    }
}
