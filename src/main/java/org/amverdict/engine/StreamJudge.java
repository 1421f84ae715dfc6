package org.amverdict.engine;

import org.amverdict.amanda.StreamName;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Sides;
import org.amverdict.track.Tables;

/** The rows of the decision table for TCP. One instance per worker. */
final class StreamJudge {
    private static final StreamName[] STREAMS = StreamName.values();
    private static final long NEVER = 0;
    private static final int NOT_PUBLISHED = -1;

    private final ExpectationTable expectations;
    private final FlowTable flows;
    private final LegacyRecoveryJudge legacy;
    private final Scratch scratch;
    private final EngineCounters counters;

    StreamJudge(final Tables tables, final Scratch scratch, final EngineCounters counters) {
        this.counters = counters;
        this.expectations = tables.expectations();
        this.flows = tables.flows();
        this.legacy = new LegacyRecoveryJudge(tables, scratch, counters);
        this.scratch = scratch;
    }

    void judge(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final TcpView tcp = packet.tcp();
        // A first fragment opens nothing; of a known flow it is a packet like any other.
        final boolean syn = tcp.plainSyn() && !packet.fragment();
        int mark = arrival.mark();
        final int published = syn ? findPublished(packet, arrival, settings, decision, nowNanos) : NOT_PUBLISHED;
        if (published != NOT_PUBLISHED) {
            final PublishedHosts hosts = settings.published();
            mark = (int) ((mark & ~hosts.mask()) | hosts.mark(published));
            decision.mark = Integer.toUnsignedLong(mark);
        } else if (syn && consumes(packet, packet.destinationHigh(), packet.destinationLow(), arrival, nowNanos)) {
            openExpected(packet, packet.destinationHigh(), packet.destinationLow(), arrival, decision, nowNanos);
        } else {
            judgeByFlow(packet, arrival, settings, decision, nowNanos);
        }
        if (decision.decided == Verdict.ACCEPT && decision.stream != null) {
            final long streamMark = settings.marks().apply(decision.stream, mark);
            decision.mark = streamMark == VerdictBatch.NO_MARK ? decision.mark : streamMark;
        }
    }

    private void judgeByFlow(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final TcpView tcp = packet.tcp();
        final int known = follow(packet, packet.destinationHigh(), packet.destinationLow(), arrival, nowNanos);
        if (known == FlowTable.KNOWN) {
            judgeEstablished(packet, arrival, settings, decision, nowNanos);
        } else if (tcp.plainSyn() && !packet.fragment()) {
            judgeUnexpectedSyn(packet, arrival, settings, decision, nowNanos);
        } else if (settings.adoptFlows()
                && known == FlowTable.UNKNOWN
                && adopts(packet, arrival, settings.policy(), nowNanos)) {
            decision.stream = StreamName.ADOPTED;
            decision.accept(Reason.ESTABLISHED);
        } else {
            decision.drop(tcp.plainSyn() ? Reason.UNEXPECTED : Reason.NO_FLOW);
        }
    }

    private void judgeEstablished(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final boolean reply = scratch.reply();
        final boolean refused = scratch.refused();
        decision.stream = STREAMS[scratch.stream()];
        decision.accept(Reason.ESTABLISHED);
        if (decision.stream == StreamName.LEGACY && !refused) {
            legacy.follow(packet, arrival, settings, decision, nowNanos);
        }
        if (decision.decided == Verdict.ACCEPT) {
            counters.countStream(decision.stream, reply, packet.totalLength());
        }
        if (!refused) {
            return;
        }
        if (reply) {
            expectations.rearm(
                    scratch,
                    /* requesterHigh= */ packet.destinationHigh(),
                    /* requesterLow= */ packet.destinationLow(),
                    /* responderHigh= */ packet.sourceHigh(),
                    /* responderLow= */ packet.sourceLow(),
                    packet.sourcePort(),
                    nowNanos);
        } else {
            expectations.rearm(
                    scratch,
                    packet.sourceHigh(),
                    packet.sourceLow(),
                    packet.destinationHigh(),
                    packet.destinationLow(),
                    packet.destinationPort(),
                    nowNanos);
        }
    }

    private boolean consumes(
            final PacketView packet,
            final long responderHigh,
            final long responderLow,
            final Arrival arrival,
            final long nowNanos) {
        return expectations.consume(
                scratch,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                responderHigh,
                responderLow,
                packet.destinationPort(),
                arrival.inInterface(),
                nowNanos);
    }

    /** @param targetHigh of the host that the packet is for: its destination, or the host behind it */
    private int follow(
            final PacketView packet,
            final long targetHigh,
            final long targetLow,
            final Arrival arrival,
            final long nowNanos) {
        final TcpView tcp = packet.tcp();
        return flows.follow(
                scratch,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                targetHigh,
                targetLow,
                packet.destinationPort(),
                tcp.flags(),
                tcp.sequence(),
                tcp.acknowledgement(),
                tcp.payloadLength(),
                packet.totalLength(),
                arrival.inInterface(),
                arrival.outInterface(),
                nowNanos);
    }

