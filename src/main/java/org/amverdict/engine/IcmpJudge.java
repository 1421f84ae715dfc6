package org.amverdict.engine;

import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.IcmpView;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Policy;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/**
 * The row of the decision table for ICMP and ICMPv6 errors. One instance per worker.
 *
 * <p>An error is never believed: it passes to the host that sent the packet it quotes, if that packet is known here,
 * and no table changes. Any router on the way may have sent it, so its own source says nothing (RFC 5927).
 */
final class IcmpJudge {
    private final TransactionTable transactions;
    private final ExpectationTable expectations;
    private final FlowTable flows;
    private final Scratch scratch;
    /** The tuple of the packet that the error quotes. */
    private final Tuple quoted = new Tuple();

    private final Tuple reversed = new Tuple();

    IcmpJudge(final Tables tables, final Scratch scratch) {
        this.transactions = tables.transactions();
        this.expectations = tables.expectations();
        this.flows = tables.flows();
        this.scratch = scratch;
    }

    void judge(final JudgedPacket judged) {
        if (judged.packet.fragment()) {
            // No sender makes one this long: 576 bytes (RFC 1812 4.3.2.3), 1280 bytes (RFC 4443 2.4).
            judged.decision.drop(Reason.FRAGMENT);
        } else if (isForSenderOfQuoted(judged) && isKnown(judged)) {
            judged.decision.accept(Reason.RELATED);
        } else {
            judged.decision.drop(Reason.NOT_AMANDA);
        }
    }

    private boolean isForSenderOfQuoted(final JudgedPacket judged) {
        final IcmpView icmp = judged.packet.icmp();
        if (icmp.decodeQuoted() != DecodeStatus.OK) {
            return false;
        }
        quoted.set(icmp);
        return judged.tuple.isDestination(quoted.sourceHigh(), quoted.sourceLow());
    }

    private boolean isKnown(final JudgedPacket judged) {
        final IcmpView icmp = judged.packet.icmp();
        final int inInterface = judged.metadata.inInterface();
        return switch (icmp.quotedProtocol()) {
            case PacketView.PROTOCOL_TCP ->
                flows.outstanding(scratch, inInterface, quoted, icmp.quotedSequence(), judged.nowNanos)
                        || expectations.expects(scratch, quoted, inInterface, judged.nowNanos);
            case PacketView.PROTOCOL_UDP -> isOfExchange(judged.settings.policy());
            default -> false;
        };
    }

    /** The quotation need not reach as far as HANDLE and SEQ, so any exchange between the two ends will do. */
    private boolean isOfExchange(final Policy policy) {
        final boolean fromRequester = policy.isControlPort(quoted.destinationPort());
        if (fromRequester == policy.isControlPort(quoted.sourcePort())) {
            return false;
        }
        return transactions.knows(scratch, fromRequester ? quoted : reversed.reversedOf(quoted));
    }
}
