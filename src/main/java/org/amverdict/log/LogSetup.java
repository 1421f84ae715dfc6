package org.amverdict.log;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.amverdict.config.LogFormat;
import org.jspecify.annotations.Nullable;

/**
 * Sends {@link System.Logger} to stderr, one handler for all. {@code main} calls {@link #install} once it knows the
 * configuration; again after a reload. Not for concurrent use.
 */
public final class LogSetup {
    private static final Path STDERR = Path.of("/proc/self/fd/2");

    private static final String PROGRAM = "org.amverdict";

    private static final PrintStream REAL_ERR = System.err;
    private static final PrintStream REAL_OUT = System.out;
    private static volatile boolean json;
    /** A strong reference, since java.util.logging forgets the level of an unreferenced logger. */
    private static @Nullable Logger program;

    private LogSetup() {}

    /** Makes the log last until the process is gone. To be called before anything can log, once for each process. */
    public static void last() {
        System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
    }

    /**
     * Replaces every handler with one to stderr. With JSON, what else is printed becomes log lines too.
     *
     * @param format of the lines
     * @param level lowest level of the program's own lines; those of libraries are shown from WARNING
     */
    public static void install(final LogFormat format, final System.Logger.Level level) {
        final LogFormat chosen = format == LogFormat.AUTO ? detect(System.getenv("JOURNAL_STREAM")) : format;
        final Logger root = LogManager.getLogManager().getLogger("");
        for (final Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        json = chosen == LogFormat.JSON;
        // After a change of format by another call, too.
        System.setErr(json ? JsonStream.over("stderr", REAL_ERR) : REAL_ERR);
        System.setOut(json ? JsonStream.over("stdout", REAL_ERR) : REAL_OUT);
        root.addHandler(new StderrHandler(chosen));
        root.setLevel(Level.WARNING);
        program = Logger.getLogger(PROGRAM);
        program.setLevel(level(level));
    }

    /** Whether the log is JSON, so that nothing else may be written. Any thread. */
    public static boolean isJson() {
        return json;
    }

    /**
     * What {@link LogFormat#AUTO} means.
     *
     * @param journalStream JOURNAL_STREAM, {@code device:inode} of the socket to the journal; a service's children inherit
     *     it even when their stderr goes elsewhere, so it is compared. Source: systemd.exec(5)
     */
    static LogFormat detect(final @Nullable String journalStream) {
        if (journalStream == null) {
            return LogFormat.TEXT;
        }
        try {
            final Object device = Files.getAttribute(STDERR, "unix:dev");
            final Object inode = Files.getAttribute(STDERR, "unix:ino");
            return journalStream.equals(device + ":" + inode) ? LogFormat.JOURNAL : LogFormat.TEXT;
        } catch (final IOException | UnsupportedOperationException | IllegalArgumentException e) {
            // Without /proc the variable is trusted.
            return LogFormat.JOURNAL;
        }
    }

    private static Level level(final System.Logger.Level level) {
        return switch (level) {
            case ALL -> Level.ALL;
            case TRACE -> Level.FINER;
            case DEBUG -> Level.FINE;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARNING;
            case ERROR -> Level.SEVERE;
            case OFF -> Level.OFF;
        };
    }

    /** Writes to the real stderr without ever closing it, each record at once. */
    private static final class StderrHandler extends StreamHandler {
        StderrHandler(final LogFormat format) {
            super(REAL_ERR, new LogLineFormatter(format));
            setLevel(Level.ALL);
            try {
                setEncoding(StandardCharsets.UTF_8.name());
            } catch (final IOException e) {
                throw new IllegalStateException("every Java has UTF-8", e);
            }
        }

        @Override
        public synchronized void publish(final java.util.logging.LogRecord record) {
            super.publish(record);
            flush();
        }

        @Override
        public synchronized void close() {
            flush();
        }
    }
}
