package org.amverdict.engine;

import org.amverdict.amanda.ControlHeader;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.UdpView;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Sides;
import org.amverdict.track.Tables;
import org.amverdict.track.TransactionTable;

/**
 * Finds what a packet that was dropped nearly fitted, for the report. Asked after the packet was judged; changes no verdict.
 * A fixed number of look-ups each, and of a flood only one packet a millisecond. One instance per worker.
 */
final class NearMisses {
    /** Ports on either side that are tried to name the nearest expectation. */
    private static final int NEAREST_DISTANCE = 16;
    /** One in this time, of datagrams and of SYNs: some 40 look-ups at most. */
    private static final long PAUSE_NANOS = 1_000_000;
    /** Hosts behind one public address that are tried. */
    private static final int PUBLISHED_MAX = 8;

    private final Tables tables;
    private final TransactionTable transactions;
    private final ExpectationTable expectations;
    private final Scratch scratch;
    private final ControlHeader header = new ControlHeader();
    private long datagramNanos;
    private long synNanos;

    NearMisses(final Tables tables, final Scratch scratch) {
        this.tables = tables;
        transactions = tables.transactions();
        expectations = tables.expectations();
        this.scratch = scratch;
    }

    void find(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        switch (decision.reason) {
            case BAD_REQUEST -> {
                if (!settings.policy().isRequesterPort(packet.sourcePort())) {
                    decision.because(Cause.REQUESTER_PORT, packet.sourcePort());
                } else if (decision.service != null && isDatagramDue(nowNanos)) {
                    findRequest(packet, arrival, decision, nowNanos);
                }
            }
            case UNSOLICITED -> {
                if (decision.messageType != null && isDatagramDue(nowNanos)) {
                    findAnswer(packet, arrival, decision, nowNanos);
                }
            }
            case UNEXPECTED -> {
                if (nowNanos - synNanos >= PAUSE_NANOS) {
                    synNanos = nowNanos;
                    findSyn(packet, arrival, settings.published(), decision, nowNanos);
                }
            }
            default -> {
                // The reason says all.
            }
        }
    }

    private boolean isDatagramDue(final long nowNanos) {
        if (nowNanos - datagramNanos < PAUSE_NANOS) {
            return false;
        }
        datagramNanos = nowNanos;
        return true;
    }

    /** A well-formed REQ is bad only if it does not fit the exchange that has its HANDLE and SEQ. */
    private void findRequest(
            final PacketView packet, final Arrival arrival, final Decision decision, final long nowNanos) {
        final UdpView udp = packet.udp();
        if (!header.wrap(packet.buffer(), udp.payloadOffset(), udp.availablePayload())) {
            return;
        }
        tables.control().lock();
        try {
            final int slot = transactions.find(
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
            if (slot == TransactionTable.NONE) {
                return;
            }
            final boolean fits =
                    Sides.requesterFits(transactions.sides(slot), arrival.inInterface(), tables.interfaces());
            decision.transaction = transactions.number(slot);
            if (!fits && transactions.service(slot) == decision.service) {
                decision.because(
                        Cause.OTHER_INTERFACE,
                        interfaces(Sides.requesterSide(transactions.sides(slot)), arrival.inInterface()));
            } else if (transactions.service(slot) != decision.service) {
                decision.because(Cause.OTHER_REQUEST, 0);
            }
        } finally {
            tables.control().unlock();
        }
    }

    private static long interfaces(final int expected, final int came) {
        return (long) expected << Integer.SIZE | Integer.toUnsignedLong(came);
    }

    private void findAnswer(
            final PacketView packet, final Arrival arrival, final Decision decision, final long nowNanos) {
        final UdpView udp = packet.udp();
        if (!header.wrap(packet.buffer(), udp.payloadOffset(), udp.availablePayload())) {
            return;
        }
        tables.control().lock();
        try {
            final int slot = transactions.find(
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
            if (slot != TransactionTable.NONE) {
                if (!Sides.responderFits(transactions.sides(slot), arrival.inInterface(), tables.interfaces())) {
                    decision.transaction = transactions.number(slot);
                    decision.because(
                            Cause.OTHER_INTERFACE,
                            interfaces(Sides.responderSide(transactions.sides(slot)), arrival.inInterface()));
                }
                return;
            }
            final int other = transactions.findOtherResponder(nowNanos);
            if (other != TransactionTable.NONE) {
                decision.transaction = transactions.number(other);
                decision.because(
                        Cause.OTHER_ADDRESS, transactions.responderHigh(other), transactions.responderLow(other));
            }
        } finally {
            tables.control().unlock();
        }
    }

    private void findSyn(
            final PacketView packet,
            final Arrival arrival,
            final PublishedHosts published,
            final Decision decision,
            final long nowNanos) {
        if (findListener(packet, packet.destinationHigh(), packet.destinationLow(), arrival, decision, nowNanos)) {
            return;
        }
        final int[] behind = published.behind(packet.destinationHigh(), packet.destinationLow());
        for (int i = 0; i < Math.min(behind.length, PUBLISHED_MAX); i++) {
            final HostPrefix host = published.entry(behind[i]).host();
            if (findListener(packet, host.high(), host.low(), arrival, decision, nowNanos)) {
                return;
            }
        }
        decision.nearestPort = expectations.nearestPort(
                scratch,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.destinationHigh(),
                packet.destinationLow(),
                packet.destinationPort(),
                NEAREST_DISTANCE);
    }

    /** @return whether something is known of that port of that host */
    private boolean findListener(
            final PacketView packet,
            final long responderHigh,
            final long responderLow,
            final Arrival arrival,
            final Decision decision,
            final long nowNanos) {
        final ExpectationTable.Miss miss = expectations.miss(
                scratch,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                responderHigh,
                responderLow,
                packet.destinationPort(),
                nowNanos);
        switch (miss) {
            case EXPIRED -> decision.because(Cause.EXPIRED, scratch.sinceNanos());
            case SOURCE_PORT -> decision.because(Cause.SOURCE_PORT, packet.sourcePort());
            case INTERFACE -> {
                // Else another worker has entered it since the packet was judged.
                if (!Sides.requesterFits(scratch.sides(), arrival.inInterface(), tables.interfaces())) {
                    decision.because(
                            Cause.OTHER_INTERFACE,
                            interfaces(Sides.requesterSide(scratch.sides()), arrival.inInterface()));
                }
            }
            default -> {
                if (!expectations.otherRequester(
                        scratch, responderHigh, responderLow, packet.destinationPort(), nowNanos)) {
                    return false;
                }
                decision.because(Cause.OTHER_REQUESTER, scratch.otherHigh(), scratch.otherLow());
            }
        }
        return true;
    }
}
