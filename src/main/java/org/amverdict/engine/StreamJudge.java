package org.amverdict.engine;

import org.amverdict.amanda.StreamName;
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

    void judge(final JudgedPacket judged) {
        final TcpView tcp = judged.packet.tcp();
        // A first fragment opens nothing; of a known flow it is a packet like any other.
        final boolean syn = tcp.plainSyn() && !judged.packet.fragment();
        int mark = judged.metadata.mark();
        final int published = syn ? findPublished(judged) : NOT_PUBLISHED;
        if (published != NOT_PUBLISHED) {
            final PublishedHosts hosts = judged.settings.published();
            mark = (int) ((mark & ~hosts.mask()) | hosts.mark(published));
            judged.decision.mark = Integer.toUnsignedLong(mark);
        } else if (syn && consumes(judged, judged.packet.destinationHigh(), judged.packet.destinationLow())) {
            openExpected(judged, judged.packet.destinationHigh(), judged.packet.destinationLow());
        } else {
            judgeByFlow(judged);
        }
        if (judged.decision.verdict == Verdict.ACCEPT && judged.decision.stream != null) {
            final long streamMark = judged.settings.marks().apply(judged.decision.stream, mark);
            judged.decision.mark = streamMark == VerdictBatch.NO_MARK ? judged.decision.mark : streamMark;
        }
    }

    private void judgeByFlow(final JudgedPacket judged) {
        final TcpView tcp = judged.packet.tcp();
        final int known = follow(judged, judged.packet.destinationHigh(), judged.packet.destinationLow());
        if (known == FlowTable.KNOWN) {
            judgeEstablished(judged);
        } else if (tcp.plainSyn() && !judged.packet.fragment()) {
            judgeUnexpectedSyn(judged);
        } else if (judged.settings.adoptFlows() && known == FlowTable.UNKNOWN && adopts(judged)) {
            judged.decision.stream = StreamName.ADOPTED;
            judged.decision.accept(Reason.ESTABLISHED);
        } else {
            judged.decision.drop(tcp.plainSyn() ? Reason.UNEXPECTED : Reason.NO_FLOW);
        }
    }

    private void judgeEstablished(final JudgedPacket judged) {
        final boolean reply = scratch.reply();
        final boolean refused = scratch.refused();
        judged.decision.stream = STREAMS[scratch.stream()];
        judged.decision.accept(Reason.ESTABLISHED);
        if (judged.decision.stream == StreamName.LEGACY && !refused) {
            legacy.follow(judged);
        }
        if (judged.decision.verdict == Verdict.ACCEPT) {
            counters.countStream(judged.decision.stream, reply, judged.packet.totalLength());
        }
        if (!refused) {
            return;
        }
        if (reply) {
            expectations.rearm(
                    scratch,
                    /* requesterHigh= */ judged.packet.destinationHigh(),
                    /* requesterLow= */ judged.packet.destinationLow(),
                    /* responderHigh= */ judged.packet.sourceHigh(),
                    /* responderLow= */ judged.packet.sourceLow(),
                    judged.packet.sourcePort(),
                    judged.nowNanos);
        } else {
            expectations.rearm(
                    scratch,
                    judged.packet.sourceHigh(),
                    judged.packet.sourceLow(),
                    judged.packet.destinationHigh(),
                    judged.packet.destinationLow(),
                    judged.packet.destinationPort(),
                    judged.nowNanos);
        }
    }

    private boolean consumes(final JudgedPacket judged, final long responderHigh, final long responderLow) {
        return expectations.consume(
                scratch,
                judged.packet.sourceHigh(),
                judged.packet.sourceLow(),
                judged.packet.sourcePort(),
                responderHigh,
                responderLow,
                judged.packet.destinationPort(),
                judged.metadata.inInterface(),
                judged.nowNanos);
    }

    /** @param targetHigh of the host that the packet is for: its destination, or the host behind it */
    private int follow(final JudgedPacket judged, final long targetHigh, final long targetLow) {
        final TcpView tcp = judged.packet.tcp();
        return flows.follow(
                scratch,
                judged.packet.sourceHigh(),
                judged.packet.sourceLow(),
                judged.packet.sourcePort(),
                targetHigh,
                targetLow,
                judged.packet.destinationPort(),
                tcp.flags(),
                tcp.sequence(),
                tcp.acknowledgement(),
                tcp.payloadLength(),
                judged.packet.totalLength(),
                judged.metadata.inInterface(),
                judged.metadata.outInterface(),
                judged.nowNanos);
    }

    private void judgeUnexpectedSyn(final JudgedPacket judged) {
        final Policy policy = judged.settings.policy();
        final int port = judged.packet.destinationPort();
        final boolean permitted = policy.permits(
                judged.packet.sourceHigh(),
                judged.packet.sourceLow(),
                judged.packet.destinationHigh(),
                judged.packet.destinationLow());
        if (permitted && policy.isControlPort(port)) {
            openPermitted(judged, Reason.CONTROL_TCP, StreamName.CONTROL);
        } else if (LegacyRecoveryJudge.permits(judged, policy)) {
            if (openPermitted(judged, Reason.LEGACY_RECOVERY, StreamName.LEGACY) != FlowTable.STANDS) {
                legacy.follow(judged);
            }
        } else if (policy.staticPort(
                judged.packet.sourceHigh(),
                judged.packet.sourceLow(),
                judged.packet.destinationHigh(),
                judged.packet.destinationLow(),
                port)) {
            openPermitted(judged, Reason.STATIC, StreamName.STATIC);
        } else {
            judged.decision.drop(Reason.UNEXPECTED);
        }
    }

    /**
     * Lets a SYN pass that the policy permits. It opens a flow, unless there is one that is not over: anybody can forge a
     * SYN of a connection that is under way, and the responder's answer will tell.
     *
     * @return as {@link FlowTable#open} does
     */
    private int openPermitted(final JudgedPacket judged, final Reason reason, final StreamName stream) {
        return open(
                judged,
                judged.packet.destinationHigh(),
                judged.packet.destinationLow(),
                reason,
                stream,
                0,
                NEVER,
                false,
                judged.metadata.sidesForth());
    }

    /** Opens the flow of the expectation that was just taken. */
    private void openExpected(final JudgedPacket judged, final long responderHigh, final long responderLow) {
        open(
                judged,
                responderHigh,
                responderLow,
                Reason.EXPECTED,
                STREAMS[scratch.stream()],
                scratch.owner(),
                scratch.deadlineNanos(),
                scratch.privilegedSource(),
                Sides.learn(scratch.sides(), judged.metadata.sidesForth()));
        judged.decision.waitedNanos = scratch.sinceNanos();
    }

    private int open(
            final JudgedPacket judged,
            final long responderHigh,
            final long responderLow,
            final Reason reason,
            final StreamName stream,
            final long owner,
            final long armedUntil,
            final boolean privilegedSource,
            final long sides) {
        final int opened = flows.open(
                scratch,
                judged.packet.sourceHigh(),
                judged.packet.sourceLow(),
                judged.packet.sourcePort(),
                responderHigh,
                responderLow,
                judged.packet.destinationPort(),
                stream,
                owner,
                armedUntil,
                privilegedSource,
                judged.packet.tcp().sequence(),
                sides,
                judged.packet.totalLength(),
                judged.nowNanos);
        judged.decision.stream = stream;
        judged.decision.transaction = owner;
        judged.decision.opens = opened == FlowTable.ENTERED;
        judged.decision.accept(reason);
        counters.countStream(stream, false, judged.packet.totalLength());
        return opened;
    }

    /**
     * Judges a SYN to a public address, before the router translates it: it is for the host behind that address that
     * announced the port. The flow is entered with that host's address, as all later packets have it.
     *
     * @return number of the entry it is for, or NOT_PUBLISHED: then it is judged as any other SYN
     */
    private int findPublished(final JudgedPacket judged) {
        final PublishedHosts published = judged.settings.published();
        final int[] behind = published.behind(judged.packet.destinationHigh(), judged.packet.destinationLow());
        for (final int number : behind) {
            final HostPrefix host = published.entry(number).host();
            if (consumes(judged, host.high(), host.low())) {
                openExpected(judged, host.high(), host.low());
                return number;
            }
        }
        for (final int number : behind) {
            final PublishedHost entry = published.entry(number);
            final HostPrefix host = entry.host();
            if (judged.packet.destinationPort() == entry.controlPort()
                    && judged.settings
                            .policy()
                            .permits(judged.packet.sourceHigh(), judged.packet.sourceLow(), host.high(), host.low())) {
                // The flow is opened when the SYN comes again, translated.
                judged.decision.stream = StreamName.CONTROL;
                judged.decision.accept(Reason.CONTROL_TCP);
                return number;
            }
            if (follow(judged, host.high(), host.low()) == FlowTable.KNOWN) {
                judgeEstablished(judged);
                return number;
            }
        }
        return NOT_PUBLISHED;
    }

    /** Takes a packet of an unknown connection for one of a stream that was opened before the program ran. */
    private boolean adopts(final JudgedPacket judged) {
        final Policy policy = judged.settings.policy();
        final TcpView tcp = judged.packet.tcp();
        if (judged.packet.fragment() || (tcp.flags() & (TcpView.ACK | TcpView.SYN | TcpView.RST)) != TcpView.ACK) {
            return false;
        }
        final boolean forth = policy.streamPort(
                judged.packet.sourceHigh(),
                judged.packet.sourceLow(),
                judged.packet.destinationHigh(),
                judged.packet.destinationLow(),
                judged.packet.destinationPort());
        final boolean back = !forth
                && policy.streamPort(
                        /* requesterHigh= */ judged.packet.destinationHigh(),
                        /* requesterLow= */ judged.packet.destinationLow(),
                        /* responderHigh= */ judged.packet.sourceHigh(),
                        /* responderLow= */ judged.packet.sourceLow(),
                        judged.packet.sourcePort());
        if (!forth && !back) {
            return false;
        }
        final boolean adopted = flows.adopt(
                scratch,
                judged.packet.sourceHigh(),
                judged.packet.sourceLow(),
                judged.packet.sourcePort(),
                judged.packet.destinationHigh(),
                judged.packet.destinationLow(),
                judged.packet.destinationPort(),
                back,
                tcp.sequence(),
                tcp.acknowledgement(),
                judged.packet.totalLength(),
                judged.nowNanos);
        // Or else another worker has entered it at this moment, and the packet is one of a known flow.
        if (!adopted
                && follow(judged, judged.packet.destinationHigh(), judged.packet.destinationLow()) != FlowTable.KNOWN) {
            return false;
        }
        counters.countStream(StreamName.ADOPTED, back, judged.packet.totalLength());
        return true;
    }
}
