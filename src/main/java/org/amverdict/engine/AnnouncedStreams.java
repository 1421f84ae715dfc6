package org.amverdict.engine;

import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.ReplyParser;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.Announcement;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.InterfacePair;
import org.amverdict.track.LineHits;
import org.amverdict.track.Removal;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/**
 * The streams that a REP announces, and the expectations made from them: all or none. One instance per worker; every
 * method that takes the slot of a transaction is called under the control lock.
 */
final class AnnouncedStreams {
    /**
     * How long after its first announcing REP a transaction may announce or repeat: a requester without an answer
     * starts over twice, each time after at most 30 s for the ACK and 60 s for the REP (amanda-protocol.md 1.7).
     */
    private static final long REPLY_WINDOW_NANOS = 300_000_000_000L;
    /** Exchanges that lose their announcements to make room for a REP: some microseconds under the control lock. */
    private static final int GIVEN_UP_MAX = 16;

    private final Tables tables;
    private final TransactionTable transactions;
    private final ExpectationTable expectations;
    private final Scratch scratch;
    private final ControlMessage message;

    /** From the requester to an announced port. */
    private final Tuple stream = new Tuple();

    private final Announcement announcement = new Announcement();
    private final int[] ports = new int[Decision.STREAMS_MAX];
    private final StreamName[] names = new StreamName[Decision.STREAMS_MAX];
    private int count;
    /** The line of {@code allow} that lets in what the REP announces. */
    private int line = Policy.NO_LINE;

    AnnouncedStreams(final Tables tables, final Scratch scratch, final ControlMessage message) {
        this.tables = tables;
        this.transactions = tables.transactions();
        this.expectations = tables.expectations();
        this.scratch = scratch;
        this.message = message;
    }

    /** Takes the streams of a REP, those with a port. */
    void collect(final ReplyParser reply) {
        count = 0;
        for (int i = 0; i < reply.count(); i++) {
            if (reply.hasPort(i)) {
                ports[count] = reply.number(i);
                names[count] = reply.name(i);
                count++;
            }
        }
    }

    /** Takes a REP that announces nothing that may be opened. */
    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    /** Whether these are the streams that the transaction announced last. */
    boolean repeats(final int slot) {
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

    /** What is wrong with their number or their ports. */
    Refusal checkPorts(final JudgedPacket judged, final Service asked) {
        if (count > message.limits.expectations().perReply()) {
            return Refusal.TOO_MANY;
        }
        final Policy policy = judged.settings.policy();
        line = policy.line(message.exchange, asked);
        final Allowance allowance =
                line == Policy.NO_LINE ? null : policy.allowances().get(line);
        for (int i = 0; i < count; i++) {
            if (allowance == null || !allowance.streamPorts().contains(ports[i])) {
                judged.decision.because(Cause.PORT_OUTSIDE, ports[i]);
                return Refusal.PORT_NOT_ALLOWED;
            }
        }
        return Refusal.NONE;
    }

    /** Expects them in place of what the transaction announced before, or says why not. */
    Refusal announce(final JudgedPacket judged, final int slot) {
        final long deadlineNanos =
                judged.nowNanos + message.limits.expectations().lifetimeNanos();
        if (transactions.replies(slot) > 0 && repeats(slot)) {
            refreshAll(judged, slot, deadlineNanos);
            return Refusal.NONE;
        }
        final boolean changed = transactions.replies(slot) > 0;
        // Valid only while the requester has not acted on the earlier one: the responder was restarted.
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
        if (!expectOrMakeRoom(judged, slot, deadlineNanos)) {
            if (changed) {
                transactions.setStreams(slot, names, ports, 0, judged.nowNanos);
            }
            // Nothing is stored about it, so its repetition is tried again: there may be room by then.
            return Refusal.LIMIT;
        }
        if (!changed) {
            transactions.setDeadline(slot, judged.nowNanos + REPLY_WINDOW_NANOS);
        }
        transactions.setStreams(slot, names, ports, count, deadlineNanos);
        for (int i = 0; i < count; i++) {
            judged.decision.addStream(names[i], ports[i]);
        }
        if (line != Policy.NO_LINE) {
            tables.lines().count(judged.lines[line], LineHits.Hit.STREAM, count);
        }
        return Refusal.NONE;
    }

    /** Reports with the decision that none of them was opened. */
    void describeRefused(final Decision decision) {
        decision.refuse(names, ports, count);
    }

    /**
     * Takes back what an earlier REP announced: the requester gets one without streams in its place, because the
     * responder was restarted and failed. A requester that connected to any of them has acted on the earlier REP, and
     * the rest stays.
     */
    void withdrawEarlier(final JudgedPacket judged, final int slot) {
        if (transactions.streamCount(slot) > 0 && !isTaken(judged, slot)) {
            revokeAll(slot, Removal.REVOKED);
            transactions.setStreams(slot, names, ports, 0, judged.nowNanos);
        }
    }

    /** Takes back what the transaction announced earlier. */
    void revokeAll(final int slot, final Removal cause) {
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            revoke(slot, transactions.port(slot, i), cause);
        }
    }

