package org.amverdict.engine;

import org.amverdict.amanda.AmandaPorts;
import org.amverdict.amanda.LegacyRecoveryParser;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.TcpView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.track.Announcement;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.RecoveryTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.Tally;

/**
 * The rows of the decision table for legacy amrecover (amanda-protocol.md 4.2): which hosts may connect, and what the
 * text of the connection to {@link AmandaPorts#AMIDXTAPE} opens. One instance per worker; all workers share the
 * connections being read, which are touched only under the recovery lock.
 *
 * <p>The text is read as TCP delivers it: in order of sequence numbers, every byte once, its first copy. A segment that
 * arrives early is dropped, and TCP repeats it; repeated bytes pass unread. Once the line is there, or can no longer
 * come, nothing is read of the connection and all of it passes.
 */
final class LegacyRecoveryJudge {
    private static final int TAPE_PORT = AmandaPorts.AMIDXTAPE;

    /** The server gives up after this time. */
    private static final long LIFETIME_NANOS = 30_000_000_000L;
    /** How far from what was read a sequence number of this connection may lie. */
    private static final int WINDOW_MAX = 1 << 20;

    private final Tables tables;
    private final RecoveryTable recoveries;
    private final ExpectationTable expectations;
    private final Scratch scratch;
    private final EngineCounters counters;
    private final LegacyRecoveryParser parser = new LegacyRecoveryParser();
    /** From the requester to the port that the text announces. */
    private final Tuple stream = new Tuple();

    private final Announcement announcement =
            new Announcement().stream(StreamName.LEGACY).service(null).privilegedSource(true);

    LegacyRecoveryJudge(final Tables tables, final Scratch scratch, final EngineCounters counters) {
        this.tables = tables;
        this.recoveries = tables.recoveries();
        this.expectations = tables.expectations();
        this.scratch = scratch;
        this.counters = counters;
    }

    /**
     * Follows a packet of legacy amrecover that passes and that the flow table has just followed: reads its text if
     * that is still to be read. It may change the decision.
     */
    void follow(final JudgedPacket judged) {
        final TcpView tcp = judged.packet.tcp();
        final boolean syn = (tcp.flags() & (TcpView.SYN | TcpView.ACK)) == TcpView.SYN;
        if (syn && judged.packet.destinationPort() == TAPE_PORT) {
            noteSyn(judged);
            return;
        }
        if ((judged.packet.sourcePort() != TAPE_PORT && judged.packet.destinationPort() != TAPE_PORT)
                || !recoveries.watches(scratch, judged.tuple)) {
            return;
        }
        tables.recovery().lock();
        try {
            final int slot = recoveries.find(scratch, judged.tuple, scratch.followed(), judged.nowNanos);
            if (slot == RecoveryTable.NONE) {
                return;
            }
            if (tcp.syn()) {
                recoveries.begin(slot, judged.segment, LegacyRecoveryParser.START);
            } else if (recoveries.reading(slot)) {
                read(judged, slot);
            }
        } finally {
            tables.recovery().unlock();
        }
    }

    private void noteSyn(final JudgedPacket judged) {
        tables.recovery().lock();
        try {
            recoveries.noteSyn(scratch, judged.tuple, judged.segment, scratch.followed(), judged.nowNanos);
        } finally {
            tables.recovery().unlock();
        }
    }

