package org.amverdict.replay;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Decision;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketPrinter;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a replay: packets by decision and reason, transactions, the streams announced and what became of
 * them, SYNs not let in. Packets are always counted; transactions, streams and SYNs are listed only up to a limit, and
 * the excess is counted as {@link #beyondLimits}. Not thread-safe.
 */
final class ReplaySummary {
    static final int TRANSACTIONS_MAX = 65_536;
    static final int STREAMS_MAX = 65_536;
    /** Each also has its own line among the packets. */
    static final int REFUSED_SYNS_MAX = 20;

    /** In the order of the reports. */
    static final List<Verdict> VERDICTS = List.of(Verdict.ACCEPT, Verdict.CONTINUE, Verdict.DROP);

    private static final int REASONS = Reason.values().length;

    private final long[][] packets = new long[VERDICTS.size()][REASONS];
    private final Set<String> transactions = new HashSet<>();
    private final Map<Service, Long> services = new EnumMap<>(Service.class);
    private final Map<String, Stream> streams = new LinkedHashMap<>();
    /** The newest stream announced for a host pair and port, before and after its SYN. */
    private final Map<String, Stream> pending = new HashMap<>();
    /** The newest stream of each port that is listened on. */
    private final Map<String, Stream> listeners = new HashMap<>();

    private final Map<String, Stream> connected = new HashMap<>();

    private final List<String> otherConnections = new ArrayList<>();
    private final Map<Verdict, Refused> refusedSyns = new EnumMap<>(Map.of(
            Verdict.DROP, new Refused(),
            Verdict.CONTINUE, new Refused()));
    /** What the capture shows from its beginning, whatever was decided, and what it shows without one. */
    private final Set<String> requested = new HashSet<>();

    private final Set<String> unrequested = new HashSet<>();
    private final Set<String> started = new HashSet<>();
    private final Set<String> unstarted = new HashSet<>();
    private long beyondLimits;
    private long skippedFrames;
    private long truncated;
    private long cutPackets;
    private int cutAtBytes;

    /** One stream that a reply opened. */
    static final class Stream {
        final StreamName name;
        final String hosts;
        final long announcedNanos;
        long connectedNanos = -1;
        boolean answered;
        /** SYNs to its port, from any host, that were not let in before one was. */
        long refusedSyns;
        /** Answers to its SYN that were not let through. */
        long refusedAnswers;

        Stream(final StreamName name, final String hosts, final long announcedNanos) {
            this.name = name;
            this.hosts = hosts;
            this.announcedNanos = announcedNanos;
        }

        /** Whether its SYN was let in. */
        boolean connected() {
            return connectedNanos >= 0;
        }

        /** Whether the capture has the listener's answer to it. */
        boolean answered() {
            return answered;
        }
    }

    /** SYNs that were not let in. */
    private static final class Refused {
        private long count;
        private final List<String> first = new ArrayList<>();
    }

    void add(
            final PacketView packet,
            final Decision decision,
            final @Nullable ControlHeader header,
            final long sinceStartNanos) {
        packets[decision.decided().ordinal()][decision.reason().ordinal()]++;
        truncated += decision.decodeStatus() == DecodeStatus.TRUNCATED ? 1 : 0;
        if (header != null && decision.reason() == Reason.REQUEST) {
            addRequest(packet, header, decision.service());
        }
        if (header != null) {
            noteExchange(packet, decision, header);
        } else {
            noteConnection(packet, decision);
        }
        for (int i = 0; i < decision.streamCount(); i++) {
            announce(packet, header, decision.streamName(i), decision.streamPort(i), sinceStartNanos);
        }
        if (isSyn(packet, decision)) {
            addSyn(packet, decision, sinceStartNanos);
        } else if (decision.reason() != Reason.MALFORMED && isSynAck(packet)) {
            final Stream stream = connected.get(hosts(packet, /* reversed= */ true, packet.sourcePort()));
            if (stream != null && decision.decided() != Verdict.ACCEPT) {
                stream.refusedAnswers++;
            } else if (stream != null && decision.reason() == Reason.ESTABLISHED) {
                stream.answered = true;
            }
        }
    }

    private void noteExchange(final PacketView packet, final Decision decision, final ControlHeader header) {
        if (header.type() == MessageType.REQ) {
            addUpTo(requested, transaction(packet, header, true));
            return;
        }
        final boolean answer = decision.reason() == Reason.UNSOLICITED;
        final boolean acknowledgement = decision.reason() == Reason.ACK && decision.transaction() == 0;
        if (answer || acknowledgement) {
            final String exchange = transaction(packet, header, acknowledgement);
            if (!requested.contains(exchange)) {
                addUpTo(unrequested, exchange);
            }
        }
    }

    private void noteConnection(final PacketView packet, final Decision decision) {
        if (isSyn(packet, decision)) {
            addUpTo(started, ends(packet, false));
        } else if (decision.reason() == Reason.NO_FLOW
                && !started.contains(ends(packet, false))
                && !started.contains(ends(packet, true))
                && !unstarted.contains(ends(packet, true))) {
            addUpTo(unstarted, ends(packet, false));
        }
    }

    private void addUpTo(final Set<String> set, final String text) {
        if (set.size() < TRANSACTIONS_MAX) {
            set.add(text);
        } else if (!set.contains(text)) {
            beyondLimits++;
        }
    }

    private static String ends(final PacketView packet, final boolean reversed) {
        return hosts(packet, reversed, reversed ? packet.sourcePort() : packet.destinationPort())
                + ' '
                + (reversed ? packet.destinationPort() : packet.sourcePort());
    }

    /** Takes over what only the source of the packets knows; once, after the last packet. */
    void end(final PcapSource source) {
        skippedFrames = source.skippedFrames();
        cutAtBytes = source.cutAtBytes();
        // A packet can also be too short for its headers as it was sent.
        cutPackets = Math.min(truncated, source.cutPackets());
    }

    private void addRequest(final PacketView packet, final ControlHeader header, final @Nullable Service service) {
        if (transactions.size() == TRANSACTIONS_MAX) {
            beyondLimits++;
        } else if (service != null && transactions.add(transaction(packet, header, true))) {
            services.merge(service, 1L, Long::sum);
        }
    }

    private void announce(
            final PacketView packet,
            final @Nullable ControlHeader header,
            final StreamName name,
            final int port,
            final long sinceStartNanos) {
        final String hosts = hosts(packet, /* reversed= */ true, port);
        final String key = transaction(packet, header, false) + ' ' + name + ' ' + port;
        if (streams.size() == STREAMS_MAX) {
            beyondLimits++;
            return;
        }
        final Stream stream = new Stream(name, hosts, sinceStartNanos);
        // A changed reply announces its streams again while none of the earlier ones has connected: the newer one
        // counts.
        streams.put(key, stream);
        pending.put(hosts, stream);
        listeners.put(listener(hosts), stream);
    }

    /** {@code 198.51.100.7 port 4000}, regardless of the connecting host. */
    private static String listener(final String hosts) {
        return hosts.substring(hosts.indexOf('>') + 1);
    }

    private static boolean isSyn(final PacketView packet, final Decision decision) {
        return decision.reason() != Reason.MALFORMED
                && packet.protocol() == PacketView.PROTOCOL_TCP
                && !packet.laterFragment()
                && packet.tcp().syn()
                && !packet.tcp().ack();
    }

    private static boolean isSynAck(final PacketView packet) {
        return packet.protocol() == PacketView.PROTOCOL_TCP
                && !packet.laterFragment()
                && packet.tcp().syn()
                && packet.tcp().ack();
    }

    private void addSyn(final PacketView packet, final Decision decision, final long sinceStartNanos) {
        final String hosts = hosts(packet, /* reversed= */ false, packet.destinationPort());
        final Refused refused = refusedSyns.get(decision.decided());
        if (refused != null) {
            refused.count++;
            final Stream meant = listeners.get(listener(hosts));
            if (meant != null && !meant.connected()) {
                meant.refusedSyns++;
            }
            addUpTo(refused.first, hosts, REFUSED_SYNS_MAX);
        } else if (decision.reason() == Reason.EXPECTED) {
            final Stream stream = pending.remove(hosts);
            if (stream != null) {
                stream.connectedNanos = sinceStartNanos;
                connected.put(hosts, stream);
            }
        } else if (decision.reason() != Reason.ESTABLISHED) {
            if (!addUpTo(otherConnections, decision.reason().label() + ' ' + hosts, STREAMS_MAX)) {
                beyondLimits++;
            }
        }
    }

    private static boolean addUpTo(final List<String> list, final String text, final int max) {
        return list.size() < max && list.add(text);
    }

    /** Requester, responder, their ports, HANDLE and SEQ (none in TCP): the identity of a transaction. */
    private static String transaction(
            final PacketView packet, final @Nullable ControlHeader header, final boolean fromRequester) {
        final StringBuilder key = new StringBuilder();
        key.append(hosts(packet, !fromRequester, fromRequester ? packet.destinationPort() : packet.sourcePort()));
        key.append(' ').append(fromRequester ? packet.sourcePort() : packet.destinationPort());
        if (header == null) {
            return key.toString();
        }
        return key.append(' ')
                .append(handle(packet, header))
                .append(' ')
                .append(sequence(packet, header))
                .toString();
    }

    static String handle(final PacketView packet, final ControlHeader header) {
        return packet.buffer().toString(header.handleOffset(), header.handleLength(), StandardCharsets.US_ASCII);
    }

    static String sequence(final PacketView packet, final ControlHeader header) {
        return packet.buffer().toString(header.sequenceOffset(), header.sequenceLength(), StandardCharsets.US_ASCII);
    }

    /** "requester > responder port N", regardless of the packet's direction. */
    private static String hosts(final PacketView packet, final boolean reversed, final int port) {
        final StringBuilder source = new StringBuilder();
        final StringBuilder destination = new StringBuilder();
        PacketPrinter.appendAddress(source, packet.sourceHigh(), packet.sourceLow());
        PacketPrinter.appendAddress(destination, packet.destinationHigh(), packet.destinationLow());
        return (reversed ? destination : source) + " > " + (reversed ? source : destination) + " port " + port;
    }

    long packets(final Verdict verdict, final Reason reason) {
        return packets[verdict.ordinal()][reason.ordinal()];
    }

    long packets(final Verdict verdict) {
        long sum = 0;
        for (final long count : packets[verdict.ordinal()]) {
            sum += count;
        }
        return sum;
    }

    /** All of them. */
    long packets() {
        return VERDICTS.stream().mapToLong(this::packets).sum();
    }

    /** Frames of the captures that held no IP packet. */
    long skippedFrames() {
        return skippedFrames;
    }

    /** Packets that could not be judged because only their beginning was captured. */
    long cutPackets() {
        return cutPackets;
    }

    /** The snap length that cut them, in bytes. */
    int cutAtBytes() {
        return cutAtBytes;
    }

    /** Transactions that were let in. */
    int transactions() {
        return transactions.size();
    }

    Map<Service, Long> transactionsByService() {
        return Collections.unmodifiableMap(services);
    }

    /** In the order of their announcement. */
    Collection<Stream> streams() {
        return Collections.unmodifiableCollection(streams.values());
    }

    int connectedStreams() {
        int count = 0;
        for (final Stream stream : streams.values()) {
            count += stream.connected() ? 1 : 0;
        }
        return count;
    }

    /** Connections let in for a reason other than an announcement, with that reason. */
    List<String> otherConnections() {
        return Collections.unmodifiableList(otherConnections);
    }

    /** SYNs with this decision, DROP or CONTINUE. */
    long refusedSynCount(final Verdict decided) {
        return Objects.requireNonNull(refusedSyns.get(decided)).count;
    }

    /** The first {@link #REFUSED_SYNS_MAX} of them. */
    List<String> refusedSyns(final Verdict decided) {
        return Collections.unmodifiableList(Objects.requireNonNull(refusedSyns.get(decided)).first);
    }

    /** Exchanges with messages but no REQ before them. */
    int answersWithoutRequest() {
        return unrequested.size();
    }

    /** Connections with packets but no SYN before them. */
    int connectionsWithoutStart() {
        return unstarted.size();
    }

    /** Requests, streams and connections beyond the limits of the lists. */
    long beyondLimits() {
        return beyondLimits;
    }
}
