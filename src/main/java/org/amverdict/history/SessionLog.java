package org.amverdict.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.Ends;
import org.amverdict.events.EventFields;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.events.PacketRole;
import org.amverdict.events.StreamCounts;
import org.amverdict.events.TrackedConnection;
import org.amverdict.events.TrackedEnd;
import org.amverdict.events.WallClock;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.FlowTable;
import org.jspecify.annotations.Nullable;

/** The history of the last transactions, written by the reader's thread and copied by any. */
public final class SessionLog implements SessionHistory, EventListener {
    /** Most streams of one transaction: a few replies with five each. */
    private static final int STREAMS_MAX = 32;
    /**
     * A REQ this soon after the responder's ACK is repeated because the ACK did not arrive: the wait for a REP is
     * longer.
     */
    private static final long DEAF_NANOS = 25_000_000_000L;
    /** An even earlier one may have crossed it. */
    private static final long IN_FLIGHT_NANOS = 2_000_000_000L;

    private final EngineFlows flows;
    private final WallClock clock;
    private final LongSupplier nanoTime;
    private final SessionTable table = new SessionTable(this::forget);
    private final Awaited awaited;
    private final Facts facts;
    private final Queue<TrackedEnd> trackedEnds;
    private volatile LongSupplier dropsLost = () -> 0;
    /** Drops without a record up to the last round: those of this round may have come after any of its records. */
    private long lostBefore;

