package org.amverdict.history;

import org.amverdict.engine.Verdict;
import org.amverdict.events.EventRecord;
import org.jspecify.annotations.Nullable;

/**
 * Packets that came while something like them was awaited, and that were judged to be something else. As long as there are
 * none, and no record of a drop was lost, "none came" is a fact. Guarded by the lock of {@link SessionLog}.
 */
final class Strays {
    /** Packets of one host are looked up once in this time. */
    private static final long FACT_NANOS = 1_000_000_000L;

    /** Those that were dropped, and those that passed because the mode was monitor. */
    private long dropped;

    private long passed;
    private @Nullable Fact last;
    private long factNanos;
    private boolean blurred;

    void add(final EventRecord event, final Facts facts) {
        if (event.verdict() == Verdict.DROP) {
            dropped++;
        } else {
            passed++;
        }
        final Fact known = last;
        final boolean same =
                known != null && known.source.equals(event.source()) && event.nanos() - factNanos < FACT_NANOS;
        if (!same) {
            last = facts.of(event);
            factNanos = event.nanos();
        }
    }

    /** Records of drops were lost in the meantime: more may have come than is known. */
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

    /** What stood in the way of the last one; null if none came. */
    @Nullable Fact last() {
        return last;
    }
}
