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
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions wait for, found by the ends of a dropped packet, so that no session claims that nothing came when
 * the packet was dropped here. Guarded by the lock of {@link SessionLog}.
 */
final class Awaited {
    /** Most requesters that one port was announced to; of more, only the newest count. */
    private static final int SAME_PORT_MAX = 16;

    private final Map<Listener, Deque<StreamRecord>> ports = new HashMap<>();
    private final Map<Asker, SessionRecord> exchanges = new HashMap<>();
    private final Facts facts;

    private record Listener(IpAddress responder, int port) {
        static Listener of(final SessionRecord session, final StreamRecord stream) {
            return new Listener(session.responder, stream.port);
        }
    }

    /** @param handle empty for the newest exchange between these ends */
    private record Asker(IpAddress requester, int requesterPort, IpAddress responder, String handle) {
        static Asker of(final SessionRecord session, final String handle) {
            return new Asker(session.requester, session.requesterPort, session.responder, handle);
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

    /** The SYN of a stream is no longer awaited. */
    void end(final SessionRecord session, final StreamRecord stream) {
        ports.computeIfPresent(Listener.of(session, stream), (key, same) -> {
            same.removeIf(other -> other == stream);
            return same.isEmpty() ? null : same;
        });
    }

    /** Nothing of the session is awaited any longer. */
    void end(final SessionRecord session) {
        exchanges.remove(Asker.of(session, session.handle), session);
        exchanges.remove(Asker.of(session, ""), session);
        session.streams.forEach(stream -> end(session, stream));
    }

    /** Adds a packet that was dropped, or would have been, to whatever it could have been meant for. */
    void dropped(final EventRecord event) {
        if (event.protocol() == PacketView.PROTOCOL_TCP && event.reason() == Reason.UNEXPECTED) {
            syn(event, event.destination());
            for (final IpAddress host : facts.behind(event)) {
                syn(event, host);
            }
        } else if (event.protocol() == PacketView.PROTOCOL_UDP) {
            datagram(event);
        }
    }

    private void syn(final EventRecord event, final IpAddress responder) {
        final Deque<StreamRecord> same = ports.get(new Listener(responder, event.destinationPort()));
        if (same != null) {
            same.forEach(stream -> stream.strays.add(event, facts));
        }
    }

    private void datagram(final EventRecord event) {
        final MessageType type = event.type();
        // By the sessions' view; what could not be read may have been the answer to the last request.
        final String handle = type == null ? "" : EventFields.escaped(event.handle());
        if (type == MessageType.ACK) {
            final SessionRecord own =
                    exchanges.get(new Asker(event.source(), event.sourcePort(), event.destination(), handle));
            if (own != null) {
                own.strayAcks.add(event, facts);
                return;
            }
        }
        final SessionRecord answered = answered(event, handle, event.source());
        final SessionRecord session = answered == null && event.cause() == Cause.OTHER_ADDRESS
                ? answered(event, handle, event.other())
                : answered;
        if (session != null && session.outcome == Session.Outcome.OPEN) {
            session.strayAnswers.add(event, facts);
        }
    }

    private @Nullable SessionRecord answered(final EventRecord event, final String handle, final IpAddress responder) {
        return exchanges.get(new Asker(event.destination(), event.destinationPort(), responder, handle));
    }
}
