package org.amverdict.engine;

import org.amverdict.packet.PacketView;
import org.amverdict.track.Ending;

/**
 * The engine's report of what it decided. Called by the worker thread in the middle of a batch: an implementation must
 * not block, must copy what it keeps (both arguments are reused for the next packet) and gets no packets of known flows
 * unless {@link #wantsEveryPacket()}.
 */
public interface EngineEvents {
    /** Ignores every report. */
    EngineEvents NONE = (packet, decision, nowNanos) -> {};

    void decided(PacketView packet, Decision decision, long nowNanos);

    /**
     * A flow, an unused expectation or an unanswered transaction has ended: because of a packet, and before that packet
     * is reported, or because its time ran out. Not called for {@link #NONE}.
     */
    default void ended(final Ending ending, final long nowNanos) {}

    /** Whether {@link Reason#ESTABLISHED} is reported too. Asked once, when the engine is made. */
    default boolean wantsEveryPacket() {
        return false;
    }
}