    private void judgeUnexpectedSyn(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final Policy policy = settings.policy();
        final int port = packet.destinationPort();
        final boolean permitted = policy.permits(
                packet.sourceHigh(), packet.sourceLow(), packet.destinationHigh(), packet.destinationLow());
        if (permitted && policy.isControlPort(port)) {
            openPermitted(packet, arrival, Reason.CONTROL_TCP, StreamName.CONTROL, decision, nowNanos);
        } else if (LegacyRecoveryJudge.permits(packet, policy)) {
            if (openPermitted(packet, arrival, Reason.LEGACY_RECOVERY, StreamName.LEGACY, decision, nowNanos)
                    != FlowTable.STANDS) {
                legacy.follow(packet, arrival, settings, decision, nowNanos);
            }
        } else if (policy.staticPort(
                packet.sourceHigh(), packet.sourceLow(), packet.destinationHigh(), packet.destinationLow(), port)) {
            openPermitted(packet, arrival, Reason.STATIC, StreamName.STATIC, decision, nowNanos);
        } else {
            decision.drop(Reason.UNEXPECTED);
        }
    }

    /**
     * Lets a SYN pass that the policy permits. It opens a flow, unless there is one that is not over: anybody can forge a
     * SYN of a connection that is under way, and the responder's answer will tell.
     *
     * @return as {@link FlowTable#open} does
     */
    private int openPermitted(
            final PacketView packet,
            final Arrival arrival,
            final Reason reason,
            final StreamName stream,
            final Decision decision,
            final long nowNanos) {
        return open(
                packet,
                packet.destinationHigh(),
                packet.destinationLow(),
                reason,
                stream,
                0,
                NEVER,
                false,
                arrival.sidesForth(),
                decision,
                nowNanos);
    }

    /** Opens the flow of the expectation that was just taken. */
    private void openExpected(
            final PacketView packet,
            final long responderHigh,
            final long responderLow,
            final Arrival arrival,
            final Decision decision,
            final long nowNanos) {
        open(
                packet,
                responderHigh,
                responderLow,
                Reason.EXPECTED,
                STREAMS[scratch.stream()],
                scratch.owner(),
                scratch.deadlineNanos(),
                scratch.privilegedSource(),
                Sides.learn(scratch.sides(), arrival.sidesForth()),
                decision,
                nowNanos);
        decision.waitedNanos = scratch.sinceNanos();
    }

    private int open(
            final PacketView packet,
            final long responderHigh,
            final long responderLow,
            final Reason reason,
            final StreamName stream,
            final long owner,
            final long armedUntil,
            final boolean privilegedSource,
            final long sides,
            final Decision decision,
            final long nowNanos) {
        final int opened = flows.open(
                scratch,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                responderHigh,
                responderLow,
                packet.destinationPort(),
                stream,
                owner,
                armedUntil,
                privilegedSource,
                packet.tcp().sequence(),
                sides,
                packet.totalLength(),
                nowNanos);
        decision.stream = stream;
        decision.transaction = owner;
        decision.opens = opened == FlowTable.ENTERED;
        decision.accept(reason);
        counters.countStream(stream, false, packet.totalLength());
        return opened;
    }

    /**
     * Judges a SYN to a public address, before the router translates it: it is for the host behind that address that
     * announced the port. The flow is entered with that host's address, as all later packets have it.
     *
     * @return number of the entry it is for, or NOT_PUBLISHED: then it is judged as any other SYN
     */
    private int findPublished(
            final PacketView packet,
            final Arrival arrival,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final PublishedHosts published = settings.published();
        final int[] behind = published.behind(packet.destinationHigh(), packet.destinationLow());
        for (final int number : behind) {
            final HostPrefix host = published.entry(number).host();
            if (consumes(packet, host.high(), host.low(), arrival, nowNanos)) {
                openExpected(packet, host.high(), host.low(), arrival, decision, nowNanos);
                return number;
            }
        }
        for (final int number : behind) {
            final PublishedHost entry = published.entry(number);
            final HostPrefix host = entry.host();
            if (packet.destinationPort() == entry.controlPort()
                    && settings.policy().permits(packet.sourceHigh(), packet.sourceLow(), host.high(), host.low())) {
                // The flow is opened when the SYN comes again, translated.
                decision.stream = StreamName.CONTROL;
                decision.accept(Reason.CONTROL_TCP);
                return number;
            }
            if (follow(packet, host.high(), host.low(), arrival, nowNanos) == FlowTable.KNOWN) {
                judgeEstablished(packet, arrival, settings, decision, nowNanos);
                return number;
            }
        }
        return NOT_PUBLISHED;
    }

    /** Takes a packet of an unknown connection for one of a stream that was opened before the program ran. */
    private boolean adopts(final PacketView packet, final Arrival arrival, final Policy policy, final long nowNanos) {
        final TcpView tcp = packet.tcp();
        if (packet.fragment() || (tcp.flags() & (TcpView.ACK | TcpView.SYN | TcpView.RST)) != TcpView.ACK) {
            return false;
        }
        final boolean forth = policy.streamPort(
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.destinationHigh(),
                packet.destinationLow(),
                packet.destinationPort());
        final boolean back = !forth
                && policy.streamPort(
                        /* requesterHigh= */ packet.destinationHigh(),
                        /* requesterLow= */ packet.destinationLow(),
                        /* responderHigh= */ packet.sourceHigh(),
                        /* responderLow= */ packet.sourceLow(),
                        packet.sourcePort());
        if (!forth && !back) {
            return false;
        }
        final boolean adopted = flows.adopt(
                scratch,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                packet.destinationHigh(),
                packet.destinationLow(),
                packet.destinationPort(),
                back,
                tcp.sequence(),
                tcp.acknowledgement(),
                packet.totalLength(),
                nowNanos);
        // Or else another worker has entered it at this moment, and the packet is one of a known flow.
        if (!adopted
                && follow(packet, packet.destinationHigh(), packet.destinationLow(), arrival, nowNanos)
                        != FlowTable.KNOWN) {
            return false;
        }
        counters.countStream(StreamName.ADOPTED, back, packet.totalLength());
        return true;
    }
}
