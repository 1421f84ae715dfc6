package org.amverdict.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.Ends;
import org.amverdict.events.EventFields;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.events.WallClock;

/**
 * The last packets of one decision that had a problem; those with the same addresses, ports, reason and verdict are
 * folded into one. Written by the reader's thread and copied by any. Beyond {@link #CAPACITY} the one that has been
 * quiet longest is forgotten.
 */
public final class RecentDrops implements DropHistory, EventListener {
    static final int CAPACITY = 1024;
    /** Minimum time between look-ups of one kind of packet. */
    private static final long FACT_NANOS = 1_000_000_000L;

    private final Verdict decided;
    private final Facts facts;
    private final WallClock clock;
    private final Map<Key, DropRecord> byKey = new LinkedHashMap<>();
    private long forgotten;

    private record Key(Ends ends, int protocol, Reason reason, Verdict verdict) {}

    /** @param decided DROP, CONTINUE, or ACCEPT for REPs that were passed on but opened nothing */
    public RecentDrops(final Verdict decided, final Facts facts, final WallClock clock) {
        this.decided = decided;
        this.facts = facts;
        this.clock = clock;
    }

    @Override
    public synchronized void event(final EventRecord event) {
        if (!event.isTrouble() || event.decided() != decided) {
            return;
        }
        final Key key = new Key(event.ends(), event.protocol(), event.reason(), event.verdict());
        final DropRecord known = byKey.remove(key);
        final DropRecord drop = known == null ? new DropRecord(event, facts.of(event)) : known;
        if (known != null && (event.nanos() - known.factNanos >= FACT_NANOS || isBetterKnown(event, known))) {
            drop.update(event, facts.of(event));
        }
        if (byKey.size() >= CAPACITY) {
            final Iterator<DropRecord> eldest = byKey.values().iterator();
            eldest.next();
            eldest.remove();
            forgotten++;
        }
        drop.count++;
        drop.lastNanos = event.nanos();
        byKey.put(key, drop);
    }

    /** The first ones arrived too fast to be looked up. */
    private static boolean isBetterKnown(final EventRecord event, final DropRecord known) {
        return !known.factOfEngine && event.cause() != Cause.NONE;
    }

    /** Kinds that were forgotten to make room. */
    synchronized long forgotten() {
        return forgotten;
    }

    /** Newest first, each a consistent copy. */
    synchronized List<DropRecord> copy() {
        final List<DropRecord> newest = new ArrayList<>(byKey.size());
        byKey.values().forEach(drop -> newest.add(new DropRecord(drop)));
        Collections.reverse(newest);
        return newest;
    }

    @Override
    public List<RecentDrop> recent(final int max) {
        return copy().stream()
                .limit(Math.max(0, max))
                .map(drop -> new RecentDrop(
                        clock.epochNanos(drop.lastNanos),
                        drop.fact.source.toString(),
                        drop.fact.sourcePort,
                        drop.fact.destination.toString(),
                        drop.fact.destinationPort,
                        EventFields.protocolName(drop.protocol),
                        drop.verdict.label(),
                        drop.fact.reason.label(),
                        drop.fact.cause.label(),
                        drop.count,
                        DropExplanation.explain(drop.fact)))
                .toList();
    }
}
