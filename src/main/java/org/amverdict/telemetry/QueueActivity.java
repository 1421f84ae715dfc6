package org.amverdict.telemetry;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;

/**
 * When each queue last received something, to about a second: read from the counters in the reader's thread, at no cost
 * per packet.
 */
final class QueueActivity implements EventListener {
    private static final long LOOK_NANOS = 1_000_000_000L;

    private final Map<Integer, Last> lastOf = new ConcurrentHashMap<>();
    private List<TelemetrySources.Queue> queues = List.of();
    private long lookedNanos;

    /** @param nowNanos {@link System#nanoTime} */
    QueueActivity(final long nowNanos) {
        lookedNanos = nowNanos - LOOK_NANOS;
    }

    private record Last(long batches, long nanos) {}

    /** The queues to look at; once, before the first tick. */
    void watch(final List<TelemetrySources.Queue> newQueues) {
        queues = newQueues;
    }

    @Override
    public void event(final EventRecord event) {
        // Only the time matters here.
    }

    @Override
    public void tick(final long nowNanos) {
        if (nowNanos - lookedNanos < LOOK_NANOS) {
            return;
        }
        lookedNanos = nowNanos;
        for (final TelemetrySources.Queue queue : queues) {
            final long batches = queue.counters().batches();
            final Last last = lastOf.get(queue.number());
            if (batches > 0 && (last == null || last.batches() != batches)) {
                lastOf.put(queue.number(), new Last(batches, nowNanos));
            }
        }
    }

    /** How long the queue has received nothing, {@link Figure#UNKNOWN} if it never has. Any thread. */
    long idleNanos(final int queue, final long nowNanos) {
        final Last last = lastOf.get(queue);
        return last == null ? Figure.UNKNOWN : Math.max(0, nowNanos - last.nanos());
    }
}
