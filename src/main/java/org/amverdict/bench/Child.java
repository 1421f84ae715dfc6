package org.amverdict.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.lab.ProcessOutput;

/**
 * A program of the measurement: a consumer, the generator, iperf3. {@link #close} always ends it. Any thread may call.
 */
final class Child implements AutoCloseable {
    private static final int LINES_MAX = 100;
    private static final long STOP_SECONDS_MAX = 5;

    private final String command;
    private final Process process;
    private final ProcessOutput output;

    private Child(final String command, final Process process) {
        this.command = command;
        this.process = process;
        output = new ProcessOutput(process, LINES_MAX);
    }

    static Child start(final List<String> command) throws IOException {
        return new Child(
                String.join(" ", command),
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /**
     * Waits for a line of its output.
     *
     * @param start how the line begins
     * @throws IOException with what it said, if it ended or did not say so in time
     */
    void await(final String start, final int seconds) throws IOException {
        if (output.await(line -> line.startsWith(start), TimeUnit.SECONDS.toMillis(seconds))
                .isEmpty()) {
            throw new IOException("'" + command + "' "
                    + (process.isAlive() ? "did not say '" + start + "' within " + seconds + " s" : "ended")
                    + "; it said:\n" + output());
        }
    }

    /** @throws IOException with what it said, if it has ended */
    void requireAlive() throws IOException {
        if (!process.isAlive()) {
            output.awaitEnd();
            throw new IOException("'" + command + "' ended; it said:\n" + output());
        }
    }

    /** The last lines it wrote. */
    String output() {
        return output.text();
    }

    /** Of the program itself: ip, taskset and the shell before it replace themselves. */
    long pid() {
        return process.pid();
    }

    /** Writes an empty line to its standard input. */
    void prompt() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Closes its standard input and waits; the generator ends by that. */
    void finish() throws IOException {
        process.getOutputStream().close();
        try {
            if (process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                output.awaitEnd();
            }
        } catch (final InterruptedException e) {
            throw Waiting.interrupted(e);
        }
    }

    /** SIGTERM, and SIGKILL if it is still there after 5 s. */
    @Override
    public void close() {
        process.toHandle().destroy();
        try {
            if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
