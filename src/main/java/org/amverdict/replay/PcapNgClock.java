package org.amverdict.replay;

/**
 * Turns a pcapng interface's ticks into nanoseconds since 1970.
 *
 * @param resolution if_tsresol: a tick is 10^-n s, or 2^-n s when the highest bit is set
 * @param offsetSeconds if_tsoffset
 */
record PcapNgClock(int resolution, long offsetSeconds) {
    /** The resolution of an interface that names none. */
    static final int MICROSECONDS = 6;

    private static final int BINARY = 0x80;
    private static final int DECIMAL_MAX = 18;
    private static final int BINARY_MAX = 63;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long SECONDS_MAX = Long.MAX_VALUE / NANOS_PER_SECOND - 1;

    /** Down to attoseconds or 2^-63 s, which 64 bits of ticks can still count. */
    static boolean supports(final int resolution) {
        return (resolution & BINARY) == 0 ? resolution <= DECIMAL_MAX : (resolution & ~BINARY) <= BINARY_MAX;
    }

    /** Whether {@code ticks}, unsigned, is a time that nanoseconds in 63 bits can hold. */
    boolean fits(final long ticks) {
        final long seconds = seconds(ticks);
        return seconds >= 0
                && seconds <= SECONDS_MAX
                && Math.abs(offsetSeconds) <= SECONDS_MAX
                && seconds + offsetSeconds <= SECONDS_MAX
                && seconds + offsetSeconds >= 0;
    }

    /** Nanoseconds since 1970; only for ticks that {@link #fits}. */
    long nanos(final long ticks) {
        return (seconds(ticks) + offsetSeconds) * NANOS_PER_SECOND + fractionNanos(ticks);
    }

    /** Negative when it needs the 64th bit. */
    private long seconds(final long ticks) {
        if ((resolution & BINARY) != 0) {
            return ticks >>> (resolution & ~BINARY);
        }
        return Long.divideUnsigned(ticks, powerOfTen(resolution));
    }

    private long fractionNanos(final long ticks) {
        if ((resolution & BINARY) == 0) {
            final long fraction = Long.remainderUnsigned(ticks, powerOfTen(resolution));
            return resolution <= 9 ? fraction * powerOfTen(9 - resolution) : fraction / powerOfTen(resolution - 9);
        }
        final int bits = resolution & ~BINARY;
        if (bits == 0) {
            return 0;
        }
        final long fraction = ticks & ((1L << bits) - 1);
        // The product has up to 93 bits.
        final long high = Math.multiplyHigh(fraction, NANOS_PER_SECOND);
        final long low = fraction * NANOS_PER_SECOND;
        return high << (64 - bits) | low >>> bits;
    }

    private static long powerOfTen(final int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }
}
