package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class PacingTest {
    private static final long START = Long.MAX_VALUE - 5_000;

    private final Pacing pacing = new Pacing();
    private long now = START;

    /** So many batches of that size, one after each of those times. */
    private void stream(final int batches, final int count, final long nanos) {
        for (int i = 0; i < batches; i++) {
            now += nanos;
            pacing.received(count, now);
        }
    }

    @Test
    void shouldNotLetTheFirstPacketsWait() {
        assertFalse(pacing.gather());
        pacing.received(5, now);
        assertFalse(pacing.gather());
    }

    @Test
    void shouldGatherUnderASteadyStream() {
        stream(30, 4, 22_000); // 180,000/s, in the batches that a wake-up lets gather
        assertTrue(pacing.gather());
        stream(30, 13, 72_000);
        assertTrue(pacing.gather());
    }

    @Test
    void shouldBlockInThinTraffic() {
        stream(100, 2, 66_000); // 30,000/s
        assertFalse(pacing.gather());
        stream(100, 1, 5_000);
        assertFalse(pacing.gather(), "single packets: the worker is faster than they come");
    }

    @Test
    void shouldNotWaitForWhatIsThere() {
        stream(100, 64, 90_000);
        assertFalse(pacing.gather());
    }

    @Test
    void shouldNoticeTheEndOfAStreamAtOnce() {
        stream(30, 13, 72_000);
        pacing.silent();
        assertFalse(pacing.gather());
        stream(1, 2, 100_000_000);
        assertFalse(pacing.gather());
    }

    @Test
    void shouldRecogniseAStreamWithinTwentyBatches() {
        int batches = 0;
        while (!pacing.gather() && batches < 100) {
            stream(1, 4, 22_000);
            batches++;
        }
        assertTrue(batches <= 20, batches + " batches");
    }

    @Test
    void shouldHoldVerdictsBackInAFlood() {
        assertEquals(0, pacing.held());
        stream(60, 200, 200_000); // a million packets/s
        assertTrue(pacing.flooded());
        assertEquals(3 * 256, pacing.held());
    }

    @Test
    void shouldHoldAsMuchAsKeepsTheKernelsTableAsItIs() {
        for (int count = 33; count <= 256; count++) {
            final Pacing of = new Pacing();
            long at = START;
            for (int i = 0; i < 60; i++) {
                at += count * 1_000L;
                of.received(count, at);
            }
            final int held = of.held();
            final int table = Integer.highestOneBit(held / 3 * 8);
            assertTrue(held >= table * 3 / 10, () -> held + " of " + table);
            assertTrue(held + 2 * count <= table * 3 / 4, () -> held + " of " + table);
        }
    }

    @Test
    void shouldFollowWhatABatchHasSlowly() {
        stream(60, 200, 200_000);
        stream(1, 40, 40_000);
        assertEquals(3 * 256, pacing.held());
        stream(300, 40, 40_000);
        assertEquals(3 * 64, pacing.held());
    }

    @Test
    void shouldHoldNothingBackInASteadyStream() {
        stream(200, 14, 77_000); // 180,000/s
        assertEquals(0, pacing.held());
        stream(200, 40, 88_000); // 450,000/s
        assertEquals(0, pacing.held());
        stream(4, 256, 250_000); // what has gathered while the machine stood still
        stream(1, 14, 77_000);
        assertEquals(0, pacing.held());
        assertFalse(pacing.flooded());
    }

    @Test
    void shouldNotTakeFewPacketsInQuickSuccessionForAFlood() {
        stream(200, 8, 8_000);
        assertFalse(pacing.flooded());
    }

    @Test
    void shouldWaitForTheRestOfAFloodButNotForLong() {
        stream(60, 200, 200_000);
        for (int i = 0; i < 3; i++) {
            pacing.silent();
            assertTrue(pacing.flooded(), "its sender may be interrupted");
            assertTrue(pacing.gather(), "and asking without a pause would cost a processor");
        }
        pacing.silent();
        assertFalse(pacing.flooded());
        assertEquals(0, pacing.held());
        assertFalse(pacing.gather());
    }

    @Test
    void shouldNoticeThatAFloodThinsWithinThreeBatches() {
        stream(60, 200, 200_000);
        stream(3, 2, 80_000);
        assertFalse(pacing.flooded());
    }
}
