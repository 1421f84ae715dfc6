package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amverdict.engine.EngineTestAccess;
import org.junit.jupiter.api.Test;

/** How long a queue has received nothing. */
final class QueueActivityTest {
    private static final long SECOND = 1_000_000_000L;

    private final SampleSources sample = new SampleSources();
    private final QueueActivity activity = new QueueActivity(0);

    @Test
    void shouldSayHowLongAQueueHasReceivedNothing() {
        activity.watch(sample.sources().queues());
        activity.tick(SECOND);
        assertEquals(Figure.UNKNOWN, activity.idleNanos(10, SECOND), "it never has");

        EngineTestAccess.countBatch(sample.first);
        activity.tick(2 * SECOND);
        activity.tick(1202 * SECOND);

        assertEquals(1200 * SECOND, activity.idleNanos(10, 1202 * SECOND));
        assertEquals(Figure.UNKNOWN, activity.idleNanos(11, 1202 * SECOND));
        EngineTestAccess.countBatch(sample.first);
        activity.tick(1203 * SECOND);
        assertEquals(0, activity.idleNanos(10, 1203 * SECOND));
    }
}
