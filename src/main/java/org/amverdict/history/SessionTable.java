package org.amverdict.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.amverdict.events.Ends;
import org.amverdict.events.EventRecord;
import org.amverdict.events.PacketRole;
import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The records of the last transactions, found by their hosts, their number or the ends of a connection. Beyond
 * {@link #CAPACITY} the oldest finished one is forgotten and counted, or the oldest if none of the old ones is
 * finished. Guarded by the lock of {@link SessionLog}, except where it says any thread.
 */
final class SessionTable {
    static final int CAPACITY = 4096;
    /** Most old records examined to find a finished one. */
    private static final int LOOK_MAX = 256;

    /** Numbers of transactions repeat if the state of an earlier run is lost, so the hosts are part of the key. */
    private final Map<Key, SessionRecord> sessions = new LinkedHashMap<>();

    /** The newest record of each number. */
    private final Map<Long, SessionRecord> latest = new HashMap<>();

    private final Map<Ends, Connected> connected = new ConcurrentHashMap<>();
    private final Consumer<SessionRecord> forgetting;
    private final AtomicLong forgotten = new AtomicLong();
    private long lastId;

    /** A stream that was connected to. */
    record Connected(SessionRecord session, StreamRecord stream) {}

    private record Key(long number, IpAddress requester, IpAddress responder) {
        static Key of(final EventRecord event, final boolean fromRequester) {
            return fromRequester
                    ? new Key(event.transaction(), event.source(), event.destination())
                    : new Key(event.transaction(), event.destination(), event.source());
        }
    }

    /** @param forgetting gets each record before it is forgotten */
    SessionTable(final Consumer<SessionRecord> forgetting) {
        this.forgetting = forgetting;
    }

    /** The record of that transaction between these hosts, or null. */
    @Nullable SessionRecord find(final EventRecord event, final boolean fromRequester) {
        return sessions.get(Key.of(event, fromRequester));
    }

    /**
     * The record of the transaction that announced this connection, or null. A SYN to a public address is judged before
     * translation, so it does not have the responder's own address.
     */
    @Nullable SessionRecord findConnected(final EventRecord event) {
        final SessionRecord session = find(event, true);
        if (session != null) {
            return session;
        }
        final SessionRecord published = latest.get(event.transaction());
        if (published == null
                || !published.requester.equals(event.source())
                || published.stream(event.destinationPort()) == null) {
            return null;
        }
        return published;
    }

    /** The record with that number, or null if there is none or more than one. */
    @Nullable SessionRecord findOnly(final long number) {
        final SessionRecord session = latest.get(number);
        return session == null || session.sharesNumber ? null : session;
    }

    /** The session that this record belongs to, whatever its kind, or null. */
    @Nullable SessionRecord behind(final EventRecord event) {
        return switch (event.kind()) {
            case EventRecord.TRANSACTION_ENDED -> findOnly(event.transaction());
            case EventRecord.DECISION -> event.role() == PacketRole.ANSWER ? find(event, false) : findConnected(event);
            default -> findConnected(event);
        };
    }

    /** Begins a record, replacing an old one if necessary. */
    SessionRecord begin(final EventRecord event, final boolean fromRequester, final long nowNanos) {
        if (sessions.size() >= CAPACITY) {
            makeRoom(nowNanos);
        }
        final SessionRecord session = new SessionRecord(++lastId, event, fromRequester);
        sessions.put(Key.of(event, fromRequester), session);
        final SessionRecord other = latest.put(event.transaction(), session);
        if (other != null) {
            other.sharesNumber = true;
            session.sharesNumber = true;
        }
        return session;
    }

    private void makeRoom(final long nowNanos) {
        forgotten.incrementAndGet();
        final Iterator<SessionRecord> eldest = sessions.values().iterator();
        for (int i = 0; i < LOOK_MAX && eldest.hasNext(); i++) {
            final SessionRecord session = eldest.next();
            if (session.finished(nowNanos)) {
                eldest.remove();
                forget(session);
                return;
            }
        }
        final Iterator<SessionRecord> first = sessions.values().iterator();
        forget(first.next());
        first.remove();
    }

    private void forget(final SessionRecord session) {
        latest.remove(session.number, session);
        forgetting.accept(session);
        session.streams.forEach(stream -> disconnected(session, stream));
    }

    /** Adds a stream under the port that connected. */
    void connected(final SessionRecord session, final StreamRecord stream) {
        connected.put(ends(session, stream), new Connected(session, stream));
    }

    /** Removes a stream from under the port that connected. */
    void disconnected(final SessionRecord session, final StreamRecord stream) {
        connected.computeIfPresent(ends(session, stream), (ends, known) -> known.stream() == stream ? null : known);
    }

    private static Ends ends(final SessionRecord session, final StreamRecord stream) {
        return new Ends(session.requester, stream.connectorPort, session.responder, stream.port);
    }

    /** The stream with these ends, or null. */
    @Nullable Connected find(final Ends ends) {
        return connected.get(ends);
    }

    /** Whether there is a stream with these ends. Any thread. */
    boolean has(final Ends ends) {
        return connected.containsKey(ends);
    }

    /** All of them, oldest first. */
    Collection<SessionRecord> all() {
        return sessions.values();
    }

    /** A copy of the list, newest first. */
    List<SessionRecord> newestFirst() {
        final List<SessionRecord> all = new ArrayList<>(sessions.values());
        Collections.reverse(all);
        return all;
    }

    /** Records that were forgotten to make room, since the start. Any thread. */
    long forgotten() {
        return forgotten.get();
    }
}
