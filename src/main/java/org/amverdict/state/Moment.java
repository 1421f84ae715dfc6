package org.amverdict.state;

import org.amverdict.nfqueue.ffi.BootClock;

/**
 * One moment by three clocks. The time since the kernel started, which cannot be set, measures how long ago another
 * moment was; after a reboot only the wall clock can. Immutable.
 *
 * @param nanos {@link System#nanoTime}, the clock of the tables
 * @param bootNanos nanoseconds since the kernel started, {@link BootClock}
 * @param epochMillis milliseconds since 1970 by the wall clock, which may be set
 */
public record Moment(long nanos, long bootNanos, long epochMillis) {
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final long MILLIS_MAX = Long.MAX_VALUE / NANOS_PER_MILLI;

    /** The current moment. */
    public static Moment now() {
        return new Moment(System.nanoTime(), BootClock.nanos(), System.currentTimeMillis());
    }

    /**
     * How much time has passed since another moment.
     *
     * @param bootNanosThen and {@code epochMillisThen}: of that moment, any numbers
     * @param sameBoot the kernel was not started in between
     * @return nanoseconds, 0 to {@code mostNanos}
     */
    long since(final long bootNanosThen, final long epochMillisThen, final boolean sameBoot, final long mostNanos) {
        if (sameBoot) {
            return limited(bootNanos, bootNanosThen, mostNanos);
        }
        final long millis = limited(epochMillis, epochMillisThen, MILLIS_MAX);
        // At least as long as this kernel has run, whatever a clock without a battery says.
        return Math.min(mostNanos, Math.max(bootNanos, millis * NANOS_PER_MILLI));
    }

    private static long limited(final long later, final long earlier, final long most) {
        if (later <= earlier) {
            return 0;
        }
        final long difference = later - earlier;
        return difference < 0 ? most : Math.min(most, difference);
    }
}
