package org.amverdict.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The output of a child process, read immediately so that it never blocks on a full pipe; keeps the last lines. Any
 * thread may call.
 */
public final class ProcessOutput {
    private static final long LOOK_MILLIS = 100;
    private static final long LAST_LINES_MILLIS = 1_000;

    private final Process process;
    private final int linesMax;
    private final Deque<String> lines = new ArrayDeque<>();
    private final List<Thread> readers = new ArrayList<>();

    /**
     * Begins to read.
     *
     * @param process the child; its stderr gives nothing if it was merged into its stdout
     * @param linesMax the most lines that are kept, at least 1
     */
    public ProcessOutput(final Process process, final int linesMax) {
        this.process = process;
        this.linesMax = linesMax;
        readers.add(reader(process.getErrorStream(), "stderr-of-" + process.pid()));
        readers.add(reader(process.getInputStream(), "stdout-of-" + process.pid()));
        readers.forEach(Thread::start);
    }

    private Thread reader(final InputStream stream, final String name) {
        final Thread thread = new Thread(() -> read(stream), name);
        thread.setDaemon(true);
        return thread;
    }

    private void read(final InputStream stream) {
        try (BufferedReader text = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = text.readLine(); line != null; line = text.readLine()) {
                keep(line);
            }
        } catch (final IOException e) {
            keep("(output lost: " + e.getMessage() + ")");
        }
    }

    private void keep(final String line) {
        synchronized (lines) {
            if (lines.size() == linesMax) {
                lines.removeFirst();
            }
            lines.addLast(line);
            lines.notifyAll();
        }
    }

    /**
     * Waits for a line.
     *
     * @return the first such line that is kept; nothing if the process ended without one, or did not write one in time
     * @throws InterruptedIOException if the thread is interrupted
     */
    public Optional<String> await(final Predicate<String> wanted, final long timeoutMillis)
            throws InterruptedIOException {
        final long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (true) {
            final boolean ended = !process.isAlive();
            if (ended) {
                awaitEnd();
            }
            synchronized (lines) {
                final Optional<String> found = lines.stream().filter(wanted).findFirst();
                final long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (found.isPresent() || ended || left <= 0) {
                    return found;
                }
                try {
                    lines.wait(Math.min(left, LOOK_MILLIS));
                } catch (final InterruptedException e) {
                    throw interrupted(e);
                }
            }
        }
    }

    /**
     * Waits for the last output of a process that has ended, a second at most: a grandchild may keep the pipe open.
     *
     * @throws InterruptedIOException if the thread is interrupted
     */
    public void awaitEnd() throws InterruptedIOException {
        try {
            for (final Thread reader : readers) {
                reader.join(LAST_LINES_MILLIS);
            }
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    static InterruptedIOException interrupted(final InterruptedException cause) {
        Thread.currentThread().interrupt();
        final InterruptedIOException failure = new InterruptedIOException("interrupted while waiting for a program");
        failure.initCause(cause);
        return failure;
    }

    /** The lines that are kept. */
    public String text() {
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }
}
