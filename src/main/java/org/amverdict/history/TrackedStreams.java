package org.amverdict.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.amverdict.events.EventRecord;
import org.amverdict.events.TrackedEnd;
import org.amverdict.events.TrackedEnds;
import org.jspecify.annotations.Nullable;

/**
 * The streams whose end the kernel's connection tracking reports, so that each stream has one end: those that were let
 * in, whose answers are not queued, and that the kernel has reported as answered or refused. The expiry of the SYN in
 * the engine's table, or a stop of the program while the stream runs, then does not count as another end. For the
 * reader's thread.
 */
public final class TrackedStreams implements TrackedEnds {
    private final SessionLog sessions;
    private final Connections connections;
    private final Queue<TrackedEnd> ended;

    /** @param ended filled by the sessions and the connections */
    public TrackedStreams(final SessionLog sessions, final Connections connections, final Queue<TrackedEnd> ended) {
        this.sessions = sessions;
        this.connections = connections;
        this.ended = ended;
    }

    public static Queue<TrackedEnd> queue() {
        return new ArrayDeque<>();
    }

    @Override
    public boolean reports(final EventRecord flow) {
        return flow.replyPackets() == 0
                && ((flow.transaction() > 0 && sessions.isTracked(flow)) || connections.isTracked(flow));
    }

    @Override
    public @Nullable TrackedEnd poll() {
        return ended.poll();
    }

    @Override
    public List<TrackedEnd> open() {
        final List<TrackedEnd> open = new ArrayList<>();
        sessions.forEachTracked(open::add);
        connections.forEachTracked(open::add);
        return open;
    }
}
