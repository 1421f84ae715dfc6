package org.amverdict.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventFields;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.events.TrackedConnection;
import org.amverdict.events.TrackedEnd;
import org.amverdict.events.WallClock;
import org.amverdict.packet.Tuple;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.FlowSnapshot;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * The stories of the last transactions, written down by the reader's thread and copied by any. Of those beyond
 * {@link #CAPACITY} the oldest finished one is forgotten, or the oldest if none of the old ones is finished, and counted.
 */
public final class SessionLog implements SessionHistory, EventListener {
    static final int CAPACITY = 4096;
    /** Old stories looked at to find one that is finished. */
    private static final int LOOK_MAX = 256;
    /** Streams of one transaction: a few replies, of five each. */
    private static final int STREAMS_MAX = 32;
    /** A REQ so soon after the responder's ACK is repeated because that did not arrive: the wait for a REP is longer. */
    private static final long DEAF_NANOS = 25_000_000_000L;
    /** One that is sooner may have crossed it. */
    private static final long IN_FLIGHT_NANOS = 2_000_000_000L;

    private final FlowTable flows;
    private final WallClock clock;
    private final LongSupplier nanoTime;
    private final Scratch scratch = new Scratch();
    /** Numbers of transactions repeat if the state of an earlier run is lost, so the hosts belong to the key. */
    private final Map<Key, SessionRecord> stories = new LinkedHashMap<>();

    /** The newest story of each number. */
    private final Map<Long, SessionRecord> latest = new HashMap<>();

    private final Map<Ends, Connected> connected = new ConcurrentHashMap<>();
    private final Awaited awaited;
    private final Facts facts;
    private final Queue<TrackedEnd> trackedEnds;
    private volatile LongSupplier dropsLost = () -> 0;
    /** Drops without a record until the last round: those of this round may have come after any record of it. */
    private long lostBefore;

    private long lastId;
    private final AtomicLong forgotten = new AtomicLong();

    private record Key(long number, long requesterHigh, long requesterLow, long responderHigh, long responderLow) {}

    /** Of a connection. */
    private record Ends(
            long originatorHigh,
            long originatorLow,
            int originatorPort,
            long responderHigh,
            long responderLow,
            int responderPort) {
        static Ends of(final TrackedConnection tracked) {
            return new Ends(
                    tracked.originatorHigh(),
                    tracked.originatorLow(),
                    tracked.originatorPort(),
                    tracked.responderHigh(),
                    tracked.responderLow(),
                    tracked.responderPort());
        }

        static Ends of(final SessionRecord story, final SessionRecord.Stream stream) {
            return new Ends(
                    story.requesterHigh,
                    story.requesterLow,
                    stream.connectorPort,
                    story.responderHigh,
                    story.responderLow,
                    stream.port);
        }
    }

    private record Connected(SessionRecord story, SessionRecord.Stream stream) {}

    /**
     * Begins with none.
     *
     * @param flows to tell how much the streams have carried that are not over
     * @param trackedEnds gets the ends that connection tracking tells; used by the reader's thread alone
     * @param nanoTime {@link System#nanoTime}
     */
    public SessionLog(
            final FlowTable flows,
            final Facts facts,
            final Queue<TrackedEnd> trackedEnds,
            final WallClock clock,
            final LongSupplier nanoTime) {
        this.trackedEnds = trackedEnds;
        this.flows = flows;
        this.facts = facts;
        awaited = new Awaited(facts);
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Names what counts the drops that had no record. */
    public void dropsLost(final LongSupplier counter) {
        dropsLost = counter;
    }

    /** Stories that were forgotten to make room, since the start; any thread. */
    public long forgotten() {
        return forgotten.get();
    }

    @Override
    public synchronized void event(final EventRecord event) {
        if (event.kind() == EventRecord.DECISION && event.verdict() == Verdict.DROP) {
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
        final Connected answered = connected.get(new Ends(
                event.destinationHigh(),
                event.destinationLow(),
                event.destinationPort(),
                event.sourceHigh(),
                event.sourceLow(),
                event.sourcePort()));
        if (answered != null && answered.stream().state == Session.StreamState.LET_THROUGH) {
            answered.stream().strayAnswers.add(event, facts);
        }
    }

    /** The story of that transaction between these hosts, or null. */
    private @Nullable SessionRecord find(final EventRecord event, final boolean fromRequester) {
        return stories.get(key(event, fromRequester));
    }

    private static Key key(final EventRecord event, final boolean fromRequester) {
        return fromRequester
                ? new Key(
                        event.transaction(),
                        event.sourceHigh(),
                        event.sourceLow(),
                        event.destinationHigh(),
                        event.destinationLow())
                : new Key(
                        event.transaction(),
                        event.destinationHigh(),
                        event.destinationLow(),
                        event.sourceHigh(),
                        event.sourceLow());
    }

    /** Such an ending has a number and no hosts; where two stories have the number it is told of neither. */
    private void transactionEnded(final EventRecord event) {
        final SessionRecord story = latest.get(event.transaction());
        if (story != null && !story.sharesNumber && story.outcome == Session.Outcome.OPEN) {
            story.outcome = Session.Outcome.EXPIRED;
            story.endCause = event.removal().label();
        }
    }

    private void decided(final EventRecord event) {
        final MessageType type = event.type();
        if (type == null) {
            if (event.reason() == Reason.EXPECTED) {
                letThrough(event);
            }
            return;
        }
        final boolean fromRequester = event.reason() == Reason.REQUEST || event.reason() == Reason.ACK;
        final boolean fromResponder = event.reason() == Reason.REPLY || event.reason() == Reason.REFUSED_REPLY;
        if (!fromRequester && !fromResponder) {
            return;
        }
        final SessionRecord known = find(event, fromRequester);
        final SessionRecord story = known == null ? begin(event, fromRequester) : known;
        if (fromRequester) {
            asked(story, type, event);
        } else {
            answered(story, type, event);
        }
    }

    private static void asked(final SessionRecord story, final MessageType type, final EventRecord event) {
        if (type == MessageType.ACK) {
            story.acknowledged |= story.replies > 0;
            return;
        }
        story.requests++;
        story.lastRequestNanos = event.nanos();
        final long sinceAck = event.nanos() - story.requestNanos - story.ackNanos;
        if (story.ackNanos >= 0 && sinceAck > IN_FLIGHT_NANOS && sinceAck < DEAF_NANOS) {
            story.deafRequests++;
        }
        if (event.diskCount() > 0) {
            story.disks = event.disks().stream().map(EventFields::escaped).toList();
            final String level = event.level();
            story.level = level == null ? null : EventFields.escaped(level);
        }
    }

    private SessionRecord begin(final EventRecord event, final boolean fromRequester) {
        makeRoom();
        final long sourceHigh = event.sourceHigh();
        final long sourceLow = event.sourceLow();
        final SessionRecord story = new SessionRecord(
                ++lastId,
                event.transaction(),
                fromRequester ? sourceHigh : event.destinationHigh(),
                fromRequester ? sourceLow : event.destinationLow(),
                fromRequester ? event.sourcePort() : event.destinationPort(),
                fromRequester ? event.destinationHigh() : sourceHigh,
                fromRequester ? event.destinationLow() : sourceLow,
                fromRequester ? event.destinationPort() : event.sourcePort(),
                event.service() == null ? "other" : event.service().label(),
                EventFields.escaped(event.handle()),
                event.openedNanos());
        stories.put(key(event, fromRequester), story);
        awaited.begin(story);
        final SessionRecord other = latest.put(event.transaction(), story);
        if (other != null) {
            other.sharesNumber = true;
            story.sharesNumber = true;
        }
        return story;
    }

    private void makeRoom() {
        if (stories.size() < CAPACITY) {
            return;
        }
        forgotten.incrementAndGet();
        final long nowNanos = nanoTime.getAsLong();
        final Iterator<SessionRecord> eldest = stories.values().iterator();
        for (int i = 0; i < LOOK_MAX && eldest.hasNext(); i++) {
            final SessionRecord story = eldest.next();
            if (story.finished(nowNanos)) {
                eldest.remove();
                forget(story);
                return;
            }
        }
        final Iterator<SessionRecord> first = stories.values().iterator();
        forget(first.next());
        first.remove();
    }

    private void forget(final SessionRecord story) {
        latest.remove(story.number, story);
        awaited.end(story);
        for (final SessionRecord.Stream stream : story.streams) {
            lookAtFlow(story, stream);
            if (stream.toldByTracking() && stream.state == Session.StreamState.CONNECTED) {
                trackedEnds.add(end(story, stream, FlowEnd.EVICTED.label(), stream.heardNanos, TrackedEnd.Counts.NONE));
            }
        }
        story.streams.forEach(stream -> forget(story, stream));
    }

    private void forget(final SessionRecord story, final SessionRecord.Stream stream) {
        connected.computeIfPresent(Ends.of(story, stream), (ends, known) -> known.stream() == stream ? null : known);
    }

    private void answered(final SessionRecord story, final MessageType type, final EventRecord event) {
        final String said = event.said();
        if (said != null && event.told() == Verdict.ACCEPT) {
            story.said = said;
        }
        switch (type) {
            case ACK -> story.ackNanos = story.ackNanos < 0 ? event.nanos() - story.requestNanos : story.ackNanos;
            case NAK -> story.outcome = Session.Outcome.NAK;
            case REP -> replied(story, event);
            default -> {
                // PREP: an estimate goes on
            }
        }
    }

    private void replied(final SessionRecord story, final EventRecord event) {
        if (event.refusal() != Refusal.NONE) {
            story.refusal = event.refusal().label();
            story.outcome = story.outcome == Session.Outcome.REPLIED ? story.outcome : Session.Outcome.REFUSED;
        } else {
            story.outcome = Session.Outcome.REPLIED;
        }
        if (event.told() == Verdict.ACCEPT) {
            story.replies++;
            story.lastReplyNanos = event.nanos();
            if (story.replyNanos < 0) {
                story.replyNanos = event.nanos() - story.requestNanos;
            }
        }
        if (event.streamCount() > 0) {
            // Instead of those of an earlier reply, of which none was taken.
            story.streams.stream()
                    .filter(stream -> stream.connectorPort == 0)
                    .forEach(stream -> awaited.end(story, stream));
            story.streams.removeIf(stream -> stream.connectorPort == 0);
        }
        for (int i = 0; i < event.streamCount() && story.streams.size() < STREAMS_MAX; i++) {
            final SessionRecord.Stream known = story.stream(event.streamPort(i));
            if (known == null || !known.open(event.nanos())) {
                final SessionRecord.Stream stream =
                        new SessionRecord.Stream(event.streamName(i), event.streamPort(i), event.nanos(), lostBefore);
                story.streams.add(stream);
                awaited.begin(story, stream);
            }
        }
    }

    private void letThrough(final EventRecord event) {
        final SessionRecord story = findConnected(event);
        final StreamName name = event.stream();
        if (story == null || name == null) {
            return;
        }
        SessionRecord.Stream stream = story.stream(event.destinationPort());
        if (stream == null) {
            stream = new SessionRecord.Stream(
                    name, event.destinationPort(), event.nanos() - event.waitedNanos(), lostBefore);
            story.streams.add(stream);
        }
        awaited.end(story, stream);
        forget(story, stream);
        stream.letThrough(event.sourcePort(), event.waitedNanos(), event.nanos());
        stream.openedHigh = event.destinationHigh();
        stream.openedLow = event.destinationLow();
        connected.put(Ends.of(story, stream), new Connected(story, stream));
        lookAtFlow(story, stream);
        stream.synBytes = stream.originalPackets == 1 ? Math.max(0, stream.originalBytes) : 0;
    }

    /** A SYN to a public address is judged before it is translated: then it has not the responder's own address. */
    private @Nullable SessionRecord findConnected(final EventRecord event) {
        final SessionRecord story = find(event, true);
        if (story != null) {
            return story;
        }
        final SessionRecord published = latest.get(event.transaction());
        if (published == null
                || published.requesterHigh != event.sourceHigh()
                || published.requesterLow != event.sourceLow()
                || published.stream(event.destinationPort()) == null) {
            return null;
        }
        return published;
    }

    private void flowEnded(final EventRecord event) {
        final SessionRecord story = findConnected(event);
        final SessionRecord.Stream stream = story == null ? null : opened(story, event);
        if (story == null || stream == null) {
            return;
        }
        stream.figures(
                event.originalPackets(),
                event.originalBytes(),
                event.replyPackets(),
                event.replyBytes(),
                event.longestGapNanos(),
                event.lastNanos());
        stream.unseen = true;
        final String cause = event.flowEnd().label();
        switch (event.flowEnd()) {
            case UNFOLLOWED -> unfollowed(stream, event);
            case REFUSED -> {
                stream.refusals++;
                if (event.rearmed()) {
                    forget(story, stream);
                    stream.pendingAgain(event.nanos());
                    awaited.begin(story, stream);
                } else {
                    stream.end(Session.StreamState.REFUSED, cause, event.lastNanos(), event.nanos());
                }
            }
            default -> {
                final boolean answered = stream.followed() || stream.state == Session.StreamState.CONNECTED;
                stream.end(
                        answered ? Session.StreamState.CLOSED : Session.StreamState.NO_ANSWER,
                        cause,
                        event.lastNanos(),
                        event.nanos());
            }
        }
    }

    /** The stream that the SYN of this flow opened; not that of another host's story with the same number. */
    private static SessionRecord.@Nullable Stream opened(final SessionRecord story, final EventRecord flow) {
        final SessionRecord.Stream stream = story.stream(flow.destinationPort(), flow.sourcePort());
        final boolean same = stream != null
                && stream.openedHigh == flow.destinationHigh()
                && stream.openedLow == flow.destinationLow();
        return same ? stream : null;
    }

    /** Only SYNs are queued, most likely, so it may go on for hours; but TCP repeats only a SYN that nobody answered. */
    private static void unfollowed(final SessionRecord.Stream stream, final EventRecord event) {
        if (stream.state == Session.StreamState.LET_THROUGH && stream.syns() > 1) {
            stream.end(Session.StreamState.NO_ANSWER, event.flowEnd().label(), event.lastNanos(), event.nanos());
        }
    }

    /** Whether a connection, or its end, belongs to one of these; not if it was announced before the start. */
    synchronized boolean tells(final EventRecord event) {
        return findConnected(event) != null;
    }

    /** Whether the connection is a stream of one of these. Any thread. */
    boolean has(final TrackedConnection tracked) {
        return connected.containsKey(Ends.of(tracked));
    }

    /**
     * What the kernel's connection tracking reports. Where the engine follows the connection too, its own end stands, and
     * the larger count: of a connection that is no longer queued the engine has seen the beginning.
     *
     * @param nanos when it was reported
     * @return false if it is no stream of one of these
     */
    synchronized boolean tracked(final TrackedConnection tracked, final long nanos) {
        final Connected found = connected.get(Ends.of(tracked));
        if (found == null) {
            return false;
        }
        final SessionRecord.Stream stream = found.stream();
        stream.trackedOriginalBytes = Math.max(stream.trackedOriginalBytes, tracked.originalBytes());
        stream.trackedReplyBytes = Math.max(stream.trackedReplyBytes, tracked.replyBytes());
        lookAtFlow(found.story(), stream);
        if (tracked.kind() == TrackedConnection.Kind.ANSWERED || Tracking.wasAnswered(tracked)) {
            stream.answered(nanos);
            stream.tracked = true;
        }
        final boolean answered = stream.state == Session.StreamState.CONNECTED;
        final boolean over = !answered && stream.state != Session.StreamState.LET_THROUGH;
        if (tracked.kind() == TrackedConnection.Kind.ANSWERED || over) {
            return true;
        }
        final boolean reset = tracked.kind() == TrackedConnection.Kind.RESET;
        final boolean finished = tracked.kind() == TrackedConnection.Kind.FINISHED;
        // Who connected may give up with a RST as well, before anybody answers.
        final boolean refused = reset && !answered && tracked.replyPackets() != 0;
        final boolean came = answered || finished;
        stream.refusals += refused ? 1 : 0;
        stream.end(
                came
                        ? Session.StreamState.CLOSED
                        : refused ? Session.StreamState.REFUSED : Session.StreamState.NO_ANSWER,
                refused ? FlowEnd.REFUSED.label() : Tracking.cause(tracked.kind(), came),
                tracked.kind() == TrackedConnection.Kind.TIMED_OUT ? stream.heardNanos : nanos,
                nanos);
        // Of one that nobody answered the table tells as much.
        stream.tracked |= came || refused;
        if (stream.toldByTracking()) {
            trackedEnds.add(end(
                    found.story(),
                    stream,
                    stream.cause,
                    stream.openedNanos + stream.durationNanos,
                    TrackedEnd.Counts.of(tracked)));
        }
        return true;
    }

    private static TrackedEnd end(
            final SessionRecord story,
            final SessionRecord.Stream stream,
            final String cause,
            final long lastNanos,
            final TrackedEnd.Counts counts) {
        return new TrackedEnd(
                story.requesterHigh,
                story.requesterLow,
                stream.connectorPort,
                stream.openedHigh,
                stream.openedLow,
                stream.port,
                stream.name,
                story.number,
                stream.openedNanos,
                lastNanos,
                cause,
                counts);
    }

    /** Whether the flow is a stream of one of these whose end connection tracking tells, or has told. */
    synchronized boolean isTracked(final EventRecord flow) {
        final SessionRecord story = findConnected(flow);
        final SessionRecord.Stream stream = story == null ? null : opened(story, flow);
        return stream != null && stream.toldByTracking();
    }

    /** Streams that go on, and whose end connection tracking would tell. */
    synchronized void forEachTracked(final Consumer<TrackedEnd> visitor) {
        for (final SessionRecord story : stories.values()) {
            for (final SessionRecord.Stream stream : story.streams) {
                lookAtFlow(story, stream);
                if (stream.toldByTracking() && stream.state == Session.StreamState.CONNECTED) {
                    visitor.accept(end(story, stream, "stop", stream.heardNanos, TrackedEnd.Counts.NONE));
                }
            }
        }
    }

    /** Whether the engine's table has a connection both of whose directions it sees. */
    synchronized boolean follows(
            final long sourceHigh,
            final long sourceLow,
            final int sourcePort,
            final long destinationHigh,
            final long destinationLow,
            final int destinationPort) {
        final Tuple tuple =
                new Tuple().set(sourceHigh, sourceLow, sourcePort, destinationHigh, destinationLow, destinationPort);
        final @Nullable FlowSnapshot flow = flows.look(scratch, tuple);
        return flow != null && flow.replyPackets() > 0;
    }

    private void expectationEnded(final EventRecord event) {
        final SessionRecord story = find(event, true);
        final SessionRecord.Stream stream = story == null ? null : story.stream(event.destinationPort());
        if (story == null || stream == null || stream.state != Session.StreamState.PENDING) {
            return;
        }
        awaited.end(story, stream);
        blur(stream);
        final boolean refused = stream.refusals > 0;
        stream.state = refused ? Session.StreamState.REFUSED : Session.StreamState.NEVER;
        stream.changedNanos = event.nanos();
        stream.cause = refused ? FlowEnd.REFUSED.label() : event.removal().label();
    }

    private void blur(final SessionRecord.Stream stream) {
        if (dropsLost.getAsLong() != stream.lostBefore) {
            stream.strays.blur();
        }
    }

    @Override
    public synchronized List<Session> recent(final int max) {
        final List<SessionRecord> all = new ArrayList<>(stories.values());
        final List<Session> newest = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0 && newest.size() < max; i--) {
            newest.add(copy(all.get(i)));
        }
        return newest;
    }

    /**
     * Looks at the stories, newest first, with the lock held; they must not be kept. What open streams have carried is
     * known after {@link #lookAtFlow}.
     *
     * @param visitor says whether to go on
     */
    synchronized void look(final Predicate<SessionRecord> visitor) {
        final List<SessionRecord> all = new ArrayList<>(stories.values());
        for (int i = all.size() - 1; i >= 0; i--) {
            if (!visitor.test(all.get(i))) {
                return;
            }
        }
    }

    private Session copy(final SessionRecord story) {
        final long nowNanos = nanoTime.getAsLong();
        final List<Session.Stream> streams = new ArrayList<>();
        for (final SessionRecord.Stream stream : story.streams) {
            lookAtFlow(story, stream);
            streams.add(copy(story, stream, nowNanos));
        }
        return new Session(
                story.id,
                EventFields.address(story.requesterHigh, story.requesterLow),
                story.requesterPort,
                EventFields.address(story.responderHigh, story.responderLow),
                story.controlPort,
                story.service,
                story.handle,
                story.disks,
                story.level,
                clock.epochNanos(story.requestNanos),
                story.ackNanos,
                story.replyNanos,
                story.outcome,
                story.refusal,
                story.requests,
                story.replies,
                story.acknowledged,
                story.said,
                SessionExplanation.exchange(story, nowNanos),
                story.open(nowNanos),
                streams);
    }

    private static Session.Stream copy(
            final SessionRecord story, final SessionRecord.Stream stream, final long nowNanos) {
        return new Session.Stream(
                stream.name.name(),
                stream.port,
                stream.state,
                stream.waitedNanos,
                stream.connectorPort,
                stream.syns(),
                stream.originalBytes(),
                stream.replyBytes(),
                stream.durationNanos,
                stream.longestGapNanos,
                stream.cause,
                SessionExplanation.stream(story, stream, nowNanos));
    }

    /** How many dumps run, as far as that is known. */
    public synchronized Dumps dumps() {
        final long nowNanos = nanoTime.getAsLong();
        int running = 0;
        int unseen = 0;
        for (final SessionRecord story : stories.values()) {
            boolean runs = false;
            boolean mayRun = false;
            for (final SessionRecord.Stream stream : story.streams) {
                lookAtFlow(story, stream);
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
    void lookAtFlow(final SessionRecord story, final SessionRecord.Stream stream) {
        if (stream.state == Session.StreamState.PENDING) {
            blur(stream);
        }
        final boolean mayGoOn =
                stream.state == Session.StreamState.CONNECTED || stream.state == Session.StreamState.LET_THROUGH;
        if (!mayGoOn || stream.unseen) {
            return;
        }
        final Tuple tuple = new Tuple()
                .set(
                        story.requesterHigh,
                        story.requesterLow,
                        stream.connectorPort,
                        stream.openedHigh,
                        stream.openedLow,
                        stream.port);
        final @Nullable FlowSnapshot flow = flows.look(scratch, tuple);
        if (flow != null && flow.owner() == story.number) {
            final long silent = nanoTime.getAsLong() - flow.lastNanos();
            stream.figures(
                    flow.originalPackets(),
                    flow.originalBytes(),
                    flow.replyPackets(),
                    flow.replyBytes(),
                    Math.max(flow.longestGapNanos(), silent),
                    flow.lastNanos());
            if (stream.followed()) {
                stream.answered(flow.lastNanos());
            }
        }
    }
}