    private void read(final JudgedPacket judged, final int slot) {
        final TcpView tcp = judged.packet.tcp();
        final boolean reply = judged.packet.sourcePort() == TAPE_PORT;
        parser.resume(recoveries.text(slot));
        if (acknowledgesUnread(tcp, slot, reply)) {
            giveUp(slot);
            return;
        }
        final int payload = tcp.payloadLength();
        if (payload == 0 || (!reply && parser.ended())) {
            return;
        }
        final int known = recoveries.next(slot, reply) - tcp.sequence();
        if (known < 0) {
            judged.decision.drop(Reason.LEGACY_RECOVERY);
            return;
        }
        if (known >= payload) {
            return;
        }
        if (judged.packet.fragment() || !tcp.complete()) {
            giveUp(slot);
            return;
        }
        // The receiver ignores a segment with a wrong checksum and waits for a correct one.
        if (!judged.metadata.has(PacketBatch.CHECKSUM_NOT_READY)
                && !tcp.verifyChecksum(judged.packet, judged.metadata.has(PacketBatch.CHECKSUM_MAY_BE_PARTIAL))) {
            judged.decision.malformed(DecodeStatus.BAD_CHECKSUM);
            return;
        }
        final int from = tcp.payloadOffset() + known;
        final int to = tcp.payloadOffset() + payload;
        final int answer = reply
                ? parser.readServer(judged.packet.buffer(), from, to)
                : parser.readClient(judged.packet.buffer(), from, to);
        switch (answer) {
            case LegacyRecoveryParser.MORE -> recoveries.advance(slot, reply, tcp.sequence() + payload, parser.state());
            case LegacyRecoveryParser.ANNOUNCED -> conclude(judged, slot, announce(judged, slot));
            case LegacyRecoveryParser.REFUSED -> conclude(judged, slot, parser.refusal());
            case LegacyRecoveryParser.OTHER -> recoveries.remove(scratch, slot);
            default -> giveUp(slot);
        }
    }

    /**
     * Whether the receiver already has bytes that were not read here: they passed unseen, so waiting for them is
     * useless. Only a segment that is itself plausible is believed.
     */
    private boolean acknowledgesUnread(final TcpView tcp, final int slot, final boolean reply) {
        if (!tcp.ack() || (reply && parser.ended())) {
            return false;
        }
        final int away = tcp.sequence() - recoveries.next(slot, reply);
        final int unread = tcp.acknowledgement() - recoveries.next(slot, !reply);
        return unread > 0 && unread <= WINDOW_MAX && away >= -WINDOW_MAX && away <= WINDOW_MAX;
    }

    private void giveUp(final int slot) {
        counters.count(Tally.REPLIES_REFUSED, Refusal.UNREAD);
        recoveries.remove(scratch, slot);
    }

    /** Expects what the line announces. */
    private Refusal announce(final JudgedPacket judged, final int slot) {
        final Policy policy = judged.settings.policy();
        stream.reversedOf(judged.tuple).destinationPort(parser.port());
        final Allowance allowance = policy.findLegacyRecovery(stream);
        if (policy.isControlPort(parser.port())) {
            return Refusal.PORT;
        }
        if (allowance == null || !allowance.streamPorts().contains(parser.port())) {
            return Refusal.PORT_NOT_ALLOWED;
        }
        announcement
                .owner(recoveries.number(slot))
                .sides(judged.metadata.sidesBack())
                .until(judged.nowNanos
                        + Math.min(
                                LIFETIME_NANOS, tables.limits().expectations().lifetimeNanos()));
        final boolean expected = expectations.expect(scratch, stream, announcement, judged.nowNanos);
        return expected ? Refusal.NONE : Refusal.LIMIT;
    }

    private void conclude(final JudgedPacket judged, final int slot, final Refusal refusal) {
        if (refusal == Refusal.NONE) {
            judged.decision.addStream(StreamName.LEGACY, parser.port());
            judged.decision.transaction = recoveries.number(slot);
            judged.decision.accept(Reason.LEGACY_RECOVERY);
            recoveries.remove(scratch, slot);
            return;
        }
        if (refusal == Refusal.PORT_NOT_ALLOWED) {
            judged.decision.because(Cause.PORT_OUTSIDE, parser.port());
        }
        if (refusal == Refusal.PORT_NOT_ALLOWED || refusal == Refusal.LIMIT) {
            judged.decision.refuse(StreamName.LEGACY, parser.port());
            judged.decision.transaction = recoveries.number(slot);
        }
        judged.decision.refusal = refusal;
        counters.count(Tally.REPLIES_REFUSED, refusal);
        if (judged.settings.dropRefusedReplies()) {
            // Still to be read: TCP repeats it, and it is just as wrong then.
            judged.decision.drop(Reason.REFUSED_REPLY);
        } else {
            judged.decision.accept(Reason.REFUSED_REPLY);
            recoveries.remove(scratch, slot);
        }
    }
}
