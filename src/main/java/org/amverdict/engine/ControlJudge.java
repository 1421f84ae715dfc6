package org.amverdict.engine;

import io.netty.buffer.ByteBuf;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.ReplyParser;
import org.amverdict.amanda.RequestParser;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.Tuple;
import org.amverdict.packet.UdpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.Announcement;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.InterfacePair;
import org.amverdict.track.Removal;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/**
 * The rows of the decision table for UDP to and from a control port. One instance per worker; the transactions, which
 * all workers share, are only touched under the control lock. What an input can lengthen, such as the sum over a datagram
 * or the reading of its text, is done before the lock is taken: everybody else's datagrams wait for it.
 */
final class ControlJudge {
    /**
     * How long after its first announcing REP a transaction may announce or repeat: a requester that hears nothing
     * starts over twice, each time after at most 30 s for the ACK and 60 s for the REP (amanda-protocol.md 1.7).
     */
    private static final long REPLY_WINDOW_NANOS = 300_000_000_000L;
    /** Exchanges whose announcements are taken back to make room for a REP: some microseconds under the control lock. */
    private static final int GIVEN_UP_MAX = 16;

    private final Tables tables;
    private final TransactionTable transactions;
    private final ExpectationTable expectations;
    /** Those of the datagram that is judged. */
    private TableLimits limits;

    private final Scratch scratch;
    private final EngineCounters counters;

    private final ControlHeader header = new ControlHeader();
    private final RequestParser request = new RequestParser();
    private final ReplyParser reply = new ReplyParser();
    /** The transaction that the datagram answers, and what its REQ asked for. */
    private int answered;

    private long answeredNumber;
    private Service asked = Service.NOOP;

    private int askedTraits;
    /** From the requester to the responder, whichever way the datagram goes. */
    private final Tuple exchange = new Tuple();
    /** From the requester to an announced port. */
    private final Tuple stream = new Tuple();

    private final Announcement announcement = new Announcement();
    private final int[] ports = new int[Decision.STREAMS_MAX];
    private final StreamName[] names = new StreamName[Decision.STREAMS_MAX];

    ControlJudge(final Tables tables, final Scratch scratch, final EngineCounters counters) {
        this.tables = tables;
        this.transactions = tables.transactions();
        this.expectations = tables.expectations();
        this.limits = tables.limits();
        this.scratch = scratch;
        this.counters = counters;
    }

    /** UDP to a control port. */
    void fromRequester(final JudgedPacket judged) {
        limits = tables.limits();
        exchange.set(judged.tuple);
        final Policy policy = judged.settings.policy();
        if (!policy.permits(judged.tuple)) {
            judged.decision.drop(Reason.NOT_ALLOWED);
            return;
        }
        if (!isIntact(judged)) {
            return;
        }
        final UdpView udp = judged.packet.udp();
        if (!header.wrap(judged.packet.buffer(), udp.payloadOffset(), udp.availablePayload())) {
            judged.decision.drop(Reason.BAD_CONTROL);
            return;
        }
        judged.decision.describe(header);
        switch (header.type()) {
            case REQ -> judgeRequest(judged);
            case ACK -> judgeAcknowledgement(judged);
            default -> judged.decision.drop(Reason.WRONG_DIRECTION);
        }
        counters.countControlMessage(header.type(), judged.decision.service);
    }

    /** Whole (or a first fragment, which is judged as far as it goes) and with a right checksum. */
    private static boolean isIntact(final JudgedPacket judged) {
        final UdpView udp = judged.packet.udp();
        if (judged.packet.fragment()) {
            return true;
        }
        if (!udp.complete()) {
            // The queue copies headers only: nothing can be read from it, so nothing may come of it.
            judged.decision.malformed(DecodeStatus.TRUNCATED);
            return false;
        }
        final boolean acceptPartial = judged.metadata.has(PacketBatch.CHECKSUM_MAY_BE_PARTIAL);
        if (!judged.metadata.has(PacketBatch.CHECKSUM_NOT_READY) && !udp.verifyChecksum(judged.packet, acceptPartial)) {
            judged.decision.malformed(DecodeStatus.BAD_CHECKSUM);
            return false;
        }
        return true;
    }

