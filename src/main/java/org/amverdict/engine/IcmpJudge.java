package org.amverdict.engine;

import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.IcmpView;
import org.amverdict.packet.PacketView;
import org.amverdict.policy.Policy;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/**
 * The row of the decision table for ICMP and ICMPv6 errors. One instance per worker.
 *
 * <p>An error is believed about nothing: it passes to the one who sent what it quotes, if that is known here, and no
 * table changes. Any router on the way may have sent it, so its own source says nothing (RFC 5927).
 */
final class IcmpJudge {
    private final TransactionTable transactions;
    private final ExpectationTable expectations;
    private final FlowTable flows;
    private final Scratch scratch;

    IcmpJudge(final Tables tables, final Scratch scratch) {
        this.transactions = tables.transactions();
        this.expectations = tables.expectations();
        this.flows = tables.flows();
        this.scratch = scratch;
    }

    void judge(final JudgedPacket judged) {
        if (judged.packet.fragment()) {
            // No sender makes one so long: 576 bytes (RFC 1812 4.3.2.3), 1280 bytes (RFC 4443 2.4).
            judged.decision.drop(Reason.FRAGMENT);
        } else if (isForSenderOfQuoted(judged) && isKnown(judged, judged.packet.icmp())) {
            judged.decision.accept(Reason.RELATED);
        } else {
            judged.decision.drop(Reason.NOT_AMANDA);
        }
    }

    private static boolean isForSenderOfQuoted(final JudgedPacket judged) {
        final IcmpView icmp = judged.packet.icmp();
        return icmp.decodeQuoted() == DecodeStatus.OK
                && icmp.quotedSourceHigh() == judged.packet.destinationHigh()
                && icmp.quotedSourceLow() == judged.packet.destinationLow();
    }

    private boolean isKnown(final JudgedPacket judged, final IcmpView icmp) {
        return switch (icmp.quotedProtocol()) {
            case PacketView.PROTOCOL_TCP -> isOfFlow(judged, icmp) || isOfExpectation(judged, icmp);
            case PacketView.PROTOCOL_UDP -> isOfExchange(icmp, judged.settings.policy());
            default -> false;
        };
    }

    private boolean isOfFlow(final JudgedPacket judged, final IcmpView icmp) {
        return flows.outstanding(
                scratch,
                icmp.quotedSourceHigh(),
                icmp.quotedSourceLow(),
                icmp.quotedSourcePort(),
                icmp.quotedDestinationHigh(),
                icmp.quotedDestinationLow(),
                icmp.quotedDestinationPort(),
                icmp.quotedSequence(),
                judged.metadata.inInterface(),
                judged.nowNanos);
    }

    private boolean isOfExpectation(final JudgedPacket judged, final IcmpView icmp) {
        return expectations.expects(
                scratch,
                icmp.quotedSourceHigh(),
                icmp.quotedSourceLow(),
                icmp.quotedSourcePort(),
                icmp.quotedDestinationHigh(),
                icmp.quotedDestinationLow(),
                icmp.quotedDestinationPort(),
                judged.metadata.inInterface(),
                judged.nowNanos);
    }

    /** The quotation need not reach as far as HANDLE and SEQ, so any exchange between the two ends will do. */
    private boolean isOfExchange(final IcmpView icmp, final Policy policy) {
        final boolean fromRequester = policy.isControlPort(icmp.quotedDestinationPort());
        if (fromRequester == policy.isControlPort(icmp.quotedSourcePort())) {
            return false;
        }
        return fromRequester
                ? transactions.knows(
                        scratch,
                        icmp.quotedSourceHigh(),
                        icmp.quotedSourceLow(),
                        icmp.quotedSourcePort(),
                        icmp.quotedDestinationHigh(),
                        icmp.quotedDestinationLow(),
                        icmp.quotedDestinationPort())
                : transactions.knows(
                        scratch,
                        /* requesterHigh= */ icmp.quotedDestinationHigh(),
                        /* requesterLow= */ icmp.quotedDestinationLow(),
                        /* requesterPort= */ icmp.quotedDestinationPort(),
                        /* responderHigh= */ icmp.quotedSourceHigh(),
                        /* responderLow= */ icmp.quotedSourceLow(),
                        /* responderPort= */ icmp.quotedSourcePort());
    }
}
