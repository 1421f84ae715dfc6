package org.amverdict.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the short administration commands of the labs (ip, iptables, nft), each with a time limit. */
public final class Subprocess {
    private static final long TIMEOUT_SECONDS = 20;
    private static final int OUTPUT_BYTES_MAX = 16 * 1024;

    private Subprocess() {}

    /**
     * What a command left behind.
     *
     * @param status exit status
     * @param output stdout and stderr, cut at 16 KiB
     */
    public record Result(int status, String output) {}

    /**
     * Runs a command and insists on success.
     *
     * @return what it wrote, cut at 16 KiB
     * @throws IOException names the command and its output if it failed, is missing or took more than 20 s
     */
    public static String run(final List<String> command) throws IOException {
        final Result result = attempt(command, "");
        if (result.status() != 0) {
            throw new IOException("'" + String.join(" ", command) + "' failed with status " + result.status() + ": "
                    + result.output());
        }
        return result.output();
    }

    /**
     * Runs a command and reports how it went.
     *
     * @param input text for its stdin
     * @throws IOException if it cannot be started or took more than 20 s
     */
    public static Result attempt(final List<String> command, final String input) throws IOException {
        // Files, not pipes: neither side can block on a full pipe, and a grandchild that keeps the pipe cannot hold us.
        final Path stdin = Files.createTempFile("amv-demo-", ".in");
        final Path stdout = Files.createTempFile("amv-demo-", ".out");
        try {
            Files.writeString(stdin, input);
            final Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(stdin.toFile())
                    .redirectOutput(stdout.toFile())
                    .start();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("'" + String.join(" ", command) + "' took more than " + TIMEOUT_SECONDS + " s");
            }
            return new Result(process.exitValue(), head(stdout));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while '" + String.join(" ", command) + "' ran", e);
        } finally {
            Files.deleteIfExists(stdin);
            Files.deleteIfExists(stdout);
        }
    }

    private static String head(final Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(OUTPUT_BYTES_MAX), StandardCharsets.UTF_8).strip();
        }
    }
}