    private void judgeRequest(final JudgedPacket judged) {
        final Policy policy = judged.settings.policy();
        final ByteBuf buffer = judged.packet.buffer();
        if (!policy.isRequesterPort(judged.packet.sourcePort())
                || !request.parse(buffer, header.bodyOffset(), header.bodyLength(), !judged.packet.fragment())) {
            judged.decision.drop(Reason.BAD_REQUEST);
            return;
        }
        final Service service = request.service();
        judged.decision.service = service;
        if (service == null || policy.find(exchange, service) == null) {
            judged.decision.drop(Reason.SERVICE_NOT_ALLOWED);
            return;
        }
        final long published = judged.settings
                .published()
                .bits(judged.metadata.mark(), judged.packet.destinationHigh(), judged.packet.destinationLow());
        tables.control().lock();
        try {
            if (enter(judged, service, published)) {
                judged.decision.accept(Reason.REQUEST);
            } else {
                judged.decision.drop(Reason.BAD_REQUEST);
            }
        } finally {
            tables.control().unlock();
        }
    }

    /** Opens or refreshes the transaction of a REQ; false if it uses another's HANDLE and SEQ. */
    private boolean enter(final JudgedPacket judged, final Service service, final long published) {
        int slot = find(judged);
        if (slot == TransactionTable.NONE) {
            slot = transactions.open(scratch, service, request.traits(), judged.nowNanos);
            if (slot == TransactionTable.NONE) {
                return true;
            }
            transactions.setSides(slot, judged.metadata.sidesForth());
            transactions.setDeadline(slot, judged.nowNanos + limits.replyWithinNanos());
            judged.decision.opens = true;
        } else if (transactions.service(slot) != service || !isFromRequesterSide(judged, slot)) {
            // A repeated REQ is the same to the byte.
            return false;
        } else {
            transactions.setSides(slot, InterfacePair.learn(transactions.sides(slot), judged.metadata.sidesForth()));
            transactions.touch(slot);
        }
        name(judged, slot);
        transactions.setPublished(slot, published);
        return true;
    }

    private boolean isFromRequesterSide(final JudgedPacket judged, final int slot) {
        return InterfacePair.requesterFits(
                transactions.sides(slot), judged.metadata.inInterface(), tables.interfaces());
    }

    private void judgeAcknowledgement(final JudgedPacket judged) {
        tables.control().lock();
        try {
            final int slot = find(judged);
            if (slot != TransactionTable.NONE && isFromRequesterSide(judged, slot)) {
                judged.decision.service = transactions.service(slot);
                name(judged, slot);
                if (transactions.replied(slot)) {
                    transactions.close(slot, judged.nowNanos + limits.expectationLifetimeNanos());
                }
            }
        } finally {
            tables.control().unlock();
        }
        judged.decision.accept(Reason.ACK);
    }

    private void name(final JudgedPacket judged, final int slot) {
        judged.decision.transaction = transactions.number(slot);
        judged.decision.openedNanos = transactions.openedNanos(slot);
    }

    private int find(final JudgedPacket judged) {
        return transactions.find(scratch, exchange, judged.packet.buffer(), header, judged.nowNanos);
    }

    /** UDP from a control port. */
    void fromResponder(final JudgedPacket judged) {
        limits = tables.limits();
        exchange.reversedOf(judged.tuple);
        final UdpView udp = judged.packet.udp();
        if (!header.wrap(judged.packet.buffer(), udp.payloadOffset(), udp.availablePayload())) {
            judged.decision.drop(Reason.UNSOLICITED);
            return;
        }
        judged.decision.describe(header);
        if (!look(judged)) {
            judged.decision.drop(Reason.UNSOLICITED);
        } else if (isIntact(judged)) {
            judgeAnswerTo(judged, answered);
        }
        counters.countControlMessage(header.type(), judged.decision.service);
    }

