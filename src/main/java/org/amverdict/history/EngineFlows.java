package org.amverdict.history;

import java.util.function.LongSupplier;
import org.amverdict.events.Ends;
import org.amverdict.events.StreamCounts;
import org.amverdict.track.FlowSnapshot;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Scratch;
import org.jspecify.annotations.Nullable;

/** What the engine's table knows about streams that may still be running. Guarded by the lock of {@link SessionLog}. */
final class EngineFlows {
    private final FlowTable flows;
    private final LongSupplier nanoTime;
    private final Scratch scratch = new Scratch();

    /** @param nanoTime {@link System#nanoTime} */
    EngineFlows(final FlowTable flows, final LongSupplier nanoTime) {
        this.flows = flows;
        this.nanoTime = nanoTime;
    }

    /** Copies what a stream that is not over has carried so far, and whether it was answered. */
    void look(final SessionRecord session, final StreamRecord stream) {
        final boolean mayGoOn =
                stream.state == Session.StreamState.CONNECTED || stream.state == Session.StreamState.LET_THROUGH;
        if (!mayGoOn || stream.unseen) {
            return;
        }
        final @Nullable FlowSnapshot flow =
                flows.look(scratch, session.ends(stream).tuple());
        if (flow != null && flow.owner() == session.number) {
            final long silent = nanoTime.getAsLong() - flow.lastNanos();
            stream.figures(
                    Math.max(flow.longestGapNanos(), silent),
                    new StreamCounts(
                            flow.originalPackets(), flow.originalBytes(), flow.replyPackets(), flow.replyBytes()),
                    flow.lastNanos());
            if (stream.followed()) {
                stream.answered(flow.lastNanos());
            }
        }
    }

    /** Whether the table has a connection both of whose directions it sees. */
    boolean follows(final Ends ends) {
        final @Nullable FlowSnapshot flow = flows.look(scratch, ends.tuple());
        return flow != null && flow.replyPackets() > 0;
    }
}
