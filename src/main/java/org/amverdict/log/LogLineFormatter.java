package org.amverdict.log;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.amverdict.config.LogFormat;
import org.jspecify.annotations.Nullable;

/**
 * One record as lines of text. Control characters, and in JSON also quotes, are escaped here, so that no message can
 * forge a line or control the terminal, whatever it contains.
 */
final class LogLineFormatter extends Formatter {
    private static final int MESSAGE_MAX = 4096;
    private static final int FRAMES_MAX = 40;
    /** Causes can form a cycle. */
    private static final int CAUSES_MAX = 4;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final LogFormat format;

    /** Any format but {@link LogFormat#AUTO}. */
    LogLineFormatter(final LogFormat format) {
        this.format = format;
    }

    @Override
    public String format(final LogRecord record) {
        final StringBuilder out = new StringBuilder(160);
        if (format == LogFormat.JSON) {
            appendJson(out, record);
            return out.toString();
        }
        appendPrefix(out, record);
        appendEscaped(out, message(record));
        final Throwable thrown = record.getThrown();
        if (thrown != null) {
            out.append(": ");
            appendEscaped(out, thrown.toString());
        }
        out.append('\n');
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < CAUSES_MAX; depth++) {
            appendTrace(out, record, cause, depth > 0);
            cause = cause.getCause();
        }
        return out.toString();
    }

    /** The parameters of a line with fields are no arguments of its text. */
    private String message(final LogRecord record) {
        return fields(record) == null ? formatMessage(record) : String.valueOf(record.getMessage());
    }

    private static @Nullable LogFields fields(final LogRecord record) {
        final Object[] parameters = record.getParameters();
        return parameters != null && parameters.length == 1 && parameters[0] instanceof LogFields fields
                ? fields
                : null;
    }

    private void appendPrefix(final StringBuilder out, final LogRecord record) {
        if (format == LogFormat.JOURNAL) {
            out.append('<').append(priority(record.getLevel())).append('>');
            return;
        }
        TIME.formatTo(record.getInstant(), out);
        out.append(' ').append(label(record.getLevel())).append(' ');
    }

    private void appendTrace(
            final StringBuilder out, final LogRecord record, final Throwable thrown, final boolean cause) {
        if (cause) {
            appendPrefix(out, record);
            out.append("caused by ");
            appendEscaped(out, thrown.toString());
            out.append('\n');
        }
        final StackTraceElement[] frames = thrown.getStackTrace();
        for (int i = 0; i < frames.length && i < FRAMES_MAX; i++) {
            appendPrefix(out, record);
            out.append("    at ");
            appendEscaped(out, frames[i].toString());
            out.append('\n');
        }
    }

    private void appendJson(final StringBuilder out, final LogRecord record) {
        out.append("{\"timestamp\":\"");
        TIME.formatTo(record.getInstant(), out);
        out.append("\",\"level\":\"").append(label(record.getLevel()).strip().toLowerCase(Locale.ROOT));
        out.append("\",\"logger\":\"");
        appendEscaped(out, String.valueOf(record.getLoggerName()));
        out.append("\",\"message\":\"");
        appendEscaped(out, message(record));
        out.append('"');
        appendFields(out, record);
        final Throwable thrown = record.getThrown();
        if (thrown != null) {
            out.append(",\"error\":\"");
            appendEscaped(out, thrown.toString());
            out.append("\",\"stack\":[");
            final StackTraceElement[] frames = thrown.getStackTrace();
            for (int i = 0; i < frames.length && i < FRAMES_MAX; i++) {
                out.append(i == 0 ? "\"" : ",\"");
                appendEscaped(out, frames[i].toString());
                out.append('"');
            }
            out.append("]}\n");
            return;
        }
        out.append("}\n");
    }

    private void appendFields(final StringBuilder out, final LogRecord record) {
        final LogFields fields = fields(record);
        if (fields == null) {
            return;
        }
        fields.all().forEach((name, value) -> {
            out.append(",\"").append(name).append("\":");
            if (value instanceof Long) {
                out.append(value);
                return;
            }
            out.append('"');
            appendEscaped(out, String.valueOf(value));
            out.append('"');
        });
    }

    private void appendEscaped(final StringBuilder out, final String text) {
        for (int i = 0; i < text.length() && i < MESSAGE_MAX; i++) {
            final char c = text.charAt(i);
            if (format == LogFormat.JSON && (c == '"' || c == '\\')) {
                out.append('\\').append(c);
            } else if (Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || Character.isSurrogate(c)
                    || c == '\u2028'
                    || c == '\u2029') {
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(Character.forDigit(c >> shift & 0xf, 16));
                }
            } else {
                out.append(c);
            }
        }
        if (text.length() > MESSAGE_MAX) {
            out.append("...");
        }
    }

    /** Priority of syslog(3). */
    private static int priority(final Level level) {
        final int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return 3;
        }
        if (value >= Level.WARNING.intValue()) {
            return 4;
        }
        return value >= Level.INFO.intValue() ? 6 : 7;
    }

    private static String label(final Level level) {
        return switch (priority(level)) {
            case 3 -> "ERROR";
            case 4 -> "WARN ";
            case 6 -> "INFO ";
            default -> "DEBUG";
        };
    }
}
