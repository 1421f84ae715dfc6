package org.amverdict.history;

import java.util.function.LongSupplier;
import org.amverdict.events.Ends;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Ending;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Scratch;
import org.jspecify.annotations.Nullable;

/** What the engine's table knows about streams that may go on. Guarded by the lock of {@link SessionLog}. */
final class EngineFlows {
    private final FlowTable flows;
    private final LongSupplier nanoTime;
    private final Scratch scratch = new Scratch();
    private final Tuple tuple = new Tuple();

    /** @param nanoTime {@link System#nanoTime} */
    EngineFlows(final FlowTable flows, final LongSupplier nanoTime) {
        this.flows = flows;
        this.nanoTime = nanoTime;
    }

    /** Takes over what a stream that is not over has carried so far, and whether it was answered. */
    void look(final SessionRecord session, final StreamRecord stream) {
        final boolean mayGoOn =
                stream.state == Session.StreamState.CONNECTED || stream.state == Session.StreamState.LET_THROUGH;
        if (!mayGoOn || stream.unseen) {
            return;
        }
        tuple.set(
                session.requesterHigh,
                session.requesterLow,
                stream.connectorPort,
                stream.openedHigh,
                stream.openedLow,
                stream.port);
        final @Nullable Ending flow = flows.look(scratch, tuple);
        if (flow != null && flow.owner() == session.number) {
            final long silent = nanoTime.getAsLong() - flow.lastNanos();
            stream.figures(
                    flow.originalPackets(),
                    flow.originalBytes(),
                    flow.replyPackets(),
                    flow.replyBytes(),
                    Math.max(flow.longestGapNanos(), silent),
                    flow.lastNanos());
            if (stream.followed()) {
                stream.answered(flow.lastNanos());
            }
        }
    }

    /** Whether the table has a connection both of whose directions it sees. */
    boolean follows(final Ends ends) {
        tuple.set(
                ends.sourceHigh(),
                ends.sourceLow(),
                ends.sourcePort(),
                ends.destinationHigh(),
                ends.destinationLow(),
                ends.destinationPort());
        final @Nullable Ending flow = flows.look(scratch, tuple);
        return flow != null && flow.replyPackets() > 0;
    }
}
