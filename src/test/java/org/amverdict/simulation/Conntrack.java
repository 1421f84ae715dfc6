package org.amverdict.simulation;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.amverdict.packet.TcpView;
import org.jspecify.annotations.Nullable;

/** What the kernel's connection tracking knows, so which packets it carries past the queue. */
final class Conntrack {
    private static final long UNANSWERED = 120 * Simulation.SECOND;
    private static final long CLOSED = 10 * Simulation.SECOND;
    /** The third packet, in offload: SYN, SYN/ACK, ACK. */
    private static final int BEGINNING = 3;

    /** A connection, by the way of its opener. */
    private static final class Tracked {
        boolean replied;
        int packets;
        /** The handshake is complete. */
        boolean assured;
        /** A RST closed it; what repeats its packets still belongs to it. */
        boolean closed;

        long lastNanos;
    }

    private final Plan.Placement placement;
    private final Consumer<Way> refusals;
    private final Map<Way, Tracked> tracked = new HashMap<>();

    /** @param refusals gets each connection that a RST ended before its handshake was complete */
    Conntrack(final Plan.Placement placement, final Consumer<Way> refusals) {
        this.placement = placement;
        this.refusals = refusals;
    }

    boolean carries(final Packet.Segment segment, final boolean honest, final long now) {
        if (placement == Plan.Placement.INLINE) {
            return false;
        }
        if (segment.begins()) {
            forgetClosed(segment.way());
            forgetClosed(segment.way().back());
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

    /** A SYN begins another connection. */
    private void forgetClosed(final Way opener) {
        final Tracked found = tracked.get(opener);
        if (found != null && found.closed) {
            tracked.remove(opener);
        }
    }

    private @Nullable Tracked live(final Way opener, final long now) {
        final Tracked found = tracked.get(opener);
        if (found == null) {
            return null;
        }
        final long silent = now - found.lastNanos;
        final boolean over = found.closed ? silent > CLOSED : !found.replied && silent > UNANSWERED;
        if (over) {
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
            reset(back == null ? segment.way() : segment.way().back(), now);
            return;
        }
        final Tracked entry = back == null ? tracked.computeIfAbsent(segment.way(), way -> new Tracked()) : back;
        entry.assured |= back == null && entry.replied && !segment.begins();
        entry.replied |= back != null;
        entry.packets++;
        entry.lastNanos = now;
    }

    private void reset(final Way opener, final long now) {
        final Tracked found = live(opener, now);
        if (found == null) {
            return;
        }
        if (!found.closed && !found.assured) {
            refusals.accept(opener);
        }
        if (found.replied) {
            found.closed = true;
            found.lastNanos = now;
        } else {
            tracked.remove(opener);
        }
    }
}
