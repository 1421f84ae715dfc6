package org.amverdict.log;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.amverdict.config.LogFormat;

/**
 * Stands in for stderr or stdout while the log is JSON: whatever a library, an uncaught exception or a help text prints
 * there becomes a log line of its own. Any thread.
 */
final class JsonStream extends OutputStream {
    /** A longer line is written in parts. */
    private static final int LINE_MAX = 4096;

    private final String name;
    private final PrintStream real;
    private final LogLineFormatter formatter = new LogLineFormatter(LogFormat.JSON);
    private final byte[] line = new byte[LINE_MAX];
    private int length;

    private JsonStream(final String name, final PrintStream real) {
        this.name = name;
        this.real = real;
    }

    /**
     * @param name logger of the lines
     * @param real gets the JSON
     */
    static PrintStream over(final String name, final PrintStream real) {
        return new PrintStream(new JsonStream(name, real), true, StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void write(final int b) {
        if (b == '\n' || length == LINE_MAX) {
            end();
        }
        if (b != '\n') {
            line[length++] = (byte) b;
        }
    }

    private void end() {
        final String text = new String(line, 0, length, StandardCharsets.UTF_8).stripTrailing();
        length = 0;
        if (text.isEmpty()) {
            return;
        }
        final LogRecord record = new LogRecord(Level.WARNING, text);
        record.setLoggerName(name);
        real.print(formatter.format(record));
        real.flush();
    }
}
