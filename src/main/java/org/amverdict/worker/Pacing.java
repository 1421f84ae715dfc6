package org.amverdict.worker;

/**
 * Decides whether a worker lets packets gather before it reads again. Waking up for each packet costs more than judging
 * it, so under a steady stream a short sleep saves half of the processor time; in thin traffic a sleep costs an extra
 * wake-up and delays the packet for nothing. So it follows the rate.
 *
 * <p>It also detects a flood, during which verdicts are held back for a moment (decision 026). One thread.
 */
final class Pacing {
    /** How long packets gather. At 180,000 packets/s that is 14 of them; with 50 µs a packet costs 11 % more. */
    static final long GATHER_NANOS = 80_000;

    /** With this many read at once the kernel has more ready, so waiting gains nothing. */
    private static final int ENOUGH = 32;
    /** Fewer than this in the time are not worth it. */
    private static final int WORTH = 4;
    /** Silence counts as this at most, so that a stream is recognized within its first few batches. */
    private static final long GAP_MAX_NANOS = GATHER_NANOS;
    /** A flood: more than 500,000 packets/s. */
    private static final long FLOOD_GAP_NANOS = 2_000;
    /** See {@link #held}. */
    private static final int HELD_BATCHES = 3;
    /** After this many empty receives in a row the flood is over, not just interrupted. */
    private static final int SILENT_MAX = 4;
    /** How slowly the largest batch is forgotten: each change in the amount held back changes the kernel's table. */
    private static final int LARGEST_DECAY = 64;
    /** One batch changes the mean by an eighth. */
    private static final int MEAN_SHIFT = 3;

    private final long floodGapNanos;
    private long gapNanos = GAP_MAX_NANOS;
    private long lastNanos;
    private int lastCount;
    private int largest;
    private int silent;
    private boolean flooded;

    Pacing() {
        this(FLOOD_GAP_NANOS);
    }

    /** @param floodGapNanos mean time between packets below which it is a flood */
    Pacing(final long floodGapNanos) {
        this.floodGapNanos = floodGapNanos;
    }

    /** Notes what was received; only batches with packets. */
    void received(final int count, final long nowNanos) {
        if (lastCount > 0) {
            final long gap = Math.min(GAP_MAX_NANOS, (nowNanos - lastNanos) / count);
            gapNanos += (gap - gapNanos) >> MEAN_SHIFT;
        }
        lastNanos = nowNanos;
        lastCount = count;
        silent = 0;
        largest = Math.max(count, largest - ((largest - count + LARGEST_DECAY - 1) / LARGEST_DECAY));
        flooded = gapNanos <= floodGapNanos && (flooded || count >= ENOUGH);
    }

    /** Whether to sleep {@link #GATHER_NANOS} before the next receive. */
    boolean gather() {
        return silent > 0 ? flooded : lastCount > 1 && lastCount < ENOUGH && gapNanos * WORTH <= GATHER_NANOS;
    }

    /** Whether this is a flood. */
    boolean flooded() {
        return flooded;
    }

    /**
     * How many packets' verdicts are held back; 0 outside a flood. Three times what a batch has at most, as a power of
     * two, while at most as many again are read or on their way. The kernel's table of held packets doubles when it is
     * three quarters full and halves below three tenths: between three and six eighths it stays as it is.
     */
    int held() {
        return flooded ? HELD_BATCHES * powerOfTwo(largest) : 0;
    }

    private static int powerOfTwo(final int atLeast) {
        return Integer.highestOneBit(Math.max(2, atLeast) - 1) << 1;
    }

    /** Nothing came: the stream has ended, or, after several times in a row, the flood. */
    void silent() {
        silent++;
        if (!flooded || silent >= SILENT_MAX) {
            gapNanos = GAP_MAX_NANOS;
            flooded = false;
        }
    }
}
