package org.amverdict.engine;

import org.amverdict.amanda.ControlHeader;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;
import org.amverdict.packet.UdpView;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.InterfacePair;
import org.amverdict.track.Missed;
import org.amverdict.track.NearExpectations;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/**
 * Finds what a dropped packet nearly matched, for the report. Called after the packet is judged; changes no verdict. A
 * fixed number of look-ups each, and in a flood only one packet a millisecond. One instance per worker.
 */
final class NearMisses {
    /** Ports on either side that are tried to name the nearest expectation. */
    private static final int NEAREST_DISTANCE = 16;
    /** One in this time, for datagrams and for SYNs: some 40 look-ups at most. */
    private static final long PAUSE_NANOS = 1_000_000;
    /** Hosts behind one public address that are tried. */
    private static final int PUBLISHED_MAX = 8;

    private final Tables tables;
    private final TransactionTable transactions;
    private final NearExpectations expectations;
    private final Scratch scratch;
    private final ControlHeader header = new ControlHeader();
    /** The packet's tuple reversed, or with the host behind a public address. */
    private final Tuple altered = new Tuple();

    private long datagramNanos;
    private long synNanos;

    NearMisses(final Tables tables, final Scratch scratch) {
        this.tables = tables;
        transactions = tables.transactions();
        expectations = tables.expectations().near();
        this.scratch = scratch;
    }

    /** Where to look for what the packet nearly matched. */
    private enum Search {
        REQUESTS,
        TRANSACTIONS,
        EXPECTATIONS,
        /** The reason says it all. */
        NOWHERE;

        /** An expression: javac asks here for every new reason. */
        static Search of(final Reason reason) {
            return switch (reason) {
                case BAD_REQUEST -> REQUESTS;
                case UNSOLICITED -> TRANSACTIONS;
                case UNEXPECTED -> EXPECTATIONS;
                case MALFORMED,
                        FRAGMENT,
                        MERGED,
                        NOT_ALLOWED,
                        BAD_CONTROL,
                        REQUEST,
                        SERVICE_NOT_ALLOWED,
                        ACK,
                        WRONG_DIRECTION,
                        REPLY,
                        REFUSED_REPLY,
                        ESTABLISHED,
                        CONTROL_TCP,
                        LEGACY_RECOVERY,
                        EXPECTED,
                        STATIC,
                        NO_FLOW,
                        RELATED,
                        NOT_AMANDA,
                        ERROR -> NOWHERE;
            };
        }
    }

    void find(final JudgedPacket judged) {
        switch (Search.of(judged.decision.reason)) {
            case REQUESTS -> {
                if (!judged.settings.policy().isRequesterPort(judged.packet.sourcePort())) {
                    judged.decision.because(Cause.REQUESTER_PORT, judged.packet.sourcePort());
                } else if (judged.decision.service != null && isDatagramDue(judged)) {
                    findRequest(judged);
                }
            }
            case TRANSACTIONS -> {
                if (judged.decision.messageType != null && isDatagramDue(judged)) {
                    findAnswer(judged);
                }
            }
            case EXPECTATIONS -> {
                if (judged.nowNanos - synNanos >= PAUSE_NANOS) {
                    synNanos = judged.nowNanos;
                    findSyn(judged, judged.settings.published());
                }
            }
            case NOWHERE -> {}
        }
    }

    private boolean isDatagramDue(final JudgedPacket judged) {
        if (judged.nowNanos - datagramNanos < PAUSE_NANOS) {
            return false;
        }
        datagramNanos = judged.nowNanos;
        return true;
    }