    /** Finds the transaction that the datagram answers; false if there is none. */
    private boolean look(final JudgedPacket judged) {
        tables.control().lock();
        try {
            final int slot = find(judged);
            if (slot == TransactionTable.NONE || !isFromResponderSide(judged, slot)) {
                return false;
            }
            answered = slot;
            answeredNumber = transactions.number(slot);
            asked = transactions.service(slot);
            askedTraits = transactions.traits(slot);
            return true;
        } finally {
            tables.control().unlock();
        }
    }

    private boolean isFromResponderSide(final JudgedPacket judged, final int slot) {
        return InterfacePair.responderFits(
                transactions.sides(slot), judged.metadata.inInterface(), tables.interfaces());
    }

    private void judgeAnswerTo(final JudgedPacket judged, final int slot) {
        final Refusal text = header.type() == MessageType.REP
                ? reply.parse(judged.packet.buffer(), header.bodyOffset(), header.bodyLength(), asked, askedTraits)
                : Refusal.NONE;
        tables.control().lock();
        try {
            if (!transactions.isStill(answeredNumber, slot, judged.nowNanos) || !isFromResponderSide(judged, slot)) {
                // Another worker has given it up meanwhile.
                judged.decision.drop(Reason.UNSOLICITED);
                return;
            }
            judged.decision.service = asked;
            name(judged, slot);
            judgeAnswer(judged, slot, text);
        } finally {
            tables.control().unlock();
        }
    }

    private void judgeAnswer(final JudgedPacket judged, final int slot, final Refusal text) {
        final MessageType type = header.type();
        if (type == MessageType.REQ) {
            judged.decision.drop(Reason.WRONG_DIRECTION);
            return;
        }
        transactions.setSides(slot, InterfacePair.learn(transactions.sides(slot), judged.metadata.sidesBack()));
        transactions.touch(slot);
        if (type == MessageType.ACK || type == MessageType.PREP) {
            transactions.setAcknowledged(slot);
        }
        if (type == MessageType.NAK) {
            revokeAll(slot, Removal.NAK);
            transactions.close(slot, judged.nowNanos + limits.expectationLifetimeNanos());
        }
        final Refusal refusal = type == MessageType.REP ? judgeReply(judged, slot, text) : Refusal.NONE;
        final boolean drop =
                refusal == Refusal.HELD_BACK || (refusal != Refusal.NONE && judged.settings.dropRefusedReplies());
        if (type == MessageType.REP && !drop) {
            // The requester gets it, so its next ACK is the answer to it and ends the exchange, whatever it opened.
            transactions.setReplied(slot);
        }
        markForTranslation(judged, slot);
        if (refusal == Refusal.NONE) {
            judged.decision.accept(Reason.REPLY);
            return;
        }
        judged.decision.refusal = refusal;
        judged.decision.refuse(names, ports, collectStreams());
        counters.countRefusal(refusal);
        if (drop) {
            judged.decision.drop(Reason.REFUSED_REPLY);
        } else {
            judged.decision.accept(Reason.REFUSED_REPLY);
        }
    }

    /**
     * Has the answer leave under the public address that the request was sent to. The router knows by itself only as
     * long as conntrack remembers the request: two minutes, and an estimate takes longer.
     */
    private void markForTranslation(final JudgedPacket judged, final int slot) {
        final PublishedHosts published = judged.settings.published();
        // Asked again, because the list may be another one than when the request came.
        final long bits =
                published.bits(transactions.published(slot), judged.packet.sourceHigh(), judged.packet.sourceLow());
        if (bits != 0) {
            judged.decision.mark = (Integer.toUnsignedLong(judged.metadata.mark()) & ~published.mask()) | bits;
        }
    }

    /**
     * Opens what the REP announces, all of it or nothing.
     *
     * @param refusal what is wrong with its text
     */
    private Refusal judgeReply(final JudgedPacket judged, final int slot, final Refusal refusal) {
        if (reply.announces() && judged.packet.fragment()) {
            return Refusal.FRAGMENT;
        }
        final int count = refusal == Refusal.NONE ? collectStreams() : 0;
        if (transactions.closed(slot)) {
            // A repetition of what the requester has acknowledged is normal, it just opens nothing any more.
            return count == 0 || isSameReply(slot, count) ? refusal : Refusal.CLOSED;
        }
        final Refusal portRefusal = refusal == Refusal.NONE ? checkPorts(judged, count) : refusal;
        if (count > 0 && portRefusal == Refusal.NONE) {
            return announce(judged, slot, count);
        }
        final boolean error = portRefusal == Refusal.ERROR_LINE && !judged.settings.dropRefusedReplies();
        if (!judged.packet.fragment() && (portRefusal == Refusal.NONE || error)) {
            withdraw(judged, slot);
        }
        return portRefusal;
    }

