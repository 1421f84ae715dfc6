package org.amverdict.events;

import org.amverdict.amanda.DiskNames;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.ResponderWords;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.PacketView;
import org.amverdict.track.Ending;

/**
 * One worker's end of the telemetry: hands over what its engine reports as numbers and a little text. Made by
 * {@link EventReader#events}; called by one worker thread only; never blocks or allocates.
 */
public final class WorkerEvents implements EngineEvents {
    private final EventRing ring;
    private final DropBudget drops = new DropBudget();
    private final DiskNames disks = new DiskNames();
    private final ResponderWords words = new ResponderWords();

    WorkerEvents(final EventRing ring) {
        this.ring = ring;
    }

    /** Events without a reader. */
    public static WorkerEvents unread() {
        return new WorkerEvents(new EventRing());
    }

    @Override
    public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
        if (decision.reason() == Reason.RELATED) {
            return;
        }
        if (decision.decided() != Verdict.ACCEPT && !drops.take(decision, nowNanos)) {
            return;
        }
        DiskNames named = null;
        if (decision.opens() && decision.messageType() == MessageType.REQ) {
            disks.read(packet.buffer(), decision.bodyOffset(), decision.bodyLength());
            named = disks;
        }
        // For a known exchange only: a stranger's message is no answer.
        ResponderWords said = null;
        final MessageType type = decision.messageType();
        if (type != null && PacketRole.of(decision.reason()) == PacketRole.ANSWER) {
            words.read(type, packet.buffer(), decision.bodyOffset(), decision.bodyLength());
            said = words.count() > 0 ? words : null;
        }
        ring.offer(packet, decision, named, said, nowNanos);
    }

    @Override
    public void ended(final Ending ending, final long nowNanos) {
        ring.offer(ending, nowNanos);
    }

    /** Refused packets that are only counted. */
    DropBudget drops() {
        return drops;
    }
}
