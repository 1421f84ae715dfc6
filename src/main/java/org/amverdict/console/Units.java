package org.amverdict.console;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers as people read them, everywhere in the same units. ASCII, so that every terminal shows them. */
public final class Units {
    static final int WIDTH = 80;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final long MINUTE = 60;
    private static final long HOUR = 3600;
    private static final long DAY = 86_400;
    private static final int KILO = 1000;
    private static final String[] MULTIPLES = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

    private Units() {}

    /** {@code 1,234,567}. */
    static String count(final long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** {@code 1 packet}, {@code 2 packets}. */
    static String count(final long count, final String what) {
        return count(count) + " " + what + (count == 1 ? "" : "s");
    }

    /** {@code once}, {@code 3 times}. */
    public static String times(final long count) {
        return count == 1 ? "once" : count + " times";
    }

    /** {@code 512 B}, {@code 1.5 MB}: powers of ten, cut to one decimal. */
    public static String bytes(final long bytes) {
        long whole = Math.max(0, bytes);
        long rest = 0;
        int multiple = 0;
        while (whole >= KILO) {
            rest = whole % KILO;
            whole /= KILO;
            multiple++;
        }
        return whole + (multiple == 0 ? "" : "." + rest / 100) + " " + MULTIPLES[multiple];
    }

    /** {@link #duration} of nanoseconds. */
    public static String nanos(final long nanos) {
        return duration(nanos / NANOS_PER_SECOND);
    }

    /**
     * {@code 20 us}, {@code 3 ms}, {@code 0.2 s}, {@code 12 s}, {@code 5 min}, {@code 3 h 12 min}, {@code 2 d 4 h}:
     * rounded down, so that nothing appears older than it is.
     */
    public static String duration(final double seconds) {
        if (seconds < 0.001) {
            return seconds <= 0 ? "0 s" : Math.round(seconds * 1e6) + " us";
        }
        if (seconds < 0.1) {
            return short1(seconds * 1e3) + " ms";
        }
        if (seconds < 10) {
            // The small addition compensates for what a double loses: 1.2 stays 1.2 and does not become 1.1.
            final long tenths = (long) (seconds * 10 + 1e-6);
            return tenths / 10 + "." + tenths % 10 + " s";
        }
        final long whole = (long) (seconds + 1e-6);
        if (whole < 2 * MINUTE) {
            return whole + " s";
        }
        if (whole < 2 * HOUR) {
            return whole / MINUTE + " min";
        }
        if (whole < 2 * DAY) {
            return whole / HOUR + " h " + whole % HOUR / MINUTE + " min";
        }
        return whole / DAY + " d " + whole % DAY / HOUR + " h";
    }

    /** One decimal below ten, none above. */
    private static String short1(final double value) {
        final String text = String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /** {@code 12 s ago}; {@code just now} for less than a second, or for a time in the future. */
    static String ago(final double seconds) {
        return seconds < 1 ? "just now" : duration(Math.floor(seconds)) + " ago";
    }

    /** Seconds from one timestamp to another; 0 if one cannot be read. */
    static double between(final String earlier, final String later) {
        try {
            return (Instant.parse(later).toEpochMilli() - Instant.parse(earlier).toEpochMilli()) / 1e3;
        } catch (final DateTimeException e) {
            return 0;
        }
    }

    /** The time of day of a timestamp, in the zone of the user. */
    static String clock(final String timestamp, final ZoneId zone) {
        return format(timestamp, zone, CLOCK);
    }

    /** Its day and time. */
    public static String date(final String timestamp, final ZoneId zone) {
        return format(timestamp, zone, DATE);
    }

    private static String format(final String timestamp, final ZoneId zone, final DateTimeFormatter format) {
        try {
            return format.format(Instant.parse(timestamp).atZone(zone));
        } catch (final DateTimeException e) {
            return timestamp;
        }
    }

    /** An address with a port, in the usual notation: {@code 192.0.2.1:10080}, {@code [2001:db8::1]:10080}. */
    static String end(final String address, final long port) {
        final String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
        return port == 0 ? address : host + ":" + port;
    }

    /** At most that long; a tilde marks what is cut off. */
    static String fit(final String text, final int width) {
        return text.length() <= width ? text : text.substring(0, Math.max(0, width - 1)) + "~";
    }

    /** Lines of at most {@link #WIDTH}, broken at spaces; those after the first are indented. */
    static List<String> wrap(final String text, final int indent) {
        final List<String> lines = new ArrayList<>();
        final String margin = " ".repeat(indent);
        String rest = text;
        while (rest.length() > WIDTH) {
            final int space = rest.lastIndexOf(' ', WIDTH);
            final int end = space > indent ? space : WIDTH;
            lines.add(rest.substring(0, end).stripTrailing());
            rest = margin + rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }
}