    private void revoke(final int slot, final int port, final Removal cause) {
        stream.set(message.exchange)
                .destination(transactions.responderHigh(slot), transactions.responderLow(slot))
                .destinationPort(port);
        expectations.revoke(scratch, stream, transactions.number(slot), cause);
    }

    /** Whether a connection was made because of the last REP. An expectation that expired does not count. */
    private boolean isTaken(final JudgedPacket judged, final int slot) {
        if (transactions.announcedUntil(slot) - judged.nowNanos <= 0) {
            return false;
        }
        stream.set(message.exchange);
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            stream.destinationPort(transactions.port(slot, i));
            if (expectations.owner(scratch, stream, judged.nowNanos) != transactions.number(slot)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a connection to that port could match another expectation: for another host behind the same public
     * address, or for the same address on another interface. The REP then waits until that one is taken or gone.
     */
    private boolean isHeldByOther(final JudgedPacket judged, final int slot, final int port) {
        stream.set(message.exchange).destinationPort(port);
        final long owner = expectations.owner(scratch, stream, judged.nowNanos);
        if (owner != ExpectationTable.NOBODY
                && owner != transactions.number(slot)
                && !InterfacePair.compatible(scratch.ownersSides(), transactions.sides(slot), tables.interfaces())) {
            return true;
        }
        final Tuple exchange = message.exchange;
        final PublishedHosts published = judged.settings.published();
        for (final int own : published.publishing(exchange.destinationHigh(), exchange.destinationLow())) {
            final IpAddress publicAddress = published.entry(own).publicAddress();
            for (final int other : published.behind(publicAddress.high(), publicAddress.low())) {
                final IpAddress host = published.entry(other).host();
                stream.destination(host.high(), host.low());
                if (!exchange.isDestination(host.high(), host.low())
                        && expectations.owner(scratch, stream, judged.nowNanos) != ExpectationTable.NOBODY) {
                    return true;
                }
            }
        }
        return false;
    }

    /** All of them or none; a requester at its quota gives up what it announced before. */
    private boolean expectOrMakeRoom(final JudgedPacket judged, final int slot, final long deadlineNanos) {
        if (expectAll(judged, slot, deadlineNanos)) {
            return true;
        }
        revokeNew(slot);
        makeRoom(judged, slot);
        if (expectAll(judged, slot, deadlineNanos)) {
            return true;
        }
        revokeNew(slot);
        return false;
    }

    private boolean expectAll(final JudgedPacket judged, final int slot, final long deadlineNanos) {
        stream.set(message.exchange);
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

    private void revokeNew(final int slot) {
        for (int i = 0; i < count; i++) {
            revoke(slot, ports[i], Removal.QUOTA);
        }
    }

    /**
     * Makes room in the requester's quota. An attacker that forges its address makes real responders announce ports
     * that see no connection, so the oldest announcement goes first, and before it any unacknowledged one: an honest
     * requester connects within moments.
     */
    private void makeRoom(final JudgedPacket judged, final int slot) {
        for (int i = 0; i < GIVEN_UP_MAX && !expectations.hasRoom(scratch, message.exchange, count); i++) {
            final int other = transactions.oldestAnnouncer(message.exchange, judged.nowNanos);
            if (other == TransactionTable.NONE) {
                return;
            }
            if (other == slot) {
                transactions.touch(slot);
            } else {
                revokeAll(other, Removal.QUOTA);
                transactions.setAnnouncedUntil(other, judged.nowNanos);
                transactions.close(
                        other, judged.nowNanos + message.limits.expectations().lifetimeNanos());
            }
        }
    }

    private void refreshAll(final JudgedPacket judged, final int slot, final long deadlineNanos) {
        transactions.setAnnouncedUntil(slot, deadlineNanos);
        stream.set(message.exchange);
        announcement.owner(transactions.number(slot)).until(deadlineNanos);
        for (int i = 0; i < transactions.streamCount(slot); i++) {
            stream.destinationPort(transactions.port(slot, i));
            expectations.refresh(scratch, stream, announcement, judged.nowNanos);
        }
    }
}
