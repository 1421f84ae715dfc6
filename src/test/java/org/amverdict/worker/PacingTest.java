package org.amverdict.worker;

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
}
