package org.amverdict.track;

import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.policy.HostPrefix;

/** Lets tests of other packages write what only the tables write. */
public final class TrackTestAccess {
    private TrackTestAccess() {}

    public static void countCreated(final TableCounters counters, final StreamName stream) {
        counters.countCreated(stream);
    }

    public static void countWait(final TableCounters counters, final StreamName stream, final long nanos) {
        counters.countWait(stream, nanos);
    }

    public static void countRemoved(final TableCounters counters, final Removal cause) {
        counters.countRemoved(cause);
    }

    public static void countUnanswered(final TableCounters counters, final Service service, final Removal cause) {
        counters.countUnanswered(service, cause);
    }

    public static void countLimit(final TableCounters counters, final TableName table, final LimitScope scope) {
        counters.countLimit(table, scope);
    }

    /** The end of a followed connection that a transaction announced. */
    public static Ending flowEnded(
            final long owner,
            final String originator,
            final int originatorPort,
            final String responder,
            final int responderPort,
            final FlowEnd end) {
        final HostPrefix from = HostPrefix.parse(originator);
        final HostPrefix to = HostPrefix.parse(responder);
        final Ending ending = new Ending();
        ending.figures.owner = owner;
        ending.figures.tuple.set(from.high(), from.low(), originatorPort, to.high(), to.low(), responderPort);
        ending.figures.originalPackets = 2;
        ending.figures.replyPackets = 2;
        ending.flowEnd = end;
        return ending;
    }
}
