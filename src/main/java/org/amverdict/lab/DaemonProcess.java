package org.amverdict.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The packaged program, started as {@code amverdict run} in a namespace and watched. Any thread may call; {@link #close}
 * always ends it.
 */
public final class DaemonProcess implements AutoCloseable {
    private static final String READY = "ready:";
    private static final int LINES_MAX = 2_000;
    private static final long STOP_SECONDS_MAX = 10;

    private final Process process;
    private final ProcessOutput output;

    private DaemonProcess(final Process process) {
        this.process = process;
        output = new ProcessOutput(process, LINES_MAX);
    }

    /**
     * Starts it; does not wait until it is ready.
     *
     * @param launcher {@code bin/amverdict} of the packaged program
     * @param where namespace to run in
     * @param arguments words behind {@code run}
     */
    public static DaemonProcess start(final Path launcher, final Host where, final List<String> arguments)
            throws IOException {
        if (!Files.isExecutable(launcher)) {
            throw new IOException("no program at " + launcher + "; build it with ./dev build");
        }
        final List<String> command = new ArrayList<>(List.of(launcher.toString(), "run"));
        command.addAll(arguments);
        final Process process = new ProcessBuilder(where.inside(command)).start();
        process.getOutputStream().close();
        return new DaemonProcess(process);
    }

    /**
     * Waits for the line {@code ready: …}.
     *
     * @return the line
     * @throws IOException with what the program said, if it ended or was not ready in time
     */
    public String awaitReady(final long timeoutMs) throws IOException {
        final String line = awaitLine(READY, timeoutMs);
        return line.substring(line.indexOf(READY));
    }

    /**
     * Waits for a line of its output.
     *
     * @param part what the line contains
     * @return the line
     * @throws IOException with what the program said, if it ended or did not say it in time
     */
    public String awaitLine(final String part, final long timeoutMs) throws IOException {
        final Optional<String> line = output.await(text -> text.contains(part), timeoutMs);
        if (line.isEmpty()) {
            throw new IOException((process.isAlive() ? "no '" + part + "' after " + timeoutMs + " ms" : "ended")
                    + "; it said:\n" + output());
        }
        return line.get();
    }

    /** What it wrote to stderr and stdout, the last 2000 lines. */
    public String output() {
        return output.text();
    }

    /** Process id of the program itself: neither {@code ip netns exec} nor the launcher leaves a process in between. */
    public long pid() {
        return process.pid();
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
     * @return the exit status; 143 if SIGTERM ended it by default
     * @throws IOException if it is still alive then
     */
    public int awaitExit(final long timeoutMs) throws IOException {
        try {
            if (!process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
                throw new IOException("the daemon did not end within " + timeoutMs + " ms; it said:\n" + output());
            }
            output.awaitEnd();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the daemon's end", e);
        }
        return process.exitValue();
    }

    /** SIGTERM, and SIGKILL if it is still there after 10 s. */
    @Override
    public void close() {
        if (!process.isAlive()) {
            return;
        }
        terminate();
        try {
            if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
