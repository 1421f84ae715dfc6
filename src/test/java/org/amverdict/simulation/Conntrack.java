package org.amverdict.simulation;

import java.util.HashMap;
import java.util.Map;
import org.amverdict.packet.TcpView;
import org.jspecify.annotations.Nullable;

/** What the kernel's connection tracking knows, so which packets it carries past the queue. */
final class Conntrack {
    private static final long UNANSWERED = 120 * Simulation.SECOND;
    /** The third packet, in offload: SYN, SYN/ACK, ACK. */
    private static final int BEGINNING = 3;

    /** A connection, by the way of its opener. */
    private static final class Tracked {
        boolean replied;
        int packets;
        long lastNanos;
    }

    private final Plan.Placement placement;
    private final Map<Way, Tracked> tracked = new HashMap<>();

    Conntrack(final Plan.Placement placement) {
        this.placement = placement;
    }

    boolean carries(final Packet.Segment segment, final boolean honest, final long now) {
        if (placement == Plan.Placement.INLINE) {
            return false;
        }
        final Tracked forth = live(segment.way(), now);
        if (!honest && !segment.begins()) {
            // Its sequence numbers fit nothing, so conntrack calls it invalid.
            return false;
        }
        final Tracked back = forth == null ? live(segment.way().back(), now) : null;
        if (placement == Plan.Placement.GATE) {
            return back != null || (forth != null && forth.replied);
        }
        final Tracked any = forth == null ? back : forth;
        return any != null && any.replied && any.packets >= BEGINNING;
    }

    private @Nullable Tracked live(final Way opener, final long now) {
        final Tracked found = tracked.get(opener);
        if (found != null && !found.replied && now - found.lastNanos > UNANSWERED) {
            tracked.remove(opener);
            return null;
        }
        return found;
    }

    /** The segment got through. */
    void passed(final Packet.Segment segment, final boolean honest, final long now) {
        if (placement == Plan.Placement.INLINE) {
            return;
        }
        final Tracked back = live(segment.way().back(), now);
        if (!honest && !segment.begins()) {
            return;
        }
        if (segment.has(TcpView.RST)) {
            tracked.remove(segment.way());
            tracked.remove(segment.way().back());
            return;
        }
        final Tracked entry = back == null ? tracked.computeIfAbsent(segment.way(), way -> new Tracked()) : back;
        entry.replied |= back != null;
        entry.packets++;
        entry.lastNanos = now;
    }
}
