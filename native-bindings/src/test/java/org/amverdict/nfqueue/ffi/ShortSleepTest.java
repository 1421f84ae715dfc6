package org.amverdict.nfqueue.ffi;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShortSleepTest {
    @Test
    void shouldSleepForTheTime() {
        final ShortSleep sleep = new ShortSleep(2_000_000);
        final long start = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            sleep.sleep();
        }
        final long taken = System.nanoTime() - start;
        assertTrue(taken >= 20_000_000, taken + " ns");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1_000_000_000})
    void shouldRefuseWhatTheKernelWould(final long nanos) {
        assertThrows(IllegalArgumentException.class, () -> new ShortSleep(nanos));
    }
}
