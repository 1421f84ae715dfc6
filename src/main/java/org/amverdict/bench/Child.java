package org.amverdict.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program of the measurement: a consumer, the generator, iperf3. {@link #close} always ends it. Any thread may call.
 */
final class Child implements AutoCloseable {
    private static final int LINES_MAX = 100;
    private static final long STOP_SECONDS_MAX = 5;

    private final String command;
    private final Process process;
    private final Thread reader;
    private final Deque<String> lines = new ArrayDeque<>();

    private Child(final String command, final Process process) {
        this.command = command;
        this.process = process;
        reader = new Thread(this::read, "output-of-" + process.pid());
        reader.setDaemon(true);
    }

    static Child start(final List<String> command) throws IOException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final Child child = new Child(String.join(" ", command), process);
        child.reader.start();
        return child;
    }

    private void read() {
        try (BufferedReader text =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = text.readLine(); line != null; line = text.readLine()) {
                keep(line);
            }
        } catch (final IOException e) {
            keep("(output lost: " + e.getMessage() + ")");
        }
    }

    private void keep(final String line) {
        synchronized (lines) {
            if (lines.size() == LINES_MAX) {
                lines.removeFirst();
            }
            lines.addLast(line);
            lines.notifyAll();
        }
    }

    /**
     * Waits for a line of its output.
     *
     * @param start how the line begins
     * @throws IOException with what it said, if it ended or did not say so in time
     */
    void await(final String start, final int seconds) throws IOException {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        synchronized (lines) {
            while (lines.stream().noneMatch(line -> line.startsWith(start))) {
                final boolean late = System.nanoTime() - deadline >= 0;
                if (late || !process.isAlive()) {
                    throw new IOException("'" + command + "' "
                            + (late ? "did not say '" + start + "' within " + seconds + " s" : "ended") + "; it said:\n"
                            + String.join("\n", lines));
                }
                Waiting.on(lines, 100);
            }
        }
    }

    /** @throws IOException with what it said, if it has ended */
    void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("'" + command + "' ended; it said:\n" + output());
        }
    }

    /** The last lines it wrote. */
    String output() {
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }

    /** Of the program itself: ip, taskset and the shell before it replace themselves. */
    long pid() {
        return process.pid();
    }

    /** Closes its standard input and waits; the generator ends by that. */
    void finish() throws IOException {
        process.getOutputStream().close();
        try {
            if (process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                reader.join(TimeUnit.SECONDS.toMillis(1));
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
