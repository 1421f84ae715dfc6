package org.amverdict.history;

import org.amverdict.track.Removal;
import org.jspecify.annotations.Nullable;

/**
 * The state of an announced port at some moment. Immutable.
 *
 * @param what stream and service: {@code DATA of sendbackup}
 * @param port that was announced
 * @param announcedAgoNanos from the REP to that moment
 * @param changedAgoNanos from its last change to that moment
 */
record Past(String what, int port, Outcome outcome, long announcedAgoNanos, long changedAgoNanos) {
    /**
     * How far it had got.
     *
     * @param removal how it ended, if {@link State#ENDED}
     * @param connectorPort port that connected, 0 if none
     * @param refused what was wrong with the REP, if {@link State#REFUSED}
     */
    record Outcome(
            State state,
            Removal removal,
            int connectorPort,
            @Nullable Fact refused) {}

    /** How far an announced port had got. */
    enum State {
        /** Expected. */
        WAITING,
        /** Its connection was allowed. */
        TAKEN,
        /** No longer expected, without a connection. */
        ENDED,
        /** The REP failed a check, so it was never expected. */
        REFUSED
    }

    State state() {
        return outcome.state();
    }
}
