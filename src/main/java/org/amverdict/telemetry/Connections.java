package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Verdict;
import org.amverdict.track.FlowEnd;
import org.jspecify.annotations.Nullable;

/**
 * The last connections that no REP announced: auth bsdtcp, old recovery, static ranges, and those that were under way at
 * start. Written by the reader's thread, copied by any.
 */
final class Connections implements EventListener {
    static final int CAPACITY = 1024;

    private final Map<Key, Connection> byEnds = new LinkedHashMap<>();

    private record Key(
            long sourceHigh,
            long sourceLow,
            int sourcePort,
            long destinationHigh,
            long destinationLow,
            int destinationPort) {}

    /**
     * One connection. Immutable.
     *
     * @param stream why it was let in: CONTROL, LEGACY, STATIC or ADOPTED
     * @param openedNanos when, of {@link System#nanoTime}
     * @param end how it ended, null while it is open
     * @param endedNanos when it ended
     * @param bytes IP bytes both ways, 0 while it is open
     */
    record Connection(
            long sourceHigh,
            long sourceLow,
            int sourcePort,
            long destinationHigh,
            long destinationLow,
            int destinationPort,
            StreamName stream,
            long openedNanos,
            @Nullable FlowEnd end,
            long endedNanos,
            long bytes) {}

    @Override
    public synchronized void event(final EngineEvent event) {
        final StreamName stream = event.stream();
        if (event.transaction() > 0 || stream == null) {
            return;
        }
        if (event.kind() == EngineEvent.FLOW_ENDED) {
            put(event, stream, event.flowEnd(), event.openedNanos(), event.originalBytes() + event.replyBytes());
        } else if (event.kind() == EngineEvent.DECISION && event.opens() && event.verdict() == Verdict.ACCEPT) {
            put(event, stream, null, event.nanos(), 0);
        }
    }

    private void put(
            final EngineEvent event,
            final StreamName stream,
            final @Nullable FlowEnd end,
            final long openedNanos,
            final long bytes) {
        final Key key = new Key(
                event.sourceHigh(),
                event.sourceLow(),
                event.sourcePort(),
                event.destinationHigh(),
                event.destinationLow(),
                event.destinationPort());
        byEnds.remove(key);
        if (byEnds.size() >= CAPACITY) {
            final Iterator<Connection> eldest = byEnds.values().iterator();
            eldest.next();
            eldest.remove();
        }
        byEnds.put(
                key,
                new Connection(
                        key.sourceHigh(),
                        key.sourceLow(),
                        key.sourcePort(),
                        key.destinationHigh(),
                        key.destinationLow(),
                        key.destinationPort(),
                        stream,
                        openedNanos,
                        end,
                        event.nanos(),
                        bytes));
    }

    /** Newest first; any thread. */
    synchronized List<Connection> recent() {
        final List<Connection> newest = new ArrayList<>(byEnds.values());
        Collections.reverse(newest);
        return newest;
    }
}
