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
import org.amverdict.packet.PacketView;
import org.amverdict.packet.UdpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.Removal;
import org.amverdict.track.Scratch;
import org.amverdict.track.Sides;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;
import org.jspecify.annotations.Nullable;

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
    void fromRequester(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        limits = tables.limits();
        final Policy policy = settings.policy();
        if (!policy.permits(
                packet.sourceHigh(), packet.sourceLow(), packet.destinationHigh(), packet.destinationLow())) {
            decision.drop(Reason.NOT_ALLOWED);
            return;
        }
        if (!isIntact(packet, arrival, decision)) {
            return;
        }
        final UdpView udp = packet.udp();
        if (!header.wrap(packet.buffer(), udp.payloadOffset(), udp.availablePayload())) {
            decision.drop(Reason.BAD_CONTROL);
            return;
        }
        decision.describe(header);
        switch (header.type()) {
            case REQ -> judgeRequest(packet, arrival, settings, decision, nowNanos);
            case ACK -> judgeAcknowledgement(packet, arrival, decision, nowNanos);
            default -> decision.drop(Reason.WRONG_DIRECTION);
        }
        counters.countControlMessage(header.type(), decision.service);
    }

    /** Whole (or a first fragment, which is judged as far as it goes) and with a right checksum. */
    private static boolean isIntact(final PacketView packet, final Arrival arrival, final Decision decision) {
        final UdpView udp = packet.udp();
        if (packet.fragment()) {
            return true;
        }
        if (!udp.complete()) {
            // The queue copies headers only: nothing can be read from it, so nothing may come of it.
            decision.malformed(DecodeStatus.TRUNCATED);
            return false;
        }
        final boolean acceptPartial = arrival.has(PacketBatch.CHECKSUM_MAY_BE_PARTIAL);
        if (!arrival.has(PacketBatch.CHECKSUM_NOT_READY) && !udp.verifyChecksum(packet, acceptPartial)) {
            decision.malformed(DecodeStatus.BAD_CHECKSUM);
            return false;
        }
        return true;
    }

    private void judgeRequest(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final Policy policy = settings.policy();
        final ByteBuf buffer = packet.buffer();
        if (!policy.isRequesterPort(packet.sourcePort())
                || !request.parse(buffer, header.bodyOffset(), header.bodyLength(), !packet.fragment())) {
            decision.drop(Reason.BAD_REQUEST);
            return;
        }
        final Service service = request.service();
        decision.service = service;
        if (service == null || findAllowance(policy, packet, service) == null) {
            decision.drop(Reason.SERVICE_NOT_ALLOWED);
            return;
        }
        final long published =
                settings.published().bits(arrival.mark(), packet.destinationHigh(), packet.destinationLow());
        tables.control().lock();
        try {
            if (enter(packet, arrival, service, published, decision, nowNanos)) {
                decision.accept(Reason.REQUEST);
            } else {
                decision.drop(Reason.BAD_REQUEST);
            }
        } finally {
            tables.control().unlock();
        }
    }

    /** Opens or refreshes the transaction of a REQ; false if it uses another's HANDLE and SEQ. */
    private boolean enter(
            final PacketView packet,
            final Arrival arrival,
            final Service service,
            final long published,
            final Decision decision,
            final long nowNanos) {
        int slot = findFromRequester(packet, nowNanos);
        if (slot == TransactionTable.NONE) {
            slot = transactions.open(
                    scratch,
                    service,
                    request.traits(),
                    arrival.sidesForth(),
                    nowNanos + limits.replyWithinNanos(),
                    nowNanos);
            decision.opens = slot != TransactionTable.NONE;
        } else if (transactions.service(slot) != service || !isFromRequesterSide(slot, arrival)) {
            // A repeated REQ is the same to the byte.
            return false;
        } else {
            transactions.setSides(slot, Sides.learn(transactions.sides(slot), arrival.sidesForth()));
            transactions.touch(slot);
        }
        if (slot != TransactionTable.NONE) {
            name(slot, decision);
            transactions.setPublished(slot, published);
        }
        return true;
    }

    private static @Nullable Allowance findAllowance(
            final Policy policy, final PacketView packet, final Service service) {
        return policy.find(
                packet.sourceHigh(), packet.sourceLow(), packet.destinationHigh(), packet.destinationLow(), service);
    }

    private boolean isFromRequesterSide(final int slot, final Arrival arrival) {
        return Sides.requesterFits(transactions.sides(slot), arrival.inInterface(), tables.interfaces());
    }

    private void judgeAcknowledgement(
            final PacketView packet, final Arrival arrival, final Decision decision, final long nowNanos) {
        tables.control().lock();
        try {
            final int slot = findFromRequester(packet, nowNanos);
            if (slot != TransactionTable.NONE && isFromRequesterSide(slot, arrival)) {
                decision.service = transactions.service(slot);
                name(slot, decision);
                if (transactions.replied(slot)) {
                    transactions.close(slot, nowNanos + limits.expectationLifetimeNanos());
                }
            }
        } finally {
            tables.control().unlock();
        }
        decision.accept(Reason.ACK);
    }

    private void name(final int slot, final Decision decision) {
        decision.transaction = transactions.number(slot);
        decision.openedNanos = transactions.openedNanos(slot);
    }

    private int findFromRequester(final PacketView packet, final long nowNanos) {
        return transactions.find(
                scratch,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                packet.destinationHigh(),
                packet.destinationLow(),
                packet.destinationPort(),
                packet.buffer(),
                header,
                nowNanos);
    }

    private int findFromResponder(final PacketView packet, final long nowNanos) {
        return transactions.find(
                scratch,
                /* requesterHigh= */ packet.destinationHigh(),
                /* requesterLow= */ packet.destinationLow(),
                /* requesterPort= */ packet.destinationPort(),
                /* responderHigh= */ packet.sourceHigh(),
                /* responderLow= */ packet.sourceLow(),
                /* responderPort= */ packet.sourcePort(),
                packet.buffer(),
                header,
                nowNanos);
    }

    /** UDP from a control port. */
    void fromResponder(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        limits = tables.limits();
        final UdpView udp = packet.udp();
        if (!header.wrap(packet.buffer(), udp.payloadOffset(), udp.availablePayload())) {
            decision.drop(Reason.UNSOLICITED);
            return;
        }
        decision.describe(header);
        if (!look(packet, arrival, nowNanos)) {
            decision.drop(Reason.UNSOLICITED);
        } else if (isIntact(packet, arrival, decision)) {
            judgeAnswerTo(answered, packet, arrival, settings, decision, nowNanos);
        }
        counters.countControlMessage(header.type(), decision.service);
    }

    /** Finds the transaction that the datagram answers; false if there is none. */
    private boolean look(final PacketView packet, final Arrival arrival, final long nowNanos) {
        tables.control().lock();
        try {
            final int slot = findFromResponder(packet, nowNanos);
            if (slot == TransactionTable.NONE || !isFromResponderSide(slot, arrival)) {
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

    private boolean isFromResponderSide(final int slot, final Arrival arrival) {
        return Sides.responderFits(transactions.sides(slot), arrival.inInterface(), tables.interfaces());
    }

    private void judgeAnswerTo(
            final int slot,
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final Refusal text = header.type() == MessageType.REP
                ? reply.parse(packet.buffer(), header.bodyOffset(), header.bodyLength(), asked, askedTraits)
                : Refusal.NONE;
        tables.control().lock();
        try {
            if (!transactions.isStill(slot, answeredNumber, nowNanos) || !isFromResponderSide(slot, arrival)) {
                // Another worker has given it up meanwhile.
                decision.drop(Reason.UNSOLICITED);
                return;
            }
            decision.service = asked;
            name(slot, decision);
            judgeAnswer(packet, arrival, slot, text, settings, decision, nowNanos);
        } finally {
            tables.control().unlock();
        }
    }

    private void judgeAnswer(
            final PacketView packet,
            final Arrival arrival,
            final int slot,
            final Refusal text,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final MessageType type = header.type();
        if (type == MessageType.REQ) {
            decision.drop(Reason.WRONG_DIRECTION);
            return;
        }
        transactions.setSides(slot, Sides.learn(transactions.sides(slot), arrival.sidesBack()));
        transactions.touch(slot);
        if (type == MessageType.ACK || type == MessageType.PREP) {
            transactions.setAcknowledged(slot);
        }
        if (type == MessageType.NAK) {
            revokeAll(packet, slot, Removal.NAK);
            transactions.close(slot, nowNanos + limits.expectationLifetimeNanos());
        }
        final Refusal refusal =
                type == MessageType.REP ? judgeReply(packet, slot, text, settings, decision, nowNanos) : Refusal.NONE;
        final boolean drop = refusal == Refusal.HELD_BACK || (refusal != Refusal.NONE && settings.dropRefusedReplies());
        if (type == MessageType.REP && !drop) {
            // The requester gets it, so its next ACK is the answer to it and ends the exchange, whatever it opened.
            transactions.setReplied(slot);
        }
        markForTranslation(packet, arrival, slot, settings.published(), decision);
        if (refusal == Refusal.NONE) {
            decision.accept(Reason.REPLY);
            return;
        }
        decision.refusal = refusal;
        decision.refuse(names, ports, collectStreams());
        counters.countRefusal(refusal);
        if (drop) {
            decision.drop(Reason.REFUSED_REPLY);
        } else {
            decision.accept(Reason.REFUSED_REPLY);
        }
    }

    /**
     * Has the answer leave under the public address that the request was sent to. The router knows by itself only as
     * long as conntrack remembers the request: two minutes, and an estimate takes longer.
     */
    private void markForTranslation(
            final PacketView packet,
            final Arrival arrival,
            final int slot,
            final PublishedHosts published,
            final Decision decision) {
        // Asked again, because the list may be another one than when the request came.
        final long bits = published.bits(transactions.published(slot), packet.sourceHigh(), packet.sourceLow());
        if (bits != 0) {
            decision.mark = (Integer.toUnsignedLong(arrival.mark()) & ~published.mask()) | bits;
        }
    }

    /**
     * Opens what the REP announces, all of it or nothing.
     *
     * @param refusal what is wrong with its text
     */
    private Refusal judgeReply(
            final PacketView packet,
            final int slot,
            final Refusal refusal,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        if (reply.announces() && packet.fragment()) {
            return Refusal.FRAGMENT;
        }
        final int count = refusal == Refusal.NONE ? collectStreams() : 0;
        if (transactions.closed(slot)) {
            // A repetition of what the requester has acknowledged is normal, it just opens nothing any more.
            return count == 0 || isSameReply(slot, count) ? refusal : Refusal.CLOSED;
        }
        final Refusal portRefusal =
                refusal == Refusal.NONE ? checkPorts(packet, asked, settings.policy(), count, decision) : refusal;
        if (count > 0 && portRefusal == Refusal.NONE) {
            return announce(packet, slot, count, settings.published(), decision, nowNanos);
        }
        final boolean error = portRefusal == Refusal.ERROR_LINE && !settings.dropRefusedReplies();
        if (!packet.fragment() && (portRefusal == Refusal.NONE || error)) {
            withdraw(packet, slot, nowNanos);
        }
        return portRefusal;
    }

    /**
     * Takes back what an earlier REP announced: the requester gets one without streams in its place, the responder was
     * started anew and failed. If it has connected to any of them it has acted on the earlier one, and the rest stays.
     */
    private void withdraw(final PacketView packet, final int slot, final long nowNanos) {
        if (transactions.streamCount(slot) > 0 && !isTaken(packet, slot, nowNanos)) {
            revokeAll(packet, slot, Removal.REVOKED);
            transactions.setStreams(slot, names, ports, 0, nowNanos);
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

    private Refusal checkPorts(
            final PacketView packet,
            final Service service,
            final Policy policy,
            final int count,
            final Decision decision) {
        if (count > limits.expectationsPerReply()) {
            return Refusal.TOO_MANY;
        }
        final Allowance allowance = policy.find(
                /* requesterHigh= */ packet.destinationHigh(),
                /* requesterLow= */ packet.destinationLow(),
                /* responderHigh= */ packet.sourceHigh(),
                /* responderLow= */ packet.sourceLow(),
                service);
        for (int i = 0; i < count; i++) {
            if (allowance == null || !allowance.streamPorts().contains(ports[i])) {
                decision.because(Cause.PORT_OUTSIDE, ports[i]);
                return Refusal.PORT_NOT_ALLOWED;
            }
        }
        return Refusal.NONE;
    }

    private Refusal announce(
            final PacketView packet,
            final int slot,
            final int count,
            final PublishedHosts published,
            final Decision decision,
            final long nowNanos) {
        final long deadlineNanos = nowNanos + limits.expectationLifetimeNanos();
        if (transactions.replies(slot) > 0 && isSameReply(slot, count)) {
            refreshAll(packet, slot, deadlineNanos, nowNanos);
            return Refusal.NONE;
        }
        final boolean changed = transactions.replies(slot) > 0;
        // Right only as long as the requester has not acted on the earlier one: the responder was started anew.
        if (changed
                && (transactions.replies(slot) >= TransactionTable.REPLIES_MAX || isTaken(packet, slot, nowNanos))) {
            return Refusal.CHANGED;
        }
        for (int i = 0; i < count; i++) {
            if (isHeldByOther(packet, slot, ports[i], published, nowNanos)) {
                return Refusal.HELD_BACK;
            }
        }
        if (changed) {
            revokeAll(packet, slot, Removal.REVOKED);
        }
        if (!expectsAll(packet, slot, count, deadlineNanos, nowNanos)) {
            if (changed) {
                transactions.setStreams(slot, names, ports, 0, nowNanos);
            }
            // Nothing is remembered of it, so that its repetition is tried anew: there may be room by then.
            return Refusal.LIMIT;
        }
        if (!changed) {
            transactions.setDeadline(slot, nowNanos + REPLY_WINDOW_NANOS);
        }
        transactions.setStreams(slot, names, ports, count, deadlineNanos);
        describe(count, decision);
        return Refusal.NONE;
    }

    /** Whether a connection was made because of the last REP. What was expected until its time was over was not. */
    private boolean isTaken(final PacketView packet, final int slot, final long nowNanos) {
        if (transactions.announcedUntil(slot) - nowNanos <= 0) {
            return false;
        }
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            final long owner = ownerOf(
                    packet,
                    /* responderHigh= */ packet.sourceHigh(),
                    /* responderLow= */ packet.sourceLow(),
                    transactions.port(slot, i),
                    nowNanos);
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
    private boolean isHeldByOther(
            final PacketView packet,
            final int slot,
            final int port,
            final PublishedHosts published,
            final long nowNanos) {
        final long owner = ownerOf(packet, packet.sourceHigh(), packet.sourceLow(), port, nowNanos);
        if (owner != ExpectationTable.NOBODY
                && owner != transactions.number(slot)
                && !Sides.compatible(scratch.sides(), transactions.sides(slot), tables.interfaces())) {
            return true;
        }
        for (final int own : published.publishing(packet.sourceHigh(), packet.sourceLow())) {
            final HostPrefix publicAddress = published.entry(own).publicAddress();
            for (final int other : published.behind(publicAddress.high(), publicAddress.low())) {
                final HostPrefix host = published.entry(other).host();
                final boolean itself = host.high() == packet.sourceHigh() && host.low() == packet.sourceLow();
                if (!itself && ownerOf(packet, host.high(), host.low(), port, nowNanos) != ExpectationTable.NOBODY) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whose the expectation is that this REP's requester connects to that port. */
    private long ownerOf(
            final PacketView packet,
            final long responderHigh,
            final long responderLow,
            final int port,
            final long nowNanos) {
        return expectations.owner(
                scratch,
                /* requesterHigh= */ packet.destinationHigh(),
                /* requesterLow= */ packet.destinationLow(),
                responderHigh,
                responderLow,
                port,
                nowNanos);
    }

    /** All of them or none; a requester at its quota gives up what it announced before. */
    private boolean expectsAll(
            final PacketView packet, final int slot, final int count, final long deadlineNanos, final long nowNanos) {
        if (expectAll(packet, slot, count, deadlineNanos, nowNanos)) {
            return true;
        }
        revokeNew(packet, slot, count);
        makeRoom(packet, slot, count, nowNanos);
        if (expectAll(packet, slot, count, deadlineNanos, nowNanos)) {
            return true;
        }
        revokeNew(packet, slot, count);
        return false;
    }

    private void revokeNew(final PacketView packet, final int slot, final int count) {
        for (int i = 0; i < count; i++) {
            revoke(packet, slot, ports[i], Removal.QUOTA);
        }
    }

    /**
     * Makes room in the requester's quota. Anybody who can forge its address has real responders announce ports that nobody
     * connects to, so what was announced longest ago goes, and first what nobody acknowledged: an honest requester
     * connects within moments.
     */
    private void makeRoom(final PacketView packet, final int slot, final int count, final long nowNanos) {
        final long requesterHigh = packet.destinationHigh();
        final long requesterLow = packet.destinationLow();
        for (int i = 0; i < GIVEN_UP_MAX && !expectations.hasRoom(scratch, requesterHigh, requesterLow, count); i++) {
            final int other = transactions.oldestAnnouncer(requesterHigh, requesterLow, nowNanos);
            if (other == TransactionTable.NONE) {
                return;
            }
            if (other == slot) {
                transactions.touch(slot);
            } else {
                revokeAll(packet, other, Removal.QUOTA);
                transactions.setAnnouncedUntil(other, nowNanos);
                transactions.close(other, nowNanos + limits.expectationLifetimeNanos());
            }
        }
    }

    private boolean expectAll(
            final PacketView packet, final int slot, final int count, final long deadlineNanos, final long nowNanos) {
        for (int i = 0; i < count; i++) {
            if (!expectations.expect(
                    scratch,
                    /* requesterHigh= */ packet.destinationHigh(),
                    /* requesterLow= */ packet.destinationLow(),
                    /* responderHigh= */ packet.sourceHigh(),
                    /* responderLow= */ packet.sourceLow(),
                    ports[i],
                    names[i],
                    transactions.service(slot),
                    /* privilegedSource= */ false,
                    transactions.number(slot),
                    transactions.sides(slot),
                    deadlineNanos,
                    nowNanos)) {
                return false;
            }
        }
        return true;
    }

    private void refreshAll(final PacketView packet, final int slot, final long deadlineNanos, final long nowNanos) {
        transactions.setAnnouncedUntil(slot, deadlineNanos);
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            expectations.refresh(
                    scratch,
                    /* requesterHigh= */ packet.destinationHigh(),
                    /* requesterLow= */ packet.destinationLow(),
                    /* responderHigh= */ packet.sourceHigh(),
                    /* responderLow= */ packet.sourceLow(),
                    transactions.port(slot, i),
                    transactions.number(slot),
                    deadlineNanos,
                    nowNanos);
        }
    }

    /** Takes back what the transaction announced earlier. */
    private void revokeAll(final PacketView packet, final int slot, final Removal cause) {
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            revoke(packet, slot, transactions.port(slot, i), cause);
        }
    }

    private void revoke(final PacketView packet, final int slot, final int port, final Removal cause) {
        expectations.revoke(
                scratch,
                /* requesterHigh= */ packet.destinationHigh(),
                /* requesterLow= */ packet.destinationLow(),
                transactions.responderHigh(slot),
                transactions.responderLow(slot),
                port,
                transactions.number(slot),
                cause);
    }

    private void describe(final int count, final Decision decision) {
        for (int i = 0; i < count; i++) {
            decision.addStream(names[i], ports[i]);
        }
    }
}
