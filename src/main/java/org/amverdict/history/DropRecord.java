package org.amverdict.history;

import org.amverdict.engine.Cause;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventRecord;
import org.amverdict.events.Fault;

/**
 * Packets of one kind that were dropped, or that opened nothing, as {@link RecentDrops} folds them. Guarded by the lock
 * of {@link RecentDrops}; a copy belongs to its caller.
 */
final class DropRecord {
    final int protocol;
    /** The decision. */
    final Verdict decided;
    /** The verdict that the kernel got. */
    final Verdict verdict;
    /** The fact of the last of them that was looked up. */
    Fact fact;

    /** Where the cause is, which depends on the mode of then. */
    Fault fault;

    /** Whether it is about a packet whose cause the engine knew. */
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
        fault = EventWords.trouble(fact, event).fault();
    }

    /** The event is of the same kind, and its fact is newer or better. */
    void update(final EventRecord event, final Fact newFact) {
        fact = newFact;
        fault = EventWords.trouble(newFact, event).fault();
        factOfEngine = event.cause() != Cause.NONE;
        factNanos = event.nanos();
    }

    DropRecord(final DropRecord other) {
        protocol = other.protocol;
        decided = other.decided;
        verdict = other.verdict;
        fact = other.fact;
        fault = other.fault;
        factOfEngine = other.factOfEngine;
        factNanos = other.factNanos;
        count = other.count;
        lastNanos = other.lastNanos;
    }

    /** Why, and what to do. */
    Advice advice() {
        final Advice advice = DropExplanation.advice(fact);
        return new Advice(advice.text(), advice.remedy(), fault);
    }

    /** Whether it was really dropped, not only decided so in monitor mode. */
    boolean isEnforced() {
        return verdict == Verdict.DROP;
    }
}
