package org.amverdict.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a short command and waits for its end, with a time limit. Stateless. */
public final class Subprocess {
    private static final Limits USUAL = new Limits(20, 16 * 1024);

    private Subprocess() {}

    /**
     * Limits of a command.
     *
     * @param seconds time after which it is killed, which counts as a failure
     * @param outputBytes most bytes to keep of each output stream
     */
    public record Limits(long seconds, int outputBytes) {}

    /**
     * The result of a command.
     *
     * @param status exit status
     * @param output stdout, cut at the limit; stderr too if it was redirected there
     * @param error stderr, cut at the limit; empty if it was redirected to stdout
     */
    public record Result(int status, String output, String error) {}

    /**
     * Runs a command and insists on success.
     *
     * @return what it wrote to stdout and stderr, cut at 16 KiB
     * @throws IOException names the command and its output if it failed, is missing or took more than 20 s
     */
    public static String run(final List<String> command) throws IOException {
        final Result result = attempt(command, "");
        if (result.status() != 0) {
            throw new IOException(named(command) + " failed with status " + result.status() + ": " + result.output());
        }
        return result.output();
    }

    /**
     * Runs a command and reports how it went.
     *
     * @param input text for its stdin
     * @return with stdout and stderr combined and trimmed
     * @throws IOException if it cannot be started or took more than 20 s
     */
    public static Result attempt(final List<String> command, final String input) throws IOException {
        final Result result = attempt(new ProcessBuilder(command).redirectErrorStream(true), input, USUAL);
        return new Result(result.status(), result.output().strip(), "");
    }

    /**
     * Runs a command and reports how it went.
     *
     * @param builder whose redirections of stdin, stdout and stderr are replaced
     * @param input text for its stdin
     * @throws IOException if it cannot be started or took too long
     */
    public static Result attempt(final ProcessBuilder builder, final String input, final Limits limits)
            throws IOException {
        // Files, not pipes: no side can block on a full pipe, and a grandchild that keeps the pipe open cannot hold us
        // up.
        final Path stdin = Files.createTempFile("amverdict-", ".in");
        final Path stdout = Files.createTempFile("amverdict-", ".out");
        final Path stderr = Files.createTempFile("amverdict-", ".err");
        try {
            Files.writeString(stdin, input);
            final Process process = builder.redirectInput(stdin.toFile())
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile())
                    .start();
            if (!process.waitFor(limits.seconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(named(builder.command()) + " took more than " + limits.seconds() + " s");
            }
            return new Result(
                    process.exitValue(), head(stdout, limits.outputBytes()), head(stderr, limits.outputBytes()));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + named(builder.command()) + " ran", e);
        } finally {
            Files.deleteIfExists(stdin);
            Files.deleteIfExists(stdout);
            Files.deleteIfExists(stderr);
        }
    }

    private static String named(final List<String> command) {
        return "'" + String.join(" ", command) + "'";
    }

    private static String head(final Path file, final int bytesMax) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(bytesMax), StandardCharsets.UTF_8);
        }
    }
}
