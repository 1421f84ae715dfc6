package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;

/**
 * The last drops, those with the same addresses, ports and reason as one. Written down by the reader's thread and copied
 * by any. Of those beyond {@link #CAPACITY} the one that was quiet longest is forgotten.
 */
final class RecentDrops implements DropHistory, EventListener {
    static final int CAPACITY = 1024;

    private final Advice advice;
    private final WallClock clock;
    private final Map<Key, Drop> byKey = new LinkedHashMap<>();

    private record Key(
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow,
            int sourcePort,
            int destinationPort,
            int protocol,
            Reason reason) {}

    RecentDrops(final Advice advice, final WallClock clock) {
        this.advice = advice;
        this.clock = clock;
    }

    @Override
    public synchronized void event(final EngineEvent event) {
        if (event.kind() != EngineEvent.DECISION || event.verdict() != Verdict.DROP) {
            return;
        }
        final Key key = new Key(
                event.sourceHigh(),
                event.sourceLow(),
                event.destinationHigh(),
                event.destinationLow(),
                event.sourcePort(),
                event.destinationPort(),
                event.protocol(),
                event.reason());
        final Drop known = byKey.remove(key);
        final Drop drop = known == null ? new Drop(event) : known;
        if (byKey.size() >= CAPACITY) {
            final Iterator<Drop> eldest = byKey.values().iterator();
            eldest.next();
            eldest.remove();
        }
        drop.count++;
        drop.lastNanos = event.nanos();
        byKey.put(key, drop);
    }

    /** Newest first, each of one moment. */
    synchronized List<Drop> copy() {
        final List<Drop> newest = new ArrayList<>(byKey.size());
        byKey.values().forEach(drop -> newest.add(new Drop(drop)));
        Collections.reverse(newest);
        return newest;
    }

    @Override
    public List<RecentDrop> recent(final int max) {
        return copy().stream()
                .limit(Math.max(0, max))
                .map(drop -> new RecentDrop(
                        clock.epochNanos(drop.lastNanos),
                        drop.source(),
                        drop.sourcePort,
                        drop.destination(),
                        drop.destinationPort,
                        EventFields.protocolName(drop.protocol),
                        drop.reason.label(),
                        drop.count,
                        advice.explain(drop)))
                .toList();
    }
}
