package org.amverdict.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.amverdict.harness.Threads;
import org.junit.jupiter.api.Test;

final class HostCountsTest {
    private static final long HOST = 0xffff_c000_020aL;

    private final long[] scratch = new long[2];

    @Test
    void shouldRefuseAtTheLimitOnly() {
        final HostCounts counts = new HostCounts(8, 1);

        assertTrue(counts.take(0, HOST, 2, scratch));
        assertTrue(counts.take(0, HOST, 2, scratch));
        assertFalse(counts.take(0, HOST, 2, scratch));
        assertTrue(counts.take(0, HOST + 1, 2, scratch), "another host");
        assertEquals(2, counts.count(0, HOST, scratch));
    }

    @Test
    void shouldForgetAHostThatHoldsNothing() {
        final HostCounts counts = new HostCounts(1, 1);
        counts.take(0, HOST, 2, scratch);

        counts.giveBack(new long[] {0, HOST});

        assertEquals(0, counts.count(0, HOST, scratch));
        assertTrue(counts.take(0, HOST + 1, 2, scratch), "its place is free");
    }

    /** A record is counted before it is known whether another must go for it. */
    @Test
    void shouldHaveRoomForOneHostMoreThanTheTableHasRecords() {
        final HostCounts counts = new HostCounts(4, 1);
        for (int i = 0; i < 4; i++) {
            assertTrue(counts.take(0, HOST + i, 1, scratch));
        }

        assertTrue(counts.take(0, HOST + 4, 1, scratch));
    }

    @Test
    void shouldEndAtZeroAfterManyThreads() throws Exception {
        final HostCounts counts = new HostCounts(16, 1);
        Threads.run(4, thread -> {
            final SplittableRandom random = new SplittableRandom(thread);
            final long[] own = new long[2];
            for (int i = 0; i < 200_000; i++) {
                final long host = HOST + random.nextInt(3);
                if (counts.take(0, host, 3, own)) {
                    assertTrue(counts.count(0, host, own) <= 3);
                    counts.giveBack(new long[] {0, host});
                }
            }
            return 0;
        });

        for (int i = 0; i < 3; i++) {
            assertEquals(0, counts.count(0, HOST + i, scratch));
        }
    }
}
