package org.amverdict.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.events.TrackedConnection;
import org.amverdict.events.TrackedEnd;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.FlowSnapshot;

/**
 * The last connections that no REP announced: auth bsdtcp, old recovery, static ranges, and those that were announced or
 * under way before the start. Written by the reader's thread, copied by any.
 */
public final class Connections implements EventListener {
    static final int CAPACITY = 1024;

    private static final long NOT_COUNTED = -1;

    private final SessionLog sessions;
    private final Queue<TrackedEnd> trackedEnds;
    private final Map<Key, Connection> byEnds = new LinkedHashMap<>();
    private long forgotten;

    /**
     * Begins with none.
     *
     * @param sessions know of the streams that were announced since the start; told of an event before this is
     * @param trackedEnds gets the ends that connection tracking tells; used by the reader's thread alone
     */
    public Connections(final SessionLog sessions, final Queue<TrackedEnd> trackedEnds) {
        this.trackedEnds = trackedEnds;
        this.sessions = sessions;
    }

    private record Key(
            long sourceHigh,
            long sourceLow,
            int sourcePort,
            long destinationHigh,
            long destinationLow,
            int destinationPort) {}

    /** How far a connection came. */
    enum State {
        /** Its SYN, or a packet of it, was let through. */
        LET_THROUGH,
        /** The engine's table has forgotten it and never saw an answer. */
        UNSEEN,
        /** It was answered. */
        ANSWERED,
        /** Nobody answered. */
        UNANSWERED,
        /** The listener has answered with a RST. */
        REFUSED,
        /** It is over. */
        ENDED
    }

    /**
     * One connection. Immutable.
     *
     * @param stream why it was let in: CONTROL, LEGACY, STATIC or ADOPTED
     * @param openedNanos when, of {@link System#nanoTime}
     * @param state how far it came
     * @param cause how it ended, as events name it; empty if it has not
     * @param endedNanos when it ended
     * @param bytes IP bytes both ways, -1 where nobody counted them
     * @param owner number of the transaction that announced it, 0 if none did
     * @param tracked whether connection tracking has reported it to be answered, refused or over
     */
    record Connection(
            long sourceHigh,
            long sourceLow,
            int sourcePort,
            long destinationHigh,
            long destinationLow,
            int destinationPort,
            StreamName stream,
            long openedNanos,
            State state,
            String cause,
            long endedNanos,
            long bytes,
            long owner,
            boolean tracked) {}

    @Override
    public synchronized void event(final EventRecord event) {
        final StreamName stream = event.stream();
        if (stream == null || (event.transaction() > 0 && sessions.tells(event))) {
            return;
        }
        final Key key = key(event);
        if (event.kind() == EventRecord.FLOW_ENDED) {
            ended(key, stream, event);
        } else if (event.kind() == EventRecord.DECISION && event.opens() && event.verdict() == Verdict.ACCEPT) {
            put(
                    key,
                    stream,
                    event.nanos(),
                    State.LET_THROUGH,
                    "",
                    event.nanos(),
                    NOT_COUNTED,
                    event.transaction(),
                    false);
        }
    }

    private static Key key(final EventRecord event) {
        return new Key(
                event.sourceHigh(),
                event.sourceLow(),
                event.sourcePort(),
                event.destinationHigh(),
                event.destinationLow(),
                event.destinationPort());
    }

    private void ended(final Key key, final StreamName stream, final EventRecord event) {
        final Connection known = byEnds.get(key);
        final boolean followed = event.replyPackets() > 0;
        final boolean tracked = known != null && known.state() != State.LET_THROUGH;
        if (!followed && tracked && event.flowEnd() == FlowEnd.UNFOLLOWED) {
            return; // the kernel's connection tracking knows more
        }
        final State state = switch (event.flowEnd()) {
            case UNFOLLOWED -> State.UNSEEN;
            case REFUSED -> State.REFUSED;
            default -> State.ENDED;
        };
        final long bytes = followed ? event.originalBytes() + event.replyBytes() : NOT_COUNTED;
        put(
                key,
                stream,
                event.openedNanos(),
                state,
                event.flowEnd().label(),
                event.nanos(),
                Math.max(bytes, known == null ? NOT_COUNTED : known.bytes()),
                event.transaction(),
                false);
    }

    /** Takes up a connection that a state file remembers, while there is room. */
    public synchronized void restore(final FlowSnapshot flow) {
        if (byEnds.size() >= CAPACITY || flow.endReported()) {
            return;
        }
        final Key key = new Key(
                flow.tuple().sourceHigh(),
                flow.tuple().sourceLow(),
                flow.tuple().sourcePort(),
                flow.tuple().destinationHigh(),
                flow.tuple().destinationLow(),
                flow.tuple().destinationPort());
        put(
                key,
                flow.stream(),
                flow.openedNanos(),
                flow.replyPackets() > 0 ? State.ANSWERED : State.LET_THROUGH,
                "",
                flow.lastNanos(),
                NOT_COUNTED,
                flow.owner(),
                false);
    }

    /** Dumps that were announced before the start and of which a stream goes on. Any thread. */
    public synchronized int dumps() {
        return (int) byEnds.values().stream()
                .filter(connection -> connection.owner() > 0 && connection.state() == State.ANSWERED)
                .mapToLong(Connection::owner)
                .distinct()
                .count();
    }

