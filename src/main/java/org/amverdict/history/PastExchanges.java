package org.amverdict.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amverdict.amanda.MessageType;
import org.amverdict.events.EventRecord;
import org.amverdict.packet.IpAddress;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.Removal;
import org.jspecify.annotations.Nullable;

/**
 * Recent requests and announcements and their outcome, found by the ends of a packet. The reader's thread writes it,
 * record by record in the order of cause and effect, so its answer about a record is what was true when that packet was
 * judged. Beyond {@link #CAPACITY} exchanges the oldest is forgotten. Any thread may ask.
 */
public final class PastExchanges {
    static final int CAPACITY = 4096;
    /** Most ports of one exchange: a few REPs with five each. */
    private static final int PORTS_MAX = 32;
    /** What ended longer ago no longer explains anything: no expectation lives longer. */
    private static final long RELEVANT_NANOS = 3_600_000_000_000L;

    private final Map<Long, Exchange> byNumber = new LinkedHashMap<>();
    private final Map<Key, Exchange> byKey = new HashMap<>();
    private final Map<Pair, TreeMap<Integer, Announced>> byPair = new HashMap<>();

    private record Pair(IpAddress requester, IpAddress responder) {}

    private record Key(Pair hosts, int requesterPort, int responderPort, String handle, String sequence) {}

    /** One exchange. Guarded by the history's lock. */
    private static final class Exchange {
        final Pair hosts;
        final @Nullable Key key;
        final String service;
        final long askedNanos;
        final List<Announced> announced = new ArrayList<>();
        long answeredNanos;
        boolean answered;

        @Nullable Removal removal;

        long endedNanos;

        Exchange(final Pair hosts, final @Nullable Key key, final String service, final long askedNanos) {
            this.hosts = hosts;
            this.key = key;
            this.service = service;
            this.askedNanos = askedNanos;
        }
    }

    /** One announced port. Guarded by the history's lock. */
    private static final class Announced {
        final long number;
        final String what;
        final int port;
        final long announcedNanos;
        Past.State state;
        Removal removal = Removal.EXPIRED;
        long changedNanos;
        int connectorPort;

        @Nullable Fact refused;

        Announced(final long number, final String what, final int port, final Past.State state, final long nanos) {
            this.number = number;
            this.what = what;
            this.port = port;
            this.state = state;
            announcedNanos = nanos;
            changedNanos = nanos;
        }

        Past at(final long nanos) {
            return new Past(
                    what,
                    port,
                    new Past.Outcome(state, removal, connectorPort, refused),
                    nanos - announcedNanos,
                    nanos - changedNanos);
        }
    }

    /** How an exchange had ended, or that it was answered. Immutable. */
    record PastExchange(
            String service,
            long askedAgoNanos,
            boolean answered,
            @Nullable Removal removal,
            long changedAgoNanos) {}

    /**
     * Records the changes of one event.
     *
     * @param refused what was wrong with a REP that opened nothing, null for other records
     */
    synchronized void record(final EventRecord event, final @Nullable Fact refused) {
        switch (event.kind()) {
            case EventRecord.EXPECTATION_ENDED -> expectationEnded(event);
            case EventRecord.TRANSACTION_ENDED -> {
                final Exchange exchange = byNumber.get(event.transaction());
                if (exchange != null) {
                    exchange.removal = event.removal();
                    exchange.endedNanos = event.nanos();
                }
            }
            case EventRecord.FLOW_ENDED -> {
                final Announced port = event.flowEnd() == FlowEnd.REFUSED && event.rearmed() ? find(event) : null;
                if (port != null && port.state == Past.State.TAKEN) {
                    port.state = Past.State.WAITING;
                    port.changedNanos = event.nanos();
                }
            }
            default -> decided(event, refused);
        }
    }

    private void decided(final EventRecord event, final @Nullable Fact refused) {
        switch (event.role()) {
            case REQUEST -> exchange(event, pair(event, true), event.sourcePort(), event.destinationPort());
            case ANSWER, LEGACY_RECOVERY -> answered(event, refused);
            case ANNOUNCED_STREAM -> {
                final Announced port = find(event);
                if (port != null) {
                    port.state = Past.State.TAKEN;
                    port.changedNanos = event.nanos();
                    port.connectorPort = event.sourcePort();
                }
            }
            case ACKNOWLEDGEMENT, OTHER_STREAM, NONE -> {
                // changes nothing
            }
        }
    }

    private void answered(final EventRecord event, final @Nullable Fact refused) {
        if (event.type() == null && event.streamCount() + event.refusedCount() == 0) {
            return;
        }
        final Exchange exchange = exchange(event, pair(event, false), event.destinationPort(), event.sourcePort());
        if (exchange == null) {
            return;
        }
        if ((event.type() == MessageType.REP || event.type() == MessageType.NAK) && !exchange.answered) {
            exchange.answered = true;
            exchange.answeredNanos = event.nanos();
        }
        for (int i = 0; i < event.streamCount(); i++) {
            announce(exchange, event, i, Past.State.WAITING);
        }
        for (int i = 0; i < event.refusedCount(); i++) {
            // A refused repetition does not change what an earlier REP of this exchange opened.
            final Announced known = port(exchange.hosts, event.streamPort(i));
            final boolean opened = known != null
                    && known.number == event.transaction()
                    && known.state != Past.State.REFUSED
                    && known.state != Past.State.ENDED;
            if (!opened) {
                announce(exchange, event, i, Past.State.REFUSED).refused = refused;
            }
        }
    }

