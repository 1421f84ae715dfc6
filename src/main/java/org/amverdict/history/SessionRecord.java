package org.amverdict.history;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.events.Ends;
import org.amverdict.events.EventFields;
import org.amverdict.events.EventRecord;
import org.amverdict.events.StreamCounts;
import org.amverdict.events.TrackedEnd;
import org.amverdict.events.WallClock;
import org.amverdict.packet.IpAddress;
import org.amverdict.track.Removal;
import org.jspecify.annotations.Nullable;

/**
 * One transaction as {@link SessionLog} records it: what was seen, when it was seen. {@link SessionExplanation}
 * describes it from these facts. Guarded by the lock of {@link SessionLog}.
 */
final class SessionRecord {
    private static final long UNKNOWN = -1;

    final long id;
    final long number;
    final IpAddress requester;
    final int requesterPort;
    final IpAddress responder;
    final int controlPort;
    final String service;
    final String handle;
    final long requestNanos;
    /** Name of the line of {@code allow} that let the first datagram in, null if it is not known. */
    final @Nullable String line;

    List<String> disks = List.of();
    /** How many the request names; the list may be shorter. */
    int diskCount;

    @Nullable String level;

    /** REQs that were let through, and the time of the last one. */
    int requests;

    long lastRequestNanos;
    /** REQs that came after the responder's ACK, sooner than a requester gives up waiting for the REP. */
    int deafRequests;

    long ackNanos = UNKNOWN;
    /** REPs that were let through, and the time of the last one. */
    int replies;

    long lastReplyNanos;
    long replyNanos = UNKNOWN;
    /** The requester acknowledged a REP. */
    boolean acknowledged;

    Session.Outcome outcome = Session.Outcome.OPEN;
    /** Why its transaction ended without a REP; null if it did not. */
    @Nullable Removal removal;

    @Nullable String refusal;
    /** Why the last REP that opened nothing was refused. */
    @Nullable Advice refused;
    /** The responder's message, printable and capped, null if there was none. */
    @Nullable String said;

    /** Answers that were dropped while it waited, and dropped ACKs of the requester. */
    final Strays strayAnswers = new Strays();

    final Strays strayAcks = new Strays();

    /** Another session has the same number: the count of transactions began again. */
    boolean sharesNumber;

    final List<StreamRecord> streams = new ArrayList<>();

    /** Created from its first datagram. */
    SessionRecord(final long id, final EventRecord event, final boolean fromRequester) {
        this.id = id;
        number = event.transaction();
        requester = fromRequester ? event.source() : event.destination();
        requesterPort = fromRequester ? event.sourcePort() : event.destinationPort();
        responder = fromRequester ? event.destination() : event.source();
        controlPort = fromRequester ? event.destinationPort() : event.sourcePort();
        final Service asked = event.service();
        service = asked == null ? "other" : asked.label();
        handle = EventFields.escaped(event.handle());
        line = AllowLines.judgedBy(event);
        requestNanos = event.openedNanos();
        lastRequestNanos = requestNanos;
    }

    /** The newest stream of that port, or null. */
    @Nullable StreamRecord stream(final int port) {
        for (int i = streams.size() - 1; i >= 0; i--) {
            if (streams.get(i).port == port) {
                return streams.get(i);
            }
        }
        return null;
    }

    /** The newest stream of that port which that port connected to, or null. */
    @Nullable StreamRecord stream(final int port, final int connectorPort) {
        for (int i = streams.size() - 1; i >= 0; i--) {
            final StreamRecord stream = streams.get(i);
            if (stream.port == port && stream.connectorPort == connectorPort) {
                return stream;
            }
        }
        return null;
    }

    /** Whether any of its streams was connected to, which means that its REP arrived. */
    boolean taken() {
        for (final StreamRecord stream : streams) {
            if (stream.connectorPort != 0 || stream.refusals > 0) {
                return true;
            }
        }
        return false;
    }

    /** When the exchange last changed. */
    long changedNanos() {
        final long answered = Math.max(ackNanos, replyNanos);
        final long asked = lastRequestNanos;
        return answered >= 0 && requestNanos + answered - asked > 0 ? requestNanos + answered : asked;
    }

    /** Whether it was answered, and every stream that it announced was connected to and ended as it should, if it has. */
    boolean wentWell() {
        return outcome == Session.Outcome.REPLIED
                && said == null
                && (acknowledged || taken())
                && streams.stream().allMatch(StreamRecord::wentWell);
    }

    /** Whether it waits for its REP, or one of its streams may still be running. */
    boolean open(final long nowNanos) {
        if (outcome == Session.Outcome.OPEN) {
            return true;
        }
        for (final StreamRecord stream : streams) {
            if (stream.open(nowNanos)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is among the first to be forgotten: nothing more is awaited of it, or nothing more can be seen. */
    boolean finished(final long nowNanos) {
        if (outcome == Session.Outcome.OPEN) {
            return false;
        }
        for (final StreamRecord stream : streams) {
            final boolean unseen = stream.unseen && stream.state == Session.StreamState.LET_THROUGH;
            if (stream.open(nowNanos) && !unseen) {
                return false;
            }
        }
        return true;
    }

    /** The stream that the SYN of this flow opened; not that of another host's session with the same number. */
    @Nullable StreamRecord opened(final EventRecord flow) {
        final StreamRecord stream = stream(flow.destinationPort(), flow.sourcePort());
        final boolean same = stream != null && flow.destination().equals(stream.opened);
        return same ? stream : null;
    }

    /** The ends of a stream that was let through. */
    Ends ends(final StreamRecord stream) {
        return new Ends(
                requester, stream.connectorPort, stream.opened == null ? responder : stream.opened, stream.port);
    }

    /** The end of one of its streams, as connection tracking reports it. */
    TrackedEnd end(final StreamRecord stream, final String cause, final long lastNanos, final StreamCounts counts) {
        return new TrackedEnd(
                ends(stream), stream.name, number, new TrackedEnd.Times(stream.openedNanos, lastNanos), cause, counts);
    }

    /** Whether something is to be done about the exchange or one of its streams, as {@code why} says. */
    private boolean failed(final Advice exchange, final long nowNanos) {
        return switch (outcome) {
            case REFUSED, NAK, EXPIRED -> true;
            case OPEN, REPLIED ->
                exchange.remedy() != null || streams.stream().anyMatch(stream -> failed(stream, nowNanos));
        };
    }

    private boolean failed(final StreamRecord stream, final long nowNanos) {
        return switch (stream.state) {
            case REFUSED, NO_ANSWER, NEVER -> true;
            case PENDING, LET_THROUGH, CONNECTED, CLOSED ->
                SessionExplanation.stream(this, stream, nowNanos).remedy() != null;
        };
    }

    /** A copy for reports. */
    Session copy(final WallClock clock, final long nowNanos) {
        final Advice exchange = SessionExplanation.exchange(this, nowNanos);
        return new Session(
                id,
                requester.toString(),
                requesterPort,
                responder.toString(),
                controlPort,
                service,
                handle,
                disks,
                level,
                clock.epochNanos(requestNanos),
                ackNanos,
                replyNanos,
                outcome,
                refusal,
                requests,
                replies,
                acknowledged,
                said,
                exchange.text(),
                open(nowNanos),
                failed(exchange, nowNanos),
                streams.stream().map(stream -> copy(stream, nowNanos)).toList());
    }

    private Session.Stream copy(final StreamRecord stream, final long nowNanos) {
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
                SessionExplanation.stream(this, stream, nowNanos).text());
    }
}
