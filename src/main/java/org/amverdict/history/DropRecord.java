package org.amverdict.history;

import org.amverdict.engine.Cause;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventRecord;

/**
 * Packets of one kind that were dropped, or that opened nothing, as {@link RecentDrops} folds them. Guarded by the lock of
 * {@link RecentDrops}; a copy is nobody else's.
 */
final class DropRecord {
    final int protocol;
    /** What was decided. */
    final Verdict decided;
    /** What the kernel was told. */
    final Verdict verdict;
    /** Of the last of them that was looked up. */
    Fact fact;

    /** Whether it is of a packet of which the engine knew the cause. */
    boolean factOfEngine;

    long factNanos;
    long count;
    long lastNanos;

    DropRecord(final EventRecord event, final Fact fact) {
        protocol = event.protocol();
        decided = event.decided();
        verdict = event.verdict();
        this.fact = fact;
        factOfEngine = event.cause() != Cause.NONE;
        factNanos = event.nanos();
    }

    /** This one is of the same kind, and its fact is the newer or the better one. */
    void update(final EventRecord event, final Fact newFact) {
        fact = newFact;
        factOfEngine = event.cause() != Cause.NONE;
        factNanos = event.nanos();
    }

    DropRecord(final DropRecord other) {
        protocol = other.protocol;
        decided = other.decided;
        verdict = other.verdict;
        fact = other.fact;
        factOfEngine = other.factOfEngine;
        factNanos = other.factNanos;
        count = other.count;
        lastNanos = other.lastNanos;
    }

    /** Whether it was really dropped, not only decided so in monitor mode. */
    boolean isEnforced() {
        return verdict == Verdict.DROP;
    }
}
