package org.amverdict.telemetry;

import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.PacketView;

/**
 * One worker's end of the human log: picks what a person wants to read (drops, refused replies, expectations opened) and
 * hands it over as primitives. Made by {@link DropLogWriter#events}; called by one worker thread only, and neither blocks
 * nor allocates.
 */
public final class DropLog implements EngineEvents {
    private final DecisionRing ring;

    DropLog(final DecisionRing ring) {
        this.ring = ring;
    }

    @Override
    public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
        if (decision.verdict() == Verdict.DROP
                || decision.streamCount() > 0
                || decision.reason() == Reason.REFUSED_REPLY) {
            ring.offer(packet, decision);
        }
    }
}
