package org.amverdict.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The packaged program, started as {@code amverdict run} in a namespace and watched. Any thread may call; {@link
 * #close} always ends it.
 */
public final class DaemonProcess implements AutoCloseable {
    private static final String READY = "ready:";
    private static final int LINES_MAX = 2_000;

    private final ChildProcess child;

    private DaemonProcess(final ChildProcess child) {
        this.child = child;
    }

    /**
     * Starts it; does not wait until it is ready.
     *
     * @param launcher {@code bin/amverdict} of the packaged program
     * @param where namespace to run in
     * @param arguments words after {@code run}
     */
    public static DaemonProcess start(final Path launcher, final Host where, final List<String> arguments)
            throws IOException {
        if (!Files.isExecutable(launcher)) {
            throw new IOException("no program at " + launcher + "; build it with ./dev build");
        }
        final List<String> command = new ArrayList<>(List.of(launcher.toString(), "run"));
        command.addAll(arguments);
        final ChildProcess child = ChildProcess.start(where.inside(command), LINES_MAX);
        child.closeInput();
        return new DaemonProcess(child);
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
        return child.awaitPart(part, timeoutMs);
    }

    /** What it wrote to stderr and stdout, the last 2000 lines. */
    public String output() {
        return child.output();
    }

    /** Process id of the program itself. */
    public long pid() {
        return child.pid();
    }

    /** Sends SIGTERM; does not wait. */
    public void terminate() {
        child.terminate();
    }

    /** Sends SIGKILL; does not wait. */
    public void kill() {
        child.kill();
    }

    /**
     * Waits for its end.
     *
     * @return the exit status; 143 if SIGTERM ended it by default
     * @throws IOException if it is still alive
     */
    public int awaitExit(final long timeoutMs) throws IOException {
        return child.awaitExit(timeoutMs)
                .orElseThrow(() ->
                        new IOException("the daemon did not end within " + timeoutMs + " ms; it said:\n" + output()));
    }

    /** SIGTERM, and SIGKILL if it is still there after 10 s. */
    @Override
    public void close() {
        child.close();
    }
}
