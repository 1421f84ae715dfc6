package org.amverdict.engine;

import org.amverdict.amanda.RequestParser;
import org.amverdict.amanda.Service;
import org.amverdict.policy.Policy;
import org.amverdict.track.InterfacePair;
import org.amverdict.track.LineHits;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/** What a requester sends to a control port: REQ opens an exchange, ACK ends it. One instance per worker. */
final class RequestJudge {
    private final Tables tables;
    private final TransactionTable transactions;
    private final Scratch scratch;
    private final ControlMessage message;
    private final RequestParser request = new RequestParser();

    /** @param message the caller reads its header before each call */
    RequestJudge(final Tables tables, final Scratch scratch, final ControlMessage message) {
        this.tables = tables;
        this.transactions = tables.transactions();
        this.scratch = scratch;
        this.message = message;
    }

    /** Judges a REQ between hosts that the policy permits. */
    void judge(final JudgedPacket judged) {
        final Policy policy = judged.settings.policy();
        final boolean whole = !judged.packet.fragment();
        if (!policy.isRequesterPort(judged.packet.sourcePort())
                || !request.parse(
                        judged.packet.buffer(), message.header.bodyOffset(), message.header.bodyLength(), whole)) {
            judged.decision.drop(Reason.BAD_REQUEST);
            return;
        }
        final Service service = request.service();
        judged.decision.service = service;
        final int line = service == null ? Policy.NO_LINE : policy.lineFrom(message.line, message.exchange, service);
        if (service == null || line == Policy.NO_LINE) {
            judged.decision.drop(Reason.SERVICE_NOT_ALLOWED);
            return;
        }
        final long published = judged.settings.published().bits(message.exchange, judged.metadata.mark());
        tables.control().lock();
        try {
            if (enter(judged, service, published)) {
                judged.decision.accept(Reason.REQUEST);
                if (judged.decision.opens) {
                    tables.lines().count(judged.lines[line], LineHits.Hit.REQUEST, 1);
                }
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
            transactions.setDeadline(
                    slot, judged.nowNanos + message.limits.transactions().replyWithinNanos());
            judged.decision.opens = true;
        } else if (transactions.service(slot) != service || !isFromRequesterSide(judged, slot)) {
            // A repeated REQ is identical byte for byte.
            return false;
        } else {
            transactions.setSides(slot, InterfacePair.learn(transactions.sides(slot), judged.metadata.sidesForth()));
            transactions.touch(slot);
        }
        judged.decision.belongsTo(transactions, slot);
        transactions.setPublished(slot, published);
        return true;
    }

    /** Judges an ACK between hosts that the policy permits. */
    void judgeAcknowledgement(final JudgedPacket judged) {
        tables.control().lock();
        try {
            final int slot = find(judged);
            if (slot != TransactionTable.NONE && isFromRequesterSide(judged, slot)) {
                judged.decision.service = transactions.service(slot);
                judged.decision.belongsTo(transactions, slot);
                if (transactions.replied(slot)) {
                    transactions.close(
                            slot,
                            judged.nowNanos + message.limits.expectations().lifetimeNanos());
                }
            }
        } finally {
            tables.control().unlock();
        }
        judged.decision.accept(Reason.ACK);
    }

    private int find(final JudgedPacket judged) {
        return transactions.find(scratch, message.exchange, judged.packet.buffer(), message.header, judged.nowNanos);
    }

    private boolean isFromRequesterSide(final JudgedPacket judged, final int slot) {
        return InterfacePair.requesterFits(
                transactions.sides(slot), judged.metadata.inInterface(), tables.interfaces());
    }
}