    /**
     * Takes back what an earlier REP announced: the requester gets one without streams in its place, the responder was
     * started anew and failed. If it has connected to any of them it has acted on the earlier one, and the rest stays.
     */
    private void withdraw(final JudgedPacket judged, final int slot) {
        if (transactions.streamCount(slot) > 0 && !isTaken(judged, slot)) {
            revokeAll(slot, Removal.REVOKED);
            transactions.setStreams(slot, names, ports, 0, judged.nowNanos);
        }
    }

    private int collectStreams() {
        int count = 0;
        for (int i = 0; i < reply.count(); i++) {
            if (reply.hasPort(i)) {
                ports[count] = reply.number(i);
                names[count] = reply.name(i);
                count++;
            }
        }
        return count;
    }

    private boolean isSameReply(final int slot, final int count) {
        if (transactions.streamCount(slot) != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (transactions.port(slot, i) != ports[i] || !transactions.isNamed(slot, i, names[i])) {
                return false;
            }
        }
        return true;
    }

    private Refusal checkPorts(final JudgedPacket judged, final int count) {
        if (count > limits.expectationsPerReply()) {
            return Refusal.TOO_MANY;
        }
        final Allowance allowance = judged.settings.policy().find(exchange, asked);
        for (int i = 0; i < count; i++) {
            if (allowance == null || !allowance.streamPorts().contains(ports[i])) {
                judged.decision.because(Cause.PORT_OUTSIDE, ports[i]);
                return Refusal.PORT_NOT_ALLOWED;
            }
        }
        return Refusal.NONE;
    }

    private Refusal announce(final JudgedPacket judged, final int slot, final int count) {
        final long deadlineNanos = judged.nowNanos + limits.expectationLifetimeNanos();
        if (transactions.replies(slot) > 0 && isSameReply(slot, count)) {
            refreshAll(judged, slot, deadlineNanos);
            return Refusal.NONE;
        }
        final boolean changed = transactions.replies(slot) > 0;
        // Right only as long as the requester has not acted on the earlier one: the responder was started anew.
        if (changed && (transactions.replies(slot) >= TransactionTable.REPLIES_MAX || isTaken(judged, slot))) {
            return Refusal.CHANGED;
        }
        for (int i = 0; i < count; i++) {
            if (isHeldByOther(judged, slot, ports[i])) {
                return Refusal.HELD_BACK;
            }
        }
        if (changed) {
            revokeAll(slot, Removal.REVOKED);
        }
        if (!expectsAll(judged, slot, count, deadlineNanos)) {
            if (changed) {
                transactions.setStreams(slot, names, ports, 0, judged.nowNanos);
            }
            // Nothing is remembered of it, so that its repetition is tried anew: there may be room by then.
            return Refusal.LIMIT;
        }
        if (!changed) {
            transactions.setDeadline(slot, judged.nowNanos + REPLY_WINDOW_NANOS);
        }
        transactions.setStreams(slot, names, ports, count, deadlineNanos);
        describe(judged, count);
        return Refusal.NONE;
    }

