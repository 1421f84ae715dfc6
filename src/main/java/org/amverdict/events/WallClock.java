package org.amverdict.events;

import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Turns the engine's time, {@link System#nanoTime}, into time of day; the only class that does. Set by one thread, read
 * by any.
 */
public final class WallClock {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** How often the host's clock is read: it may be set, or run at another speed. */
    private static final long ASK_NANOS = NANOS_PER_SECOND;

    private final LongSupplier nanoTime;
    private final Supplier<Instant> wall;
    private volatile long offsetNanos;
    private long askedNanos;

    /** Set to {@code wall} now. */
    public WallClock(final LongSupplier nanoTime, final Supplier<Instant> wall) {
        this.nanoTime = nanoTime;
        this.wall = wall;
        ask();
    }

    /** The clock of this host. */
    public static WallClock ofHost() {
        return new WallClock(System::nanoTime, Instant::now);
    }

    private void ask() {
        askedNanos = nanoTime.getAsLong();
        final Instant now = wall.get();
        offsetNanos = now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - askedNanos;
    }

    /** Follows the clock of the host. */
    public void follow(final long nowNanos) {
        if (nowNanos - askedNanos >= ASK_NANOS) {
            ask();
        }
    }

    /** Nanoseconds since 1970. */
    public long epochNanos(final long nanos) {
        return nanos + offsetNanos;
    }
}