    /**
     * Begins with none.
     *
     * @param flows tells how much the running streams have carried
     * @param trackedEnds gets the ends that connection tracking reports; used by the reader's thread only
     * @param nanoTime {@link System#nanoTime}
     */
    public SessionLog(
            final FlowTable flows,
            final Facts facts,
            final Queue<TrackedEnd> trackedEnds,
            final WallClock clock,
            final LongSupplier nanoTime) {
        this.trackedEnds = trackedEnds;
        this.flows = new EngineFlows(flows, nanoTime);
        this.facts = facts;
        awaited = new Awaited(facts);
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Sets the counter of drops without a record. */
    public void dropsLost(final LongSupplier counter) {
        dropsLost = counter;
    }

    /** Sessions that were forgotten to make room, since the start; any thread. */
    public long forgotten() {
        return table.forgotten();
    }

    @Override
    public synchronized void event(final EventRecord event) {
        if (event.isRefused()) {
            dropped(event);
        }
        if (event.transaction() <= 0) {
            return;
        }
        switch (event.kind()) {
            case EventRecord.FLOW_ENDED -> flowEnded(event);
            case EventRecord.EXPECTATION_ENDED -> expectationEnded(event);
            case EventRecord.TRANSACTION_ENDED -> transactionEnded(event);
            default -> decided(event);
        }
    }

    @Override
    public synchronized void tick(final long nowNanos) {
        lostBefore = dropsLost.getAsLong();
    }

    private void dropped(final EventRecord event) {
        if (event.reason() != Reason.NO_FLOW) {
            awaited.dropped(event);
            return;
        }
        final SessionTable.Connected answered = table.find(event.ends().reversed());
        if (answered != null && answered.stream().state == Session.StreamState.LET_THROUGH) {
            answered.stream().strayAnswers.add(event, facts);
        }
    }

    /** Such an ending has a number and no hosts; if two sessions have the number, it is assigned to no session. */
    private void transactionEnded(final EventRecord event) {
        final SessionRecord session = table.findOnly(event.transaction());
        if (session != null && session.outcome == Session.Outcome.OPEN) {
            session.outcome = Session.Outcome.EXPIRED;
            session.removal = event.removal();
        }
    }

    private void decided(final EventRecord event) {
        final PacketRole role = event.role();
        final MessageType type = event.type();
        if (type == null) {
            if (role == PacketRole.ANNOUNCED_STREAM) {
                letThrough(event);
            }
            return;
        }
        final boolean fromRequester = role == PacketRole.REQUEST || role == PacketRole.ACKNOWLEDGEMENT;
        if (!fromRequester && role != PacketRole.ANSWER) {
            return;
        }
        final SessionRecord known = table.find(event, fromRequester);
        final SessionRecord session = known == null ? begin(event, fromRequester) : known;
        if (fromRequester) {
            asked(session, type, event);
        } else {
            answered(session, type, event);
        }
    }

    private static void asked(final SessionRecord session, final MessageType type, final EventRecord event) {
        if (type == MessageType.ACK) {
            session.acknowledged |= session.replies > 0;
            return;
        }
        session.requests++;
        session.lastRequestNanos = event.nanos();
        final long sinceAck = event.nanos() - session.requestNanos - session.ackNanos;
        if (session.ackNanos >= 0 && sinceAck > IN_FLIGHT_NANOS && sinceAck < DEAF_NANOS) {
            session.deafRequests++;
        }
        if (event.diskCount() > 0) {
            session.diskCount = event.diskCount();
            session.disks = event.disks().stream().map(EventFields::escaped).toList();
            final String level = event.level();
            session.level = level == null ? null : EventFields.escaped(level);
        }
    }

    private SessionRecord begin(final EventRecord event, final boolean fromRequester) {
        final SessionRecord session = table.begin(event, fromRequester, nanoTime.getAsLong());
        awaited.begin(session);
        return session;
    }

    private void forget(final SessionRecord session) {
        awaited.end(session);
        for (final StreamRecord stream : session.streams) {
            lookAtFlow(session, stream);
            if (stream.toldByTracking() && stream.state == Session.StreamState.CONNECTED) {
                trackedEnds.add(session.end(stream, FlowEnd.EVICTED.label(), stream.heardNanos, StreamCounts.NONE));
            }
        }
    }

    private void answered(final SessionRecord session, final MessageType type, final EventRecord event) {
        final String said = event.said();
        if (said != null && event.verdict() != Verdict.DROP) {
            session.said = said;
        }
        switch (type) {
            case ACK ->
                session.ackNanos = session.ackNanos < 0 ? event.nanos() - session.requestNanos : session.ackNanos;
            case NAK -> session.outcome = Session.Outcome.NAK;
            case REP -> replied(session, event);
            default -> {
                // PREP: an estimate is still running
            }
        }
    }

    private void replied(final SessionRecord session, final EventRecord event) {
        if (event.refusal() != Refusal.NONE) {
            session.refusal = event.refusal().label();
            session.refused = EventWords.trouble(facts.of(event), event);
            session.outcome = session.outcome == Session.Outcome.REPLIED ? session.outcome : Session.Outcome.REFUSED;
        } else {
            session.outcome = Session.Outcome.REPLIED;
        }
        if (event.verdict() != Verdict.DROP) {
            session.replies++;
            session.lastReplyNanos = event.nanos();
            if (session.replyNanos < 0) {
                session.replyNanos = event.nanos() - session.requestNanos;
            }
        }
        if (event.streamCount() > 0) {
            // Replaces those of an earlier reply, if none was used.
            session.streams.stream()
                    .filter(stream -> stream.connectorPort == 0)
                    .forEach(stream -> awaited.end(session, stream));
            session.streams.removeIf(stream -> stream.connectorPort == 0);
        }
        for (int i = 0; i < event.streamCount() && session.streams.size() < STREAMS_MAX; i++) {
            final StreamRecord known = session.stream(event.streamPort(i));
            if (known == null || !known.open(event.nanos())) {
                final StreamRecord stream =
                        new StreamRecord(event.streamName(i), event.nanos(), event.streamPort(i), lostBefore);
                session.streams.add(stream);
                awaited.begin(session, stream);
            }
        }
    }

    private void letThrough(final EventRecord event) {
        final SessionRecord session = table.findConnected(event);
        final StreamName name = event.stream();
        if (session == null || name == null) {
            return;
        }
        StreamRecord stream = session.stream(event.destinationPort());
        if (stream == null) {
            stream = new StreamRecord(name, event.nanos() - event.waitedNanos(), event.destinationPort(), lostBefore);
            session.streams.add(stream);
        }
        awaited.end(session, stream);
        table.disconnected(session, stream);
        stream.letThrough(event.waitedNanos(), event.sourcePort(), event.nanos());
        stream.opened = event.destination();
        table.connected(session, stream);
        lookAtFlow(session, stream);
        stream.synBytes = stream.originalPackets == 1 ? Math.max(0, stream.originalBytes) : 0;
    }

    private void flowEnded(final EventRecord event) {
        final SessionRecord session = table.findConnected(event);
        final StreamRecord stream = session == null ? null : session.opened(event);
        if (session == null || stream == null) {
            return;
        }
        stream.figures(event.longestGapNanos(), event.counts(), event.lastNanos());
        stream.unseen = true;
        final String cause = event.flowEnd().label();
        switch (event.flowEnd()) {
            case UNFOLLOWED -> unfollowed(stream, event);
            case REFUSED -> {
                stream.refusals++;
                if (event.rearmed()) {
                    table.disconnected(session, stream);
                    stream.pendingAgain(event.nanos());
                    awaited.begin(session, stream);
                } else {
                    stream.end(Session.StreamState.REFUSED, event.lastNanos(), cause, event.nanos());
                }
            }
            case FINISHED, RESET, IDLE, EVICTED, REPLACED -> {
                final boolean answered = stream.followed() || stream.state == Session.StreamState.CONNECTED;
                stream.end(
                        answered ? Session.StreamState.CLOSED : Session.StreamState.NO_ANSWER,
                        event.lastNanos(),
                        cause,
                        event.nanos());
            }
        }
    }

    /** Most likely only SYNs are queued, so it may run for hours; but TCP repeats only an unanswered SYN. */
    private static void unfollowed(final StreamRecord stream, final EventRecord event) {
        if (stream.state == Session.StreamState.LET_THROUGH && stream.syns() > 1) {
            stream.end(
                    Session.StreamState.NO_ANSWER,
                    event.lastNanos(),
                    event.flowEnd().label(),
                    event.nanos());
        }
    }

    /** What the reader finds in the records, with the lock held; they must not be kept. */
    synchronized <T> @Nullable T read(final Function<SessionTable, @Nullable T> reader) {
        return reader.apply(table);
    }

    /** Whether a connection, or its end, belongs to one of these sessions; not if it was announced before the start. */
    synchronized boolean tells(final EventRecord event) {
        return table.findConnected(event) != null;
    }

    /** Whether the connection is a stream of one of these. Any thread. */
    boolean has(final TrackedConnection tracked) {
        return table.has(tracked.ends());
    }

    /**
     * Handles a report of the kernel's connection tracking. If the engine follows the connection too, its own end takes
     * precedence, and the larger count: the engine saw only the beginning of a connection that is no longer queued.
     *
     * @param nanos when it was reported
     * @return false if it is no stream of one of these
     */
    synchronized boolean tracked(final TrackedConnection tracked, final long nanos) {
        final SessionTable.Connected found = table.find(tracked.ends());
        if (found == null) {
            return false;
        }
        final StreamRecord stream = found.stream();
        stream.counted(tracked.counts());
        lookAtFlow(found.session(), stream);
        if (stream.reported(tracked, nanos) && stream.toldByTracking()) {
            trackedEnds.add(found.session()
                    .end(stream, stream.cause, stream.openedNanos + stream.durationNanos, tracked.counts()));
        }
        return true;
    }

    /** Whether the flow is a stream of one of these whose end connection tracking reports, or has reported. */
    synchronized boolean isTracked(final EventRecord flow) {
        final SessionRecord session = table.findConnected(flow);
        final StreamRecord stream = session == null ? null : session.opened(flow);
        return stream != null && stream.toldByTracking();
    }

    /** Running streams whose end connection tracking would report. */
    synchronized void forEachTracked(final Consumer<TrackedEnd> visitor) {
        for (final SessionRecord session : table.all()) {
            for (final StreamRecord stream : session.streams) {
                lookAtFlow(session, stream);
                if (stream.toldByTracking() && stream.state == Session.StreamState.CONNECTED) {
                    visitor.accept(session.end(stream, "stop", stream.heardNanos, StreamCounts.NONE));
                }
            }
        }
    }

    /** Whether the engine's table has a connection both of whose directions it sees. */
    synchronized boolean follows(final Ends ends) {
        return flows.follows(ends);
    }

    private void expectationEnded(final EventRecord event) {
        final SessionRecord session = table.find(event, true);
        final StreamRecord stream = session == null ? null : session.stream(event.destinationPort());
        if (session == null || stream == null || stream.state != Session.StreamState.PENDING) {
            return;
        }
        awaited.end(session, stream);
        blur(stream);
        final boolean refused = stream.refusals > 0;
        stream.state = refused ? Session.StreamState.REFUSED : Session.StreamState.NEVER;
        stream.changedNanos = event.nanos();
        stream.removal = event.removal();
        stream.cause = refused ? FlowEnd.REFUSED.label() : event.removal().label();
    }

    private void blur(final StreamRecord stream) {
        if (dropsLost.getAsLong() != stream.lostBefore) {
            stream.strays.blur();
        }
    }

    @Override
    public List<Session> recent(final int max) {
        return recent(max, session -> true);
    }

    @Override
    public synchronized List<Session> recent(final int max, final Predicate<Session> wanted) {
        final List<Session> newest = new ArrayList<>();
        for (final SessionRecord session : table.newestFirst()) {
            if (newest.size() >= max) {
                break;
            }
            final Session copy = copy(session);
            if (wanted.test(copy)) {
                newest.add(copy);
            }
        }
        return newest;
    }

    /**
     * Looks at the sessions, newest first, with the lock held; they must not be kept. Byte counts of open streams are
     * known after {@link #lookAtFlow}.
     *
     * @param visitor returns whether to continue
     */
    synchronized void look(final Predicate<SessionRecord> visitor) {
        for (final SessionRecord session : table.newestFirst()) {
            if (!visitor.test(session)) {
                return;
            }
        }
    }

    private Session copy(final SessionRecord session) {
        final long nowNanos = nanoTime.getAsLong();
        session.streams.forEach(stream -> lookAtFlow(session, stream));
        return session.copy(clock, nowNanos);
    }

    /** How many dumps are running, as far as known. */
    public synchronized Dumps dumps() {
        final long nowNanos = nanoTime.getAsLong();
        int running = 0;
        int unseen = 0;
        for (final SessionRecord session : table.all()) {
            boolean runs = false;
            boolean mayRun = false;
            for (final StreamRecord stream : session.streams) {
                lookAtFlow(session, stream);
                final boolean open = stream.open(nowNanos);
                runs |= open && stream.state == Session.StreamState.CONNECTED;
                mayRun |= open && stream.state == Session.StreamState.LET_THROUGH && stream.unseen;
            }
            running += runs ? 1 : 0;
            unseen += !runs && mayRun ? 1 : 0;
        }
        return new Dumps(running, unseen);
    }

    /** What a stream that is not over has carried so far, and whether it was answered. */
    void lookAtFlow(final SessionRecord session, final StreamRecord stream) {
        if (stream.state == Session.StreamState.PENDING) {
            blur(stream);
        }
        flows.look(session, stream);
    }
}
