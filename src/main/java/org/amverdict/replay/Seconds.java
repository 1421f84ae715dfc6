package org.amverdict.replay;

/** Times in a format for people and JSON. */
final class Seconds {
    private static final long NANOS_PER_MICRO = 1000;
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int DECIMALS = 6;

    private Seconds() {}

    /** Nanoseconds, not negative, as seconds with six decimals; what is below a microsecond is cut off. */
    static String format(final long nanos) {
        final long micros = nanos / NANOS_PER_MICRO;
        final String fraction = Long.toString(micros % MICROS_PER_SECOND);
        return micros / MICROS_PER_SECOND + "." + "0".repeat(DECIMALS - fraction.length()) + fraction;
    }
}
