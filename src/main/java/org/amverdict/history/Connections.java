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
import org.amverdict.events.Ends;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.events.StreamCounts;
import org.amverdict.events.TrackedConnection;
import org.amverdict.events.TrackedEnd;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.FlowSnapshot;

/**
 * The last connections that no REP announced: auth bsdtcp, legacy recovery, static ranges, and those that were
 * announced or under way before the start. Written by the reader's thread, copied by any.
 */
public final class Connections implements EventListener {
    static final int CAPACITY = 1024;

    private static final long NOT_COUNTED = -1;

    private final SessionLog sessions;
    private final Queue<TrackedEnd> trackedEnds;
    private final Map<Ends, Connection> byEnds = new LinkedHashMap<>();
    private long forgotten;

    /**
     * Begins with none.
     *
     * @param sessions know the streams announced since the start; get each event before this object does
     * @param trackedEnds gets the ends that connection tracking reports; used by the reader's thread only
     */
    public Connections(final SessionLog sessions, final Queue<TrackedEnd> trackedEnds) {
        this.trackedEnds = trackedEnds;
        this.sessions = sessions;
    }

    /** How far a connection got. */
    enum State {
        /** Its SYN, or a packet of it, was let through. */
        LET_THROUGH,
        /** The engine's table forgot it and never saw an answer. */
        UNSEEN,
        /** It was answered. */
        ANSWERED,
        /** It was never answered. */
        UNANSWERED,
        /** The listener answered with a RST. */
        REFUSED,
        /** It is over. */
        ENDED
    }

    /**
     * One connection. Immutable.
     *
     * @param owner number of the transaction that announced it, 0 if none did
     * @param stream why it was allowed: CONTROL, LEGACY, STATIC or ADOPTED
     * @param openedNanos when, of {@link System#nanoTime}
     */
    record Connection(Ends ends, long owner, StreamName stream, long openedNanos, Course course) {
        State state() {
            return course.state();
        }

        private Connection with(final Course newCourse) {
            return new Connection(ends, owner, stream, openedNanos, newCourse);
        }

        private TrackedEnd end(final String cause, final long lastNanos, final StreamCounts counts) {
            return new TrackedEnd(ends, stream, owner, new TrackedEnd.Times(openedNanos, lastNanos), cause, counts);
        }
    }

    /**
     * How far a connection got. Immutable.
     *
     * @param cause how it ended, as events name it; empty if it has not
     * @param endedNanos when it ended, or when its last packet came
     * @param tracked whether connection tracking has reported it as answered, refused or over
     * @param bytes IP bytes both ways, -1 where they were not counted
     */
    record Course(State state, String cause, long endedNanos, boolean tracked, long bytes) {
        private static Course open(final State state, final long nanos) {
            return new Course(state, "", nanos, false, NOT_COUNTED);
        }
    }

    @Override
    public synchronized void event(final EventRecord event) {
        final StreamName stream = event.stream();
        if (stream == null || (event.transaction() > 0 && sessions.tells(event))) {
            return;
        }
        if (event.kind() == EventRecord.FLOW_ENDED) {
            ended(stream, event);
        } else if (event.kind() == EventRecord.DECISION && event.opens() && event.decided() == Verdict.ACCEPT) {
            put(new Connection(
                    event.ends(),
                    event.transaction(),
                    stream,
                    event.nanos(),
                    Course.open(State.LET_THROUGH, event.nanos())));
        }
    }

    private void ended(final StreamName stream, final EventRecord event) {
        final Ends ends = event.ends();
        final Connection known = byEnds.get(ends);
        final boolean followed = event.replyPackets() > 0;
        final boolean tracked = known != null && known.state() != State.LET_THROUGH;
        if (!followed && tracked && event.flowEnd() == FlowEnd.UNFOLLOWED) {
            return; // the kernel's connection tracking knows better
        }
        final State state = switch (event.flowEnd()) {
            case UNFOLLOWED -> State.UNSEEN;
            case REFUSED -> State.REFUSED;
            case FINISHED, RESET, IDLE, EVICTED, REPLACED -> State.ENDED;
        };
        final long bytes = followed ? event.originalBytes() + event.replyBytes() : NOT_COUNTED;
        final Course course = new Course(
                state,
                event.flowEnd().label(),
                event.nanos(),
                false,
                Math.max(bytes, known == null ? NOT_COUNTED : known.course().bytes()));
        put(new Connection(ends, event.transaction(), stream, event.openedNanos(), course));
    }

