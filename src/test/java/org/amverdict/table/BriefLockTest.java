package org.amverdict.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.harness.Threads;
import org.junit.jupiter.api.Test;

final class BriefLockTest {
    private final BriefLock lock = new BriefLock();
    private int counted;

    @Test
    void shouldBeHeldByOneOnly() {
        assertTrue(lock.tryLock());
        assertTrue(lock.held());
        assertFalse(lock.tryLock());
        lock.unlock();
        assertFalse(lock.held());
        lock.lock();
        assertFalse(lock.tryLock());
    }

    @Test
    void shouldLetNobodyInBetween() throws Exception {
        final int times = 50_000;
        Threads.run(4, thread -> {
            for (int i = 0; i < times; i++) {
                lock.lock();
                try {
                    counted++;
                } finally {
                    lock.unlock();
                }
            }
            return thread;
        });

        assertEquals(4 * times, counted);
    }
}