    /** Whether a connection was made because of the last REP. What was expected until its time was over was not. */
    private boolean isTaken(final JudgedPacket judged, final int slot) {
        if (transactions.announcedUntil(slot) - judged.nowNanos <= 0) {
            return false;
        }
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            final long owner = ownerOf(judged, stream.set(exchange).destinationPort(transactions.port(slot, i)));
            if (owner != transactions.number(slot)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a connection to that port could be meant for somebody else: for another host behind the same public
     * address, or for the same address on another interface. The REP then waits until that one is taken or gone.
     */
    private boolean isHeldByOther(final JudgedPacket judged, final int slot, final int port) {
        stream.set(exchange).destinationPort(port);
        final long owner = ownerOf(judged, stream);
        if (owner != ExpectationTable.NOBODY
                && owner != transactions.number(slot)
                && !InterfacePair.compatible(scratch.ownersSides(), transactions.sides(slot), tables.interfaces())) {
            return true;
        }
        final PublishedHosts published = judged.settings.published();
        for (final int own : published.publishing(exchange.destinationHigh(), exchange.destinationLow())) {
            final HostPrefix publicAddress = published.entry(own).publicAddress();
            for (final int other : published.behind(publicAddress.high(), publicAddress.low())) {
                final HostPrefix host = published.entry(other).host();
                final boolean itself = exchange.isDestination(host.high(), host.low());
                if (!itself
                        && ownerOf(judged, stream.destination(host.high(), host.low())) != ExpectationTable.NOBODY) {
                    return true;
                }
            }
        }
        return false;
    }

    private long ownerOf(final JudgedPacket judged, final Tuple connection) {
        return expectations.owner(scratch, connection, judged.nowNanos);
    }

    /** All of them or none; a requester at its quota gives up what it announced before. */
    private boolean expectsAll(final JudgedPacket judged, final int slot, final int count, final long deadlineNanos) {
        if (expectAll(judged, slot, count, deadlineNanos)) {
            return true;
        }
        revokeNew(slot, count);
        makeRoom(judged, slot, count);
        if (expectAll(judged, slot, count, deadlineNanos)) {
            return true;
        }
        revokeNew(slot, count);
        return false;
    }

    private void revokeNew(final int slot, final int count) {
        for (int i = 0; i < count; i++) {
            revoke(slot, ports[i], Removal.QUOTA);
        }
    }

    /**
     * Makes room in the requester's quota. Anybody who can forge its address has real responders announce ports that nobody
     * connects to, so what was announced longest ago goes, and first what nobody acknowledged: an honest requester
     * connects within moments.
     */
    private void makeRoom(final JudgedPacket judged, final int slot, final int count) {
        for (int i = 0; i < GIVEN_UP_MAX && !expectations.hasRoom(scratch, exchange, count); i++) {
            final int other = transactions.oldestAnnouncer(exchange, judged.nowNanos);
            if (other == TransactionTable.NONE) {
                return;
            }
            if (other == slot) {
                transactions.touch(slot);
            } else {
                revokeAll(other, Removal.QUOTA);
                transactions.setAnnouncedUntil(other, judged.nowNanos);
                transactions.close(other, judged.nowNanos + limits.expectationLifetimeNanos());
            }
        }
    }

    private boolean expectAll(final JudgedPacket judged, final int slot, final int count, final long deadlineNanos) {
        stream.set(exchange);
        announcement
                .service(transactions.service(slot))
                .owner(transactions.number(slot))
                .sides(transactions.sides(slot))
                .until(deadlineNanos);
        for (int i = 0; i < count; i++) {
            stream.destinationPort(ports[i]);
            if (!expectations.expect(scratch, stream, announcement.stream(names[i]), judged.nowNanos)) {
                return false;
            }
        }
        return true;
    }

    private void refreshAll(final JudgedPacket judged, final int slot, final long deadlineNanos) {
        transactions.setAnnouncedUntil(slot, deadlineNanos);
        stream.set(exchange);
        announcement.owner(transactions.number(slot)).until(deadlineNanos);
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            stream.destinationPort(transactions.port(slot, i));
            expectations.refresh(scratch, stream, announcement, judged.nowNanos);
        }
    }

    /** Takes back what the transaction announced earlier. */
    private void revokeAll(final int slot, final Removal cause) {
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            revoke(slot, transactions.port(slot, i), cause);
        }
    }

    private void revoke(final int slot, final int port, final Removal cause) {
        stream.set(exchange)
                .destination(transactions.responderHigh(slot), transactions.responderLow(slot))
                .destinationPort(port);
        expectations.revoke(scratch, stream, transactions.number(slot), cause);
    }

    private void describe(final JudgedPacket judged, final int count) {
        for (int i = 0; i < count; i++) {
            judged.decision.addStream(names[i], ports[i]);
        }
    }
}
