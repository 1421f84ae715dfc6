package org.amverdict.engine;

import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.UdpView;
import org.amverdict.policy.Policy;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;

/**
 * The rows of the decision table for UDP to and from a control port: the checks for every datagram, then {@link
 * RequestJudge} or {@link AnswerJudge} for the rest. One instance per worker; all workers share the transactions, which
 * are touched only under the control lock. Work that an input can lengthen, such as the checksum of a datagram or
 * reading its text, comes before the lock is taken: all other workers' datagrams wait for the lock.
 */
final class ControlJudge {
    private final Tables tables;
    private final EngineCounters counters;
    private final ControlMessage message;
    private final RequestJudge requests;
    private final AnswerJudge answers;
    private final StrangersRequest strangers;

    ControlJudge(final Tables tables, final Scratch scratch, final EngineCounters counters) {
        this.tables = tables;
        this.counters = counters;
        message = new ControlMessage(tables.limits());
        strangers = new StrangersRequest(message);
        requests = new RequestJudge(tables, scratch, message);
        answers = new AnswerJudge(tables, scratch, message, counters);
    }

    /** UDP to a control port. */
    void fromRequester(final JudgedPacket judged) {
        message.limits = tables.limits();
        message.exchange.set(judged.tuple);
        message.line = judged.settings.policy().line(judged.tuple);
        if (message.line == Policy.NO_LINE) {
            judged.decision.drop(Reason.NOT_ALLOWED);
            strangers.note(judged);
            return;
        }
        if (!isIntact(judged)) {
            return;
        }
        if (!message.readHeader(judged)) {
            judged.decision.drop(Reason.BAD_CONTROL);
            return;
        }
        switch (message.header.type()) {
            case REQ -> requests.judge(judged);
            case ACK -> requests.judgeAcknowledgement(judged);
            default -> judged.decision.drop(Reason.WRONG_DIRECTION);
        }
        counters.countControlMessage(message.header.type(), judged.decision.service);
    }

    /** UDP from a control port. */
    void fromResponder(final JudgedPacket judged) {
        message.limits = tables.limits();
        message.exchange.reversedOf(judged.tuple);
        if (!message.readHeader(judged)) {
            judged.decision.drop(Reason.UNSOLICITED);
            return;
        }
        if (!answers.findRequest(judged)) {
            judged.decision.drop(Reason.UNSOLICITED);
        } else if (isIntact(judged)) {
            answers.judge(judged);
        }
        counters.countControlMessage(message.header.type(), judged.decision.service);
    }

    /** Whole (or a first fragment, judged as far as it goes) and with a correct checksum. */
    private static boolean isIntact(final JudgedPacket judged) {
        final UdpView udp = judged.packet.udp();
        if (judged.packet.fragment()) {
            return true;
        }
        if (!udp.complete()) {
            // The queue copies headers only: nothing can be read from it, so it may open nothing.
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
}
