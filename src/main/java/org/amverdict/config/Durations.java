package org.amverdict.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as text with a unit: ns, us, ms, s, m, h or d; the program keeps nanoseconds. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ?([a-zµ]*)");
    private static final String[] UNITS = {"d", "h", "m", "s", "ms", "us", "ns"};
    private static final long[] UNIT_NS = {
        86_400_000_000_000L, 3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1000L, 1L
    };

    private Durations() {}

    /**
     * Reads "180s", "6h", "5d" and so on.
     *
     * @return nanoseconds
     * @throws IllegalArgumentException with a message for the operator
     */
    public static long parse(final String text) {
        final Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a duration; write a whole number and a unit: 180s");
        }
        final String unit = form.group(2);
        if (unit.isEmpty()) {
            throw new IllegalArgumentException(
                    "'" + text + "' has no unit; write " + text + "s for seconds (ns us ms s m h d)");
        }
        for (int i = 0; i < UNITS.length; i++) {
            if (UNITS[i].equals(unit)) {
                try {
                    return Math.multiplyExact(Long.parseLong(form.group(1)), UNIT_NS[i]);
                } catch (final ArithmeticException e) {
                    throw new IllegalArgumentException("'" + text + "' is too long", e);
                }
            }
        }
        throw new IllegalArgumentException("'" + unit + "' is not a unit of time (ns us ms s m h d)");
    }

    /** The text of a duration, in the largest unit that is exact. */
    public static String format(final long ns) {
        for (int i = 0; i < UNITS.length; i++) {
            if (ns != 0 && ns % UNIT_NS[i] == 0) {
                return ns / UNIT_NS[i] + UNITS[i];
            }
        }
        return "0s";
    }

    /** Nanoseconds of whole seconds. */
    public static long seconds(final long seconds) {
        return seconds * 1_000_000_000L;
    }
}