    /** Restores a connection from a state file, while there is room. */
    public synchronized void restore(final FlowSnapshot flow) {
        if (byEnds.size() >= CAPACITY || flow.endReported()) {
            return;
        }
        final Ends ends = Ends.of(flow.tuple());
        final State state = flow.replyPackets() > 0 ? State.ANSWERED : State.LET_THROUGH;
        put(new Connection(
                ends, flow.owner(), flow.stream(), flow.openedNanos(), Course.open(state, flow.lastNanos())));
    }

    /** Dumps that were announced before the start and have a running stream. Any thread. */
    public synchronized int dumps() {
        return (int) byEnds.values().stream()
                .filter(connection -> connection.owner() > 0 && connection.state() == State.ANSWERED)
                .mapToLong(Connection::owner)
                .distinct()
                .count();
    }

    /** Whether the connection is one of these. Any thread. */
    synchronized boolean has(final TrackedConnection tracked) {
        return byEnds.containsKey(tracked.ends());
    }

    /**
     * Handles a report of the kernel's connection tracking.
     *
     * @return false if it is none of these
     */
    synchronized boolean tracked(final TrackedConnection tracked, final long nanos) {
        final Connection known = byEnds.get(tracked.ends());
        if (known == null) {
            return false;
        }
        final boolean over = known.state() == State.ENDED || known.state() == State.REFUSED;
        final Course course = over ? known.course() : course(known, tracked, nanos);
        final long bytes =
                tracked.originalBytes() < 0 ? NOT_COUNTED : tracked.originalBytes() + Math.max(0, tracked.replyBytes());
        put(known.with(new Course(
                course.state(),
                course.cause(),
                course.endedNanos(),
                course.tracked(),
                Math.max(bytes, known.course().bytes()))));
        final boolean ends = !over && (course.state() == State.ENDED || course.state() == State.REFUSED);
        if (ends && !isFollowed(known.ends())) {
            trackedEnds.add(known.end(course.cause(), nanos, tracked.counts()));
        }
        return true;
    }

    /** The next state of a connection that is not over. */
    private static Course course(final Connection known, final TrackedConnection tracked, final long nanos) {
        final boolean answered = known.state() == State.ANSWERED || Tracking.wasAnswered(tracked);
        final State state = switch (tracked.kind()) {
            case ANSWERED -> State.ANSWERED;
            case FINISHED -> State.ENDED;
            case RESET -> answered ? State.ENDED : tracked.replyPackets() == 0 ? State.UNANSWERED : State.REFUSED;
            case TIMED_OUT -> answered ? State.ENDED : State.UNANSWERED;
        };
        final String cause =
                state == State.REFUSED ? FlowEnd.REFUSED.label() : Tracking.cause(tracked.kind(), state == State.ENDED);
        // If there was no answer, the engine's table knows just as much.
        final boolean came = known.course().tracked() || state != State.UNANSWERED;
        return new Course(state, cause, nanos, came, known.course().bytes());
    }

    private void put(final Connection connection) {
        byEnds.remove(connection.ends());
        if (byEnds.size() >= CAPACITY) {
            final Iterator<Connection> eldest = byEnds.values().iterator();
            final Connection gone = eldest.next();
            if (isOpen(gone)) {
                trackedEnds.add(gone.end(FlowEnd.EVICTED.label(), gone.course().endedNanos(), StreamCounts.NONE));
            }
            eldest.remove();
            forgotten++;
        }
        byEnds.put(connection.ends(), connection);
    }

    /** Whether it is running and connection tracking would report its end. */
    private boolean isOpen(final Connection known) {
        return known.course().tracked() && known.state() == State.ANSWERED && !isFollowed(known.ends());
    }

    /** Whether the queue sees its answers, and so will see its end. */
    private boolean isFollowed(final Ends ends) {
        return sessions.follows(ends);
    }

    /** Whether the flow is one of these whose end connection tracking reports, or has reported. */
    synchronized boolean isTracked(final EventRecord flow) {
        final Connection known = byEnds.get(flow.ends());
        return known != null && known.course().tracked();
    }

    /** Those that are running and whose end connection tracking would report. */
    synchronized void forEachTracked(final Consumer<TrackedEnd> visitor) {
        for (final Connection known : byEnds.values()) {
            if (isOpen(known)) {
                visitor.accept(known.end("stop", known.course().endedNanos(), StreamCounts.NONE));
            }
        }
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
