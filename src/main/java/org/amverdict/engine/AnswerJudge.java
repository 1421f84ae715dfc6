package org.amverdict.engine;

import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.ReplyParser;
import org.amverdict.amanda.Service;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.InterfacePair;
import org.amverdict.track.Removal;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.Tally;
import org.amverdict.track.TransactionTable;

/**
 * What a responder sends from a control port: ACK, PREP, REP and NAK, which must answer a REQ. One instance per worker.
 */
final class AnswerJudge {
    private final Tables tables;
    private final TransactionTable transactions;
    private final Scratch scratch;
    private final ControlMessage message;
    private final EngineCounters counters;
    private final ReplyParser reply = new ReplyParser();
    private final AnnouncedStreams streams;
    /** The transaction that the datagram answers, and what its REQ asked for. */
    private int answered;

    private long answeredNumber;
    private Service asked = Service.NOOP;

    private int askedTraits;

    /** @param message the caller reads its header before each call */
    AnswerJudge(
            final Tables tables, final Scratch scratch, final ControlMessage message, final EngineCounters counters) {
        this.tables = tables;
        this.transactions = tables.transactions();
        this.scratch = scratch;
        this.message = message;
        this.counters = counters;
        streams = new AnnouncedStreams(tables, scratch, message);
    }

    /** Finds the transaction that the datagram answers; false if there is none. */
    boolean findRequest(final JudgedPacket judged) {
        tables.control().lock();
        try {
            final int slot = transactions.find(
                    scratch, message.exchange, judged.packet.buffer(), message.header, judged.nowNanos);
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

    /** Judges an intact answer to the request that {@link #findRequest} just found. */
    void judge(final JudgedPacket judged) {
        final int slot = answered;
        final Refusal text = message.header.type() == MessageType.REP
                ? reply.parse(
                        judged.packet.buffer(),
                        message.header.bodyOffset(),
                        message.header.bodyLength(),
                        asked,
                        askedTraits)
                : Refusal.NONE;
        tables.control().lock();
        try {
            if (!transactions.isStill(answeredNumber, slot, judged.nowNanos) || !isFromResponderSide(judged, slot)) {
                // Another worker has since given it up.
                judged.decision.drop(Reason.UNSOLICITED);
                return;
            }
            judged.decision.service = asked;
            judged.decision.belongsTo(transactions, slot);
            judgeAnswer(judged, slot, text);
        } finally {
            tables.control().unlock();
        }
    }

    private void judgeAnswer(final JudgedPacket judged, final int slot, final Refusal text) {
        final MessageType type = message.header.type();
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
            streams.revokeAll(slot, Removal.NAK);
            transactions.close(
                    slot, judged.nowNanos + message.limits.expectations().lifetimeNanos());
        }
        final Refusal refusal = type == MessageType.REP ? judgeReply(judged, slot, text) : Refusal.NONE;
        final boolean drop =
                refusal == Refusal.HELD_BACK || (refusal != Refusal.NONE && judged.settings.dropRefusedReplies());
        if (type == MessageType.REP && !drop) {
            // The requester gets it, so its next ACK answers it and ends the exchange, whatever it opened.
            transactions.setReplied(slot);
        }
        markForTranslation(judged, slot);
        if (refusal == Refusal.NONE) {
            judged.decision.accept(Reason.REPLY);
            return;
        }
        judged.decision.refusal = refusal;
        streams.collect(reply);
        streams.describeRefused(judged.decision);
        counters.count(Tally.REPLIES_REFUSED, refusal);
        if (drop) {
            judged.decision.drop(Reason.REFUSED_REPLY);
        } else {
            judged.decision.accept(Reason.REFUSED_REPLY);
        }
    }

    /**
     * Makes the answer leave under the public address that the request was sent to. On its own the router knows it only
     * while conntrack remembers the request: two minutes, and an estimate takes longer.
     */
    private void markForTranslation(final JudgedPacket judged, final int slot) {
        final PublishedHosts published = judged.settings.published();
        // Checked again, because the list may have changed since the request came.
        final long bits = published.bits(message.exchange, transactions.published(slot));
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
        if (refusal == Refusal.NONE) {
            streams.collect(reply);
        } else {
            streams.clear();
        }
        if (transactions.closed(slot)) {
            // A repetition of what the requester has acknowledged is normal; it opens nothing more.
            return streams.count() == 0 || streams.repeats(slot) ? refusal : Refusal.CLOSED;
        }
        final Refusal portRefusal = refusal == Refusal.NONE ? streams.checkPorts(judged, asked) : refusal;
        if (streams.count() > 0 && portRefusal == Refusal.NONE) {
            return streams.announce(judged, slot);
        }
        final boolean error = portRefusal == Refusal.ERROR_LINE && !judged.settings.dropRefusedReplies();
        if (!judged.packet.fragment() && (portRefusal == Refusal.NONE || error)) {
            streams.withdrawEarlier(judged, slot);
        }
        return portRefusal;
    }
}
