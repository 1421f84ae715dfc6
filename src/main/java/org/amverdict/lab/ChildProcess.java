package org.amverdict.lab;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A program that runs for a while and is watched. {@link #close} always ends it. Any thread may call. */
public final class ChildProcess implements AutoCloseable {
    private static final long STOP_SECONDS_MAX = 10;
    private static final long KILL_SECONDS_MAX = 5;

    private final String command;
    private final Process process;
    private final ProcessOutput output;

    private ChildProcess(final List<String> command, final int linesMax) throws IOException {
        this.command = String.join(" ", command);
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = new ProcessOutput(process, linesMax);
    }

    /**
     * Starts it; does not wait for anything.
     *
     * @param linesMax most lines of its output to keep, at least 1
     */
    public static ChildProcess start(final List<String> command, final int linesMax) throws IOException {
        return new ChildProcess(command, linesMax);
    }

    /**
     * Waits for a line of its output.
     *
     * @param start how the line begins
     * @throws IOException with what it said, if it ended or did not say so in time
     */
    public void await(final String start, final int seconds) throws IOException {
        await(line -> line.startsWith(start), start, TimeUnit.SECONDS.toMillis(seconds));
    }

    /**
     * Waits for a line of its output.
     *
     * @param part what the line contains
     * @return the line
     * @throws IOException with what it said, if it ended or did not say so in time
     */
    public String awaitPart(final String part, final long timeoutMs) throws IOException {
        return await(line -> line.contains(part), part, timeoutMs);
    }

    private String await(final Predicate<String> wanted, final String shown, final long timeoutMs) throws IOException {
        final Optional<String> line = output.await(wanted, timeoutMs);
        if (line.isEmpty()) {
            throw new IOException("'" + command + "' "
                    + (process.isAlive() ? "did not say '" + shown + "' within " + timeoutMs + " ms" : "ended")
                    + "; it said:\n" + output());
        }
        return line.get();
    }

    /**
     * Checks that it runs.
     *
     * @throws IOException with what it said, if it has ended
     */
    public void requireAlive() throws IOException {
        if (!process.isAlive()) {
            output.awaitEnd();
            throw new IOException("'" + command + "' ended; it said:\n" + output());
        }
    }

    /** The last lines that it wrote to stdout and stderr. */
    public String output() {
        return output.text();
    }

    /** Process id of the program itself: ip, taskset, the shell and the launcher before it exec the next. */
    public long pid() {
        return process.pid();
    }

    /** Writes an empty line to its standard input. */
    public void prompt() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Closes its standard input. */
    public void closeInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Sends SIGTERM; does not wait. */
    public void terminate() {
        // Not Process.destroy(), which closes our ends of its output as well.
        process.toHandle().destroy();
    }

    /** Sends SIGKILL; does not wait. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /**
     * Waits for its end.
     *
     * @return the exit status, 143 if SIGTERM ended it by default; nothing if it is still alive
     */
    public Optional<Integer> awaitExit(final long timeoutMs) throws IOException {
        try {
            if (!process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
        } catch (final InterruptedException e) {
            throw ProcessOutput.interrupted(e);
        }
        output.awaitEnd();
        return Optional.of(process.exitValue());
    }

    /** SIGTERM, and SIGKILL if it is still there after 10 s. */
    @Override
    public void close() {
        terminate();
        try {
            if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(KILL_SECONDS_MAX, TimeUnit.SECONDS);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
