package org.amverdict.history;

import org.amverdict.track.Removal;
import org.jspecify.annotations.Nullable;

/**
 * What had become of an announced port at some moment. Immutable.
 *
 * @param what stream and service: {@code DATA of sendbackup}
 * @param port that was announced
 * @param announcedAgoNanos from the REP to that moment
 * @param changedAgoNanos from its last change to that moment
 */
record Past(String what, int port, Outcome outcome, long announcedAgoNanos, long changedAgoNanos) {
    /**
     * How far it had come.
     *
     * @param removal how it ended, of one that {@link State#ENDED}
     * @param connectorPort port that connected, 0 if none
     * @param refused what stood in the way of the REP, of one that was {@link State#REFUSED}
     */
    record Outcome(
            State state,
            Removal removal,
            int connectorPort,
            @Nullable Fact refused) {}

    /** How far an announced port had come. */
    enum State {
        /** Expected. */
        WAITING,
        /** Its connection was let in. */
        TAKEN,
        /** Expected no longer, and nobody had connected. */
        ENDED,
        /** The REP failed a check, so it was never expected. */
        REFUSED
    }

    State state() {
        return outcome.state();
    }
}