    /** Whether the connection is one of these. Any thread. */
    synchronized boolean has(final TrackedConnection tracked) {
        return byEnds.containsKey(key(tracked));
    }

    private static Key key(final TrackedConnection tracked) {
        return new Key(
                tracked.originatorHigh(),
                tracked.originatorLow(),
                tracked.originatorPort(),
                tracked.responderHigh(),
                tracked.responderLow(),
                tracked.responderPort());
    }

    /**
     * What the kernel's connection tracking reports.
     *
     * @return false if it is none of these
     */
    synchronized boolean tracked(final TrackedConnection tracked, final long nanos) {
        final Key key = key(tracked);
        final Connection known = byEnds.get(key);
        if (known == null) {
            return false;
        }
        final boolean over = known.state() == State.ENDED || known.state() == State.REFUSED;
        final boolean answered = known.state() == State.ANSWERED || Tracking.wasAnswered(tracked);
        final State state = over
                ? known.state()
                : switch (tracked.kind()) {
                    case ANSWERED -> State.ANSWERED;
                    case FINISHED -> State.ENDED;
                    case RESET ->
                        answered ? State.ENDED : tracked.replyPackets() == 0 ? State.UNANSWERED : State.REFUSED;
                    case TIMED_OUT -> answered ? State.ENDED : State.UNANSWERED;
                };
        final String cause = over
                ? known.cause()
                : state == State.REFUSED
                        ? FlowEnd.REFUSED.label()
                        : Tracking.cause(tracked.kind(), state == State.ENDED);
        // Of one that nobody answered the table tells as much.
        final boolean came = known.tracked() || (!over && state != State.UNANSWERED);
        final long bytes =
                tracked.originalBytes() < 0 ? NOT_COUNTED : tracked.originalBytes() + Math.max(0, tracked.replyBytes());
        put(
                key,
                known.stream(),
                known.openedNanos(),
                state,
                cause,
                over ? known.endedNanos() : nanos,
                Math.max(bytes, known.bytes()),
                known.owner(),
                came);
        final boolean ends = !over && (state == State.ENDED || state == State.REFUSED);
        if (ends && !isFollowed(key)) {
            trackedEnds.add(end(key, known, cause, nanos, TrackedEnd.Counts.of(tracked)));
        }
        return true;
    }

    private void put(
            final Key key,
            final StreamName stream,
            final long openedNanos,
            final State state,
            final String cause,
            final long endedNanos,
            final long bytes,
            final long owner,
            final boolean tracked) {
        byEnds.remove(key);
        if (byEnds.size() >= CAPACITY) {
            final Iterator<Map.Entry<Key, Connection>> eldest =
                    byEnds.entrySet().iterator();
            final Map.Entry<Key, Connection> gone = eldest.next();
            if (isOpen(gone.getKey(), gone.getValue())) {
                trackedEnds.add(end(
                        gone.getKey(),
                        gone.getValue(),
                        FlowEnd.EVICTED.label(),
                        gone.getValue().endedNanos(),
                        TrackedEnd.Counts.NONE));
            }
            eldest.remove();
            forgotten++;
        }
        byEnds.put(
                key,
                new Connection(
                        key.sourceHigh(),
                        key.sourceLow(),
                        key.sourcePort(),
                        key.destinationHigh(),
                        key.destinationLow(),
                        key.destinationPort(),
                        stream,
                        openedNanos,
                        state,
                        cause,
                        endedNanos,
                        bytes,
                        owner,
                        tracked));
    }

    /** Whether it goes on, and its end would be told by connection tracking. */
    private boolean isOpen(final Key key, final Connection known) {
        return known.tracked() && known.state() == State.ANSWERED && !isFollowed(key);
    }

    /** Whether the queue sees its answers, and so will see its end. */
    private boolean isFollowed(final Key key) {
        return sessions.follows(
                key.sourceHigh(),
                key.sourceLow(),
                key.sourcePort(),
                key.destinationHigh(),
                key.destinationLow(),
                key.destinationPort());
    }

    private static TrackedEnd end(
            final Key key,
            final Connection known,
            final String cause,
            final long lastNanos,
            final TrackedEnd.Counts counts) {
        return new TrackedEnd(
                key.sourceHigh(),
                key.sourceLow(),
                key.sourcePort(),
                key.destinationHigh(),
                key.destinationLow(),
                key.destinationPort(),
                known.stream(),
                known.owner(),
                known.openedNanos(),
                lastNanos,
                cause,
                counts);
    }

    /** Whether the flow is one of these whose end connection tracking tells, or has told. */
    synchronized boolean isTracked(final EventRecord flow) {
        final Connection known = byEnds.get(key(flow));
        return known != null && known.tracked();
    }

    /** Those that go on, and whose end connection tracking would tell. */
    synchronized void forEachTracked(final Consumer<TrackedEnd> visitor) {
        byEnds.forEach((key, known) -> {
            if (isOpen(key, known)) {
                visitor.accept(end(key, known, "stop", known.endedNanos(), TrackedEnd.Counts.NONE));
            }
        });
    }

    /** Connections that were forgotten to make room; any thread. */
    synchronized long forgotten() {
        return forgotten;
    }

    /** Newest first; any thread. */
    synchronized List<Connection> recent() {
        final List<Connection> newest = new ArrayList<>(byEnds.values());
        Collections.reverse(newest);
        return newest;
    }
}