    private Announced announce(final Exchange exchange, final EventRecord event, final int i, final Past.State state) {
        final Announced made = new Announced(
                event.transaction(),
                event.streamName(i).name() + " of " + exchange.service,
                event.streamPort(i),
                state,
                event.nanos());
        final TreeMap<Integer, Announced> ports = byPair.computeIfAbsent(exchange.hosts, hosts -> new TreeMap<>());
        ports.put(made.port, made);
        exchange.announced.add(made);
        if (exchange.announced.size() > PORTS_MAX) {
            forget(exchange.hosts, exchange.announced.remove(0));
        }
        return made;
    }

    private void expectationEnded(final EventRecord event) {
        final Announced port = find(event);
        if (port != null && port.state == Past.State.WAITING) {
            port.state = Past.State.ENDED;
            port.removal = event.removal();
            port.changedNanos = event.nanos();
        }
    }

    private static Pair pair(final EventRecord event, final boolean fromRequester) {
        return fromRequester
                ? new Pair(event.source(), event.destination())
                : new Pair(event.destination(), event.source());
    }

    private @Nullable Exchange exchange(
            final EventRecord event, final Pair hosts, final int requesterPort, final int responderPort) {
        if (event.transaction() == 0) {
            return null;
        }
        final Exchange known = byNumber.get(event.transaction());
        if (known != null) {
            return known;
        }
        if (byNumber.size() >= CAPACITY) {
            forgetOldest();
        }
        final boolean old = event.type() == null;
        final Key key = old ? null : new Key(hosts, requesterPort, responderPort, event.handle(), event.sequence());
        final String service = old
                ? "legacy recovery"
                : event.service() == null ? "other" : event.service().label();
        final Exchange made = new Exchange(hosts, key, service, old ? event.nanos() : event.openedNanos());
        byNumber.put(event.transaction(), made);
        if (key != null) {
            byKey.put(key, made);
        }
        return made;
    }

    private void forgetOldest() {
        final Map.Entry<Long, Exchange> oldest = byNumber.entrySet().iterator().next();
        final Exchange exchange = oldest.getValue();
        byNumber.remove(oldest.getKey());
        if (exchange.key != null) {
            byKey.remove(exchange.key, exchange);
        }
        exchange.announced.forEach(port -> forget(exchange.hosts, port));
    }

    private void forget(final Pair hosts, final Announced port) {
        final TreeMap<Integer, Announced> ports = byPair.get(hosts);
        if (ports != null && ports.remove(port.port, port) && ports.isEmpty()) {
            byPair.remove(hosts);
        }
    }

    /** The port that a SYN or an ending is about; for a SYN to a public address, found by its exchange. */
    private @Nullable Announced find(final EventRecord event) {
        final Announced port = port(pair(event, true), event.destinationPort());
        if (port != null && port.number == event.transaction()) {
            return port;
        }
        final Exchange exchange = byNumber.get(event.transaction());
        if (exchange != null) {
            for (int i = exchange.announced.size() - 1; i >= 0; i--) {
                if (exchange.announced.get(i).port == event.destinationPort()) {
                    return exchange.announced.get(i);
                }
            }
        }
        return null;
    }

    private @Nullable Announced port(final Pair hosts, final int port) {
        final TreeMap<Integer, Announced> ports = byPair.get(hosts);
        return ports == null ? null : ports.get(port);
    }

    /**
     * The announced port between two hosts: this one, or else the nearest one.
     *
     * @param nanos the moment in question
     */
    synchronized @Nullable Past nearest(
            final IpAddress source, final IpAddress destination, final int port, final long nanos) {
        final TreeMap<Integer, Announced> ports = byPair.get(new Pair(source, destination));
        if (ports == null) {
            return null;
        }
        final Announced below = relevant(ports.floorEntry(port), nanos);
        final Announced above = relevant(ports.ceilingEntry(port), nanos);
        if (below == null || above == null) {
            return below != null ? below.at(nanos) : above != null ? above.at(nanos) : null;
        }
        return (port - below.port <= above.port - port ? below : above).at(nanos);
    }

    private static @Nullable Announced relevant(final Map.@Nullable Entry<Integer, Announced> entry, final long nanos) {
        return entry == null || nanos - entry.getValue().changedNanos > RELEVANT_NANOS ? null : entry.getValue();
    }

    /** The exchange that a datagram of the responder would belong to. */
    synchronized @Nullable PastExchange exchange(final EventRecord answer) {
        final Exchange exchange = byKey.get(new Key(
                pair(answer, false),
                answer.destinationPort(),
                answer.sourcePort(),
                answer.handle(),
                answer.sequence()));
        if (exchange == null) {
            return null;
        }
        final long changedNanos = exchange.removal != null
                ? exchange.endedNanos
                : exchange.answered ? exchange.answeredNanos : exchange.askedNanos;
        return new PastExchange(
                exchange.service,
                answer.nanos() - exchange.askedNanos,
                exchange.answered,
                exchange.removal,
                answer.nanos() - changedNanos);
    }
}
