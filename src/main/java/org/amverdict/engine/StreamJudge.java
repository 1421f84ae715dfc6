package org.amverdict.engine;

import org.amverdict.amanda.StreamName;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Policy;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;

/** The rows of the decision table for TCP. One instance per worker. */
final class StreamJudge {
    private static final StreamName[] STREAMS = StreamName.values();
    private static final int UNPRIVILEGED_PORT_MIN = 1024;

    private final ExpectationTable expectations;
    private final FlowTable flows;
    private final Scratch scratch;
    private final EngineCounters counters;

    StreamJudge(final Tables tables, final Scratch scratch, final EngineCounters counters) {
        this.counters = counters;
        this.expectations = tables.expectations();
        this.flows = tables.flows();
        this.scratch = scratch;
    }

    void judge(
            final PacketView packet,
            final int mark,
            final EngineSettings settings,
            final Decision decision,
            final long nowNanos) {
        final TcpView tcp = packet.tcp();
        // A first fragment opens nothing; of a known flow it is a packet like any other.
        final boolean syn = tcp.plainSyn() && !packet.fragment();
        if (syn && consumes(packet, nowNanos)) {
            open(packet, Reason.EXPECTED, STREAMS[scratch.stream()], scratch.owner(), decision, nowNanos);
        } else if (isKnown(packet, tcp, nowNanos)) {
            decision.stream = STREAMS[scratch.stream()];
            decision.accept(Reason.ESTABLISHED);
            counters.countStreamBytes(decision.stream, scratch.reply(), packet.totalLength());
        } else if (!syn) {
            decision.drop(tcp.plainSyn() ? Reason.UNEXPECTED : Reason.NO_FLOW);
        } else {
            judgeUnexpectedSyn(packet, settings.policy(), decision, nowNanos);
        }
        if (decision.verdict == Verdict.ACCEPT && decision.stream != null) {
            decision.mark = settings.marks().apply(decision.stream, mark);
        }
    }

    private boolean consumes(final PacketView packet, final long nowNanos) {
        return packet.sourcePort() >= UNPRIVILEGED_PORT_MIN
                && expectations.consume(
                        scratch,
                        packet.sourceHigh(),
                        packet.sourceLow(),
                        packet.destinationHigh(),
                        packet.destinationLow(),
                        packet.destinationPort(),
                        nowNanos);
    }

    private boolean isKnown(final PacketView packet, final TcpView tcp, final long nowNanos) {
        return flows.follow(
                        scratch,
                        packet.sourceHigh(),
                        packet.sourceLow(),
                        packet.sourcePort(),
                        packet.destinationHigh(),
                        packet.destinationLow(),
                        packet.destinationPort(),
                        tcp.flags(),
                        packet.totalLength(),
                        nowNanos)
                == FlowTable.KNOWN;
    }

    private void judgeUnexpectedSyn(
            final PacketView packet, final Policy policy, final Decision decision, final long nowNanos) {
        final int port = packet.destinationPort();
        if (policy.isControlPort(port)
                && policy.permits(
                        packet.sourceHigh(), packet.sourceLow(), packet.destinationHigh(), packet.destinationLow())) {
            open(packet, Reason.CONTROL_TCP, StreamName.CONTROL, 0, decision, nowNanos);
        } else if (policy.staticPort(
                packet.sourceHigh(), packet.sourceLow(), packet.destinationHigh(), packet.destinationLow(), port)) {
            open(packet, Reason.STATIC, StreamName.STATIC, 0, decision, nowNanos);
        } else {
            decision.drop(Reason.UNEXPECTED);
        }
    }

    private void open(
            final PacketView packet,
            final Reason reason,
            final StreamName stream,
            final long owner,
            final Decision decision,
            final long nowNanos) {
        flows.open(
                scratch,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                packet.destinationHigh(),
                packet.destinationLow(),
                packet.destinationPort(),
                stream,
                owner,
                packet.totalLength(),
                nowNanos);
        decision.stream = stream;
        decision.accept(reason);
        counters.countStreamBytes(stream, false, packet.totalLength());
    }
}
