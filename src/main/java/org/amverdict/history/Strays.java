package org.amverdict.history;

import org.amverdict.engine.Verdict;
import org.amverdict.events.EventRecord;
import org.amverdict.events.Fault;
import org.jspecify.annotations.Nullable;

/**
 * Packets that came while something similar was awaited, but were judged to be something else. While there are none,
 * and no record of a drop was lost, "none came" is a fact. Guarded by the lock of {@link SessionLog}.
 */
final class Strays {
    /** Minimum time between look-ups of packets of one host. */
    private static final long FACT_NANOS = 1_000_000_000L;

    /** Packets that were dropped, that were not because the mode was monitor, and that were left to other rules. */
    private long dropped;

    private long passed;
    private long left;
    private @Nullable Fact last;
    private Fault fault = Fault.ELSEWHERE;
    private long factNanos;
    private boolean blurred;

    void add(final EventRecord event, final Facts facts) {
        if (event.verdict() == Verdict.DROP) {
            dropped++;
        } else if (event.decided() == Verdict.DROP) {
            passed++;
        } else {
            left++;
        }
        final Fact known = last;
        final boolean same =
                known != null && known.source.equals(event.source()) && event.nanos() - factNanos < FACT_NANOS;
        if (!same) {
            final Fact fact = facts.of(event);
            last = fact;
            fault = EventWords.trouble(fact, event).fault();
            factNanos = event.nanos();
        }
    }

    /** Records of drops were lost in the meantime: more packets may have come than are known. */
    void blur() {
        blurred = true;
    }

    boolean blurred() {
        return blurred;
    }

    long dropped() {
        return dropped;
    }

    long passed() {
        return passed;
    }

    long left() {
        return left;
    }

    /** What was wrong with the last one; null if none came. */
    @Nullable Fact last() {
        return last;
    }

    /** Where the cause of the last one is, as the mode of then makes it. */
    Fault fault() {
        return fault;
    }
}
