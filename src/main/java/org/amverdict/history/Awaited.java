package org.amverdict.history;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.amverdict.amanda.MessageType;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Reason;
import org.amverdict.events.EventFields;
import org.amverdict.events.EventRecord;
import org.amverdict.packet.PacketView;
import org.amverdict.policy.HostPrefix;
import org.jspecify.annotations.Nullable;

/**
 * What the stories wait for, found by the ends of a packet that was dropped: so that none of them says that nothing came
 * when it was dropped here. Guarded by the lock of {@link SessionLog}.
 */
final class Awaited {
    /** Requesters that one port was announced to; of more the newest ones are told. */
    private static final int SAME_PORT_MAX = 16;

    private final Map<Listener, Deque<SessionRecord.Stream>> ports = new HashMap<>();
    private final Map<Asker, SessionRecord> exchanges = new HashMap<>();
    private final Facts facts;

    private record Listener(long high, long low, int port) {
        static Listener of(final SessionRecord story, final SessionRecord.Stream stream) {
            return new Listener(story.responderHigh, story.responderLow, stream.port);
        }
    }

    /** @param handle empty for the newest exchange of these ends */
    private record Asker(
            long requesterHigh,
            long requesterLow,
            int requesterPort,
            long responderHigh,
            long responderLow,
            String handle) {
        static Asker of(final SessionRecord story, final String handle) {
            return new Asker(
                    story.requesterHigh,
                    story.requesterLow,
                    story.requesterPort,
                    story.responderHigh,
                    story.responderLow,
                    handle);
        }
    }

    Awaited(final Facts facts) {
        this.facts = facts;
    }

    /** Its answer, and the ACK of that. */
    void begin(final SessionRecord story) {
        exchanges.put(Asker.of(story, story.handle), story);
        exchanges.put(Asker.of(story, ""), story);
    }

    /** The SYN of a stream. */
    void begin(final SessionRecord story, final SessionRecord.Stream stream) {
        final Deque<SessionRecord.Stream> same =
                ports.computeIfAbsent(Listener.of(story, stream), key -> new ArrayDeque<>(1));
        same.addFirst(stream);
        if (same.size() > SAME_PORT_MAX) {
            same.removeLast();
        }
    }

    /** The SYN of a stream is awaited no longer. */
    void end(final SessionRecord story, final SessionRecord.Stream stream) {
        ports.computeIfPresent(Listener.of(story, stream), (key, same) -> {
            same.removeIf(other -> other == stream);
            return same.isEmpty() ? null : same;
        });
    }

    /** Nothing of it. */
    void end(final SessionRecord story) {
        exchanges.remove(Asker.of(story, story.handle), story);
        exchanges.remove(Asker.of(story, ""), story);
        story.streams.forEach(stream -> end(story, stream));
    }

    /** Adds a packet that was dropped, or would have been, to what it could have been meant as. */
    void dropped(final EventRecord event) {
        if (event.protocol() == PacketView.PROTOCOL_TCP && event.reason() == Reason.UNEXPECTED) {
            syn(event, event.destinationHigh(), event.destinationLow());
            for (final HostPrefix host : facts.behind(event)) {
                syn(event, host.high(), host.low());
            }
        } else if (event.protocol() == PacketView.PROTOCOL_UDP) {
            datagram(event);
        }
    }

    private void syn(final EventRecord event, final long responderHigh, final long responderLow) {
        final Deque<SessionRecord.Stream> same =
                ports.get(new Listener(responderHigh, responderLow, event.destinationPort()));
        if (same != null) {
            same.forEach(stream -> stream.strays.add(event, facts));
        }
    }

    private void datagram(final EventRecord event) {
        final MessageType type = event.type();
        // As stories have it; what could not be read may have been the answer to the last request.
        final String handle = type == null ? "" : EventFields.escaped(event.handle());
        if (type == MessageType.ACK) {
            final SessionRecord own = exchanges.get(new Asker(
                    event.sourceHigh(),
                    event.sourceLow(),
                    event.sourcePort(),
                    event.destinationHigh(),
                    event.destinationLow(),
                    handle));
            if (own != null) {
                own.strayAcks.add(event, facts);
                return;
            }
        }
        final SessionRecord answered = answered(event, handle, event.sourceHigh(), event.sourceLow());
        final SessionRecord story = answered == null && event.cause() == Cause.OTHER_ADDRESS
                ? answered(event, handle, event.otherHigh(), event.otherLow())
                : answered;
        if (story != null && story.outcome == Session.Outcome.OPEN) {
            story.strayAnswers.add(event, facts);
        }
    }

    private @Nullable SessionRecord answered(
            final EventRecord event, final String handle, final long responderHigh, final long responderLow) {
        return exchanges.get(new Asker(
                event.destinationHigh(),
                event.destinationLow(),
                event.destinationPort(),
                responderHigh,
                responderLow,
                handle));
    }
}