    /** A well-formed REQ is bad only if it does not fit the exchange with its HANDLE and SEQ. */
    private void findRequest(final JudgedPacket judged) {
        final UdpView udp = judged.packet.udp();
        if (!header.wrap(judged.packet.buffer(), udp.payloadOffset(), udp.availablePayload())) {
            return;
        }
        tables.control().lock();
        try {
            final int slot = transactions.find(scratch, judged.tuple, judged.packet.buffer(), header, judged.nowNanos);
            if (slot == TransactionTable.NONE) {
                return;
            }
            final boolean fits = InterfacePair.requesterFits(
                    transactions.sides(slot), judged.metadata.inInterface(), tables.interfaces());
            judged.decision.transaction = transactions.number(slot);
            if (!fits && transactions.service(slot) == judged.decision.service) {
                judged.decision.because(
                        Cause.OTHER_INTERFACE,
                        interfaces(
                                InterfacePair.requesterSide(transactions.sides(slot)), judged.metadata.inInterface()));
            } else if (transactions.service(slot) != judged.decision.service) {
                judged.decision.because(Cause.OTHER_REQUEST, 0);
            }
        } finally {
            tables.control().unlock();
        }
    }

    private static long interfaces(final int expected, final int came) {
        return (long) expected << Integer.SIZE | Integer.toUnsignedLong(came);
    }

    private void findAnswer(final JudgedPacket judged) {
        final UdpView udp = judged.packet.udp();
        if (!header.wrap(judged.packet.buffer(), udp.payloadOffset(), udp.availablePayload())) {
            return;
        }
        tables.control().lock();
        try {
            altered.reversedOf(judged.tuple);
            final int slot = transactions.find(scratch, altered, judged.packet.buffer(), header, judged.nowNanos);
            if (slot != TransactionTable.NONE) {
                if (!InterfacePair.responderFits(
                        transactions.sides(slot), judged.metadata.inInterface(), tables.interfaces())) {
                    judged.decision.transaction = transactions.number(slot);
                    judged.decision.because(
                            Cause.OTHER_INTERFACE,
                            interfaces(
                                    InterfacePair.responderSide(transactions.sides(slot)),
                                    judged.metadata.inInterface()));
                }
                return;
            }
            final int other = transactions.findOtherResponder(judged.nowNanos);
            if (other != TransactionTable.NONE) {
                judged.decision.transaction = transactions.number(other);
                judged.decision.because(
                        Cause.OTHER_ADDRESS, transactions.responderHigh(other), transactions.responderLow(other));
            }
        } finally {
            tables.control().unlock();
        }
    }

    private void findSyn(final JudgedPacket judged, final PublishedHosts published) {
        if (findListener(judged, judged.tuple)) {
            return;
        }
        final int[] behind = published.behind(judged.tuple.destinationHigh(), judged.tuple.destinationLow());
        for (int i = 0; i < Math.min(behind.length, PUBLISHED_MAX); i++) {
            final IpAddress host = published.entry(behind[i]).host();
            if (findListener(judged, altered.set(judged.tuple).destination(host.high(), host.low()))) {
                return;
            }
        }
        judged.decision.nearestPort = expectations.nearestPort(scratch, judged.tuple, NEAREST_DISTANCE);
    }

    /** @return whether anything is known about the port of the destination */
    private boolean findListener(final JudgedPacket judged, final Tuple tuple) {
        final Decision decision = judged.decision;
        final Missed missed = scratch.missed();
        switch (expectations.miss(scratch, tuple, judged.nowNanos)) {
            case EXPIRED -> decision.because(Cause.EXPIRED, missed.expiredNanos());
            case SOURCE_PORT -> decision.because(Cause.SOURCE_PORT, tuple.sourcePort());
            case INTERFACE -> {
                final int inInterface = judged.metadata.inInterface();
                // Otherwise another worker has entered it since the packet was judged.
                if (!InterfacePair.requesterFits(missed.sides(), inInterface, tables.interfaces())) {
                    decision.because(
                            Cause.OTHER_INTERFACE,
                            interfaces(InterfacePair.requesterSide(missed.sides()), inInterface));
                }
            }
            default -> {
                if (!expectations.otherRequester(scratch, tuple, judged.nowNanos)) {
                    return false;
                }
                decision.because(Cause.OTHER_REQUESTER, missed.otherHigh(), missed.otherLow());
            }
        }
        return true;
    }
}
