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
 * What the sessions wait for, found by the ends of a packet that was dropped: so that none of them says that nothing came
 * when it was dropped here. Guarded by the lock of {@link SessionLog}.
 */
final class Awaited {
    /** Requesters that one port was announced to; of more the newest ones are told. */
    private static final int SAME_PORT_MAX = 16;

    private final Map<Listener, Deque<StreamRecord>> ports = new HashMap<>();
    private final Map<Asker, SessionRecord> exchanges = new HashMap<>();
    private final Facts facts;

    private record Listener(long high, long low, int port) {
        static Listener of(final SessionRecord session, final StreamRecord stream) {
            return new Listener(session.responderHigh, session.responderLow, stream.port);
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
        static Asker of(final SessionRecord session, final String handle) {
            return new Asker(
                    session.requesterHigh,
                    session.requesterLow,
                    session.requesterPort,
                    session.responderHigh,
                    session.responderLow,
                    handle);
        }
    }

    Awaited(final Facts facts) {
        this.facts = facts;
    }

    /** Its answer, and the ACK of that. */
    void begin(final SessionRecord session) {
        exchanges.put(Asker.of(session, session.handle), session);
        exchanges.put(Asker.of(session, ""), session);
    }

    /** The SYN of a stream. */
    void begin(final SessionRecord session, final StreamRecord stream) {
        final Deque<StreamRecord> same =
                ports.computeIfAbsent(Listener.of(session, stream), key -> new ArrayDeque<>(1));
        same.addFirst(stream);
        if (same.size() > SAME_PORT_MAX) {
            same.removeLast();
        }
    }

    /** The SYN of a stream is awaited no longer. */
    void end(final SessionRecord session, final StreamRecord stream) {
        ports.computeIfPresent(Listener.of(session, stream), (key, same) -> {
            same.removeIf(other -> other == stream);
            return same.isEmpty() ? null : same;
        });
    }

    /** Nothing of it. */
    void end(final SessionRecord session) {
        exchanges.remove(Asker.of(session, session.handle), session);
        exchanges.remove(Asker.of(session, ""), session);
        session.streams.forEach(stream -> end(session, stream));
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
        final Deque<StreamRecord> same = ports.get(new Listener(responderHigh, responderLow, event.destinationPort()));
        if (same != null) {
            same.forEach(stream -> stream.strays.add(event, facts));
        }
    }

    private void datagram(final EventRecord event) {
        final MessageType type = event.type();
        // As sessions have it; what could not be read may have been the answer to the last request.
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
        final SessionRecord session = answered == null && event.cause() == Cause.OTHER_ADDRESS
                ? answered(event, handle, event.otherHigh(), event.otherLow())
                : answered;
        if (session != null && session.outcome == Session.Outcome.OPEN) {
            session.strayAnswers.add(event, facts);
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
