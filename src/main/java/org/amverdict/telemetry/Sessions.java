package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.track.Ending;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * The stories of the last transactions, written down by the reader's thread and copied by any. Of those beyond
 * {@link #CAPACITY} the oldest finished one is forgotten, or the oldest if none of the old ones is finished, and counted.
 */
final class Sessions implements SessionHistory, EventListener {
    static final int CAPACITY = 4096;
    /** Old stories looked at to find one that is finished. */
    private static final int LOOK_MAX = 256;
    /** Streams of one transaction: a few replies, of five each. */
    private static final int STREAMS_MAX = 32;

    private final FlowTable flows;
    private final WallClock clock;
    private final LongSupplier nanoTime;
    private final Scratch scratch = new Scratch();
    private final Map<Long, Story> byNumber = new LinkedHashMap<>();
    private long lastId;
    private final AtomicLong forgotten = new AtomicLong();

    /**
     * Begins with none.
     *
     * @param flows to tell how much the streams have carried that are not over
     * @param nanoTime {@link System#nanoTime}
     */
    Sessions(final FlowTable flows, final WallClock clock, final LongSupplier nanoTime) {
        this.flows = flows;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Stories that were forgotten to make room, since the start; any thread. */
    long forgotten() {
        return forgotten.get();
    }

    @Override
    public synchronized void event(final EngineEvent event) {
        if (event.transaction() <= 0) {
            return;
        }
        switch (event.kind()) {
            case EngineEvent.FLOW_ENDED -> flowEnded(event);
            case EngineEvent.EXPECTATION_ENDED -> expectationEnded(event);
            case EngineEvent.TRANSACTION_ENDED -> {
                final Story story = byNumber.get(event.transaction());
                if (story != null && story.outcome == Session.Outcome.OPEN) {
                    story.outcome = Session.Outcome.EXPIRED;
                }
            }
            default -> decided(event);
        }
    }

    private void decided(final EngineEvent event) {
        final MessageType type = event.type();
        if (type == null) {
            if (event.reason() == Reason.EXPECTED) {
                connected(event);
            }
            return;
        }
        final boolean fromRequester = event.reason() == Reason.REQUEST || event.reason() == Reason.ACK;
        final boolean fromResponder = event.reason() == Reason.REPLY || event.reason() == Reason.REFUSED_REPLY;
        if (!fromRequester && !fromResponder) {
            return;
        }
        Story story = byNumber.get(event.transaction());
        if (story == null) {
            story = begin(event, fromRequester);
        }
        if (type == MessageType.REQ && event.diskCount() > 0) {
            story.disks = event.disks().stream().map(Sessions::escaped).toList();
            final String level = event.level();
            story.level = level == null ? null : escaped(level);
        }
        if (fromResponder) {
            answered(story, type, event);
        }
    }

    private Story begin(final EngineEvent event, final boolean fromRequester) {
        makeRoom();
        final long sourceHigh = event.sourceHigh();
        final long sourceLow = event.sourceLow();
        final Story story = new Story(
                ++lastId,
                event.transaction(),
                fromRequester ? sourceHigh : event.destinationHigh(),
                fromRequester ? sourceLow : event.destinationLow(),
                fromRequester ? event.sourcePort() : event.destinationPort(),
                fromRequester ? event.destinationHigh() : sourceHigh,
                fromRequester ? event.destinationLow() : sourceLow,
                fromRequester ? event.destinationPort() : event.sourcePort(),
                event.service() == null ? "other" : event.service().label(),
                escaped(event.handle()),
                event.openedNanos());
        byNumber.put(event.transaction(), story);
        return story;
    }

    private void makeRoom() {
        if (byNumber.size() < CAPACITY) {
            return;
        }
        forgotten.incrementAndGet();
        final Iterator<Story> eldest = byNumber.values().iterator();
        for (int i = 0; i < LOOK_MAX && eldest.hasNext(); i++) {
            if (eldest.next().finished()) {
                eldest.remove();
                return;
            }
        }
        final Iterator<Story> first = byNumber.values().iterator();
        first.next();
        first.remove();
    }

    private static void answered(final Story story, final MessageType type, final EngineEvent event) {
        switch (type) {
            case ACK -> story.ackNanos = story.ackNanos < 0 ? event.nanos() - story.requestNanos : story.ackNanos;
            case NAK -> story.outcome = Session.Outcome.NAK;
            case REP -> replied(story, event);
            default -> {
                // PREP: an estimate goes on
            }
        }
    }

    private static void replied(final Story story, final EngineEvent event) {
        if (event.refusal() != Refusal.NONE) {
            story.refusal = event.refusal().label();
            story.outcome = story.outcome == Session.Outcome.REPLIED ? story.outcome : Session.Outcome.REFUSED;
        } else {
            story.outcome = Session.Outcome.REPLIED;
        }
        if (event.verdict() == Verdict.ACCEPT && story.replyNanos < 0) {
            story.replyNanos = event.nanos() - story.requestNanos;
        }
        if (event.streamCount() > 0) {
            // Instead of those of an earlier reply, of which none was taken.
            story.streams.removeIf(stream ->
                    stream.state != Session.StreamState.CONNECTED && stream.state != Session.StreamState.CLOSED);
        }
        for (int i = 0; i < event.streamCount() && story.streams.size() < STREAMS_MAX; i++) {
            final Story.Stream known = story.stream(event.streamPort(i));
            if (known == null || known.state != Session.StreamState.CONNECTED) {
                story.streams.add(new Story.Stream(event.streamName(i), event.streamPort(i), event.nanos()));
            }
        }
    }

    private void connected(final EngineEvent event) {
        final Story story = byNumber.get(event.transaction());
        if (story == null || event.stream() == null) {
            return;
        }
        Story.Stream stream = story.stream(event.destinationPort());
        if (stream == null) {
            stream = new Story.Stream(event.stream(), event.destinationPort(), event.nanos() - event.waitedNanos());
            story.streams.add(stream);
        }
        stream.connected(event.sourcePort(), event.waitedNanos(), event.nanos());
    }

    private void flowEnded(final EngineEvent event) {
        final Story story = byNumber.get(event.transaction());
        final Story.Stream stream = story == null ? null : story.stream(event.destinationPort());
        if (stream == null) {
            return;
        }
        figures(
                stream,
                event.originalPackets(),
                event.originalBytes(),
                event.replyPackets(),
                event.replyBytes(),
                event.longestGapNanos());
        stream.cause = event.flowEnd().label();
        switch (event.flowEnd()) {
            case UNFOLLOWED -> {
                // Only SYNs are queued, most likely, so it may go on for hours.
            }
            case REFUSED -> {
                stream.durationNanos = event.lastNanos() - event.openedNanos();
                if (event.rearmed()) {
                    stream.pendingAgain(event.nanos());
                } else {
                    stream.state = Session.StreamState.CLOSED;
                    stream.changedNanos = event.nanos();
                }
            }
            default -> {
                stream.durationNanos = event.lastNanos() - event.openedNanos();
                stream.state = Session.StreamState.CLOSED;
                stream.changedNanos = event.nanos();
            }
        }
    }

    private static void figures(
            final Story.Stream stream,
            final long originalPackets,
            final long originalBytes,
            final long replyPackets,
            final long replyBytes,
            final long longestGapNanos) {
        stream.originalPackets = originalPackets;
        stream.originalBytes = originalBytes;
        stream.replyPackets = replyPackets;
        stream.replyBytes = replyPackets == 0 ? -1 : replyBytes;
        stream.longestGapNanos = replyPackets == 0 ? -1 : longestGapNanos;
    }

    private void expectationEnded(final EngineEvent event) {
        final Story story = byNumber.get(event.transaction());
        final Story.Stream stream = story == null ? null : story.stream(event.destinationPort());
        if (stream != null && stream.state == Session.StreamState.PENDING) {
            stream.state = Session.StreamState.NEVER;
            stream.changedNanos = event.nanos();
            stream.cause = event.removal().label();
        }
    }

    /** Text from the wire, printable: other characters as backslash, x and two digits. */
    static String escaped(final String text) {
        final StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            if (c >= ' ' && c <= '~' && c != '\\') {
                out.append(c);
            } else {
                out.append("\\x").append(Character.forDigit(c >> 4 & 0xf, 16)).append(Character.forDigit(c & 0xf, 16));
            }
        }
        return out.toString();
    }

    @Override
    public synchronized List<Session> recent(final int max) {
        final List<Story> all = new ArrayList<>(byNumber.values());
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
    synchronized void look(final Predicate<Story> visitor) {
        final List<Story> all = new ArrayList<>(byNumber.values());
        for (int i = all.size() - 1; i >= 0; i--) {
            if (!visitor.test(all.get(i))) {
                return;
            }
        }
    }

    private Session copy(final Story story) {
        final List<Session.Stream> streams = new ArrayList<>();
        for (final Story.Stream stream : story.streams) {
            lookAtFlow(story, stream);
            streams.add(stream.copy());
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
                streams);
    }

    /** What a stream that is not over has carried so far. */
    void lookAtFlow(final Story story, final Story.Stream stream) {
        if (stream.state != Session.StreamState.CONNECTED || !stream.cause.isEmpty()) {
            return;
        }
        final @Nullable Ending flow = flows.look(
                scratch,
                story.requesterHigh,
                story.requesterLow,
                stream.connectorPort,
                story.responderHigh,
                story.responderLow,
                stream.port);
        if (flow != null && flow.owner() == story.number) {
            final long silent = nanoTime.getAsLong() - flow.lastNanos();
            figures(
                    stream,
                    flow.originalPackets(),
                    flow.originalBytes(),
                    flow.replyPackets(),
                    flow.replyBytes(),
                    Math.max(flow.longestGapNanos(), silent));
        }
    }
}
