package org.amverdict.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.amverdict.engine.EngineTestAccess;
import org.junit.jupiter.api.Test;

/** Once warm, an engine that tells everything to a ring costs no memory, text and endings included. */
final class WorkerEventsAllocationTest {
    private static final int WARM_UP_BATCHES = 3000;
    private static final int BATCHES = 1000;
    /** As in the engine's own test: what is seen in one window only is the compiler's. */
    private static final int WINDOWS_MAX = 5;

    @Test
    void shouldAllocateNothingWhateverIsTold() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final EventRing ring = new EventRing();
        final EventRecord event = new EventRecord();
        final Runnable batch = EngineTestAccess.everyRow(new WorkerEvents(ring));
        final long[] kinds = new long[EventRecord.TRANSACTION_ENDED + 1];
        for (int i = 0; i < WARM_UP_BATCHES; i++) {
            play(batch, ring, event, kinds);
        }

        long allocated = 1;
        for (int window = 0; window < WINDOWS_MAX && allocated != 0; window++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BATCHES; i++) {
                play(batch, ring, event, kinds);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }

        assertEquals(0, allocated, "bytes allocated in " + BATCHES + " batches");
        assertEquals(0, ring.lost(), "nothing was lost, so all of it was copied");
        assertTrue(kinds[EventRecord.DECISION] > 50 * BATCHES, "decisions");
        assertTrue(kinds[EventRecord.FLOW_ENDED] > BATCHES, "flows");
        assertTrue(kinds[EventRecord.EXPECTATION_ENDED] > BATCHES, "expectations");
    }

    private static void play(final Runnable batch, final EventRing ring, final EventRecord event, final long[] kinds) {
        batch.run();
        while (ring.poll(event)) {
            kinds[event.kind()]++;
        }
    }
}
