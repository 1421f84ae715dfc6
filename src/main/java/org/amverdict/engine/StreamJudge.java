package org.amverdict.engine;

import org.amverdict.amanda.StreamName;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.TcpView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Admission;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.FlowTable;
import org.amverdict.track.Followed;
import org.amverdict.track.LineHits;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.amverdict.track.Taken;

/** The rows of the decision table for TCP. One instance per worker. */
final class StreamJudge {
    private static final int NOT_PUBLISHED = -1;

    private final ExpectationTable expectations;
    private final FlowTable flows;
    private final LegacyRecoveryJudge legacy;
    private final Scratch scratch;
    private final EngineCounters counters;
    private final LineHits lines;
    /** The packet's tuple reversed, or with the host behind a public address. */
    private final Tuple altered = new Tuple();

    StreamJudge(final Tables tables, final Scratch scratch, final EngineCounters counters) {
        this.counters = counters;
        this.lines = tables.lines();
        this.expectations = tables.expectations();
        this.flows = tables.flows();
        this.legacy = new LegacyRecoveryJudge(tables, scratch, counters);
        this.scratch = scratch;
    }

    void judge(final JudgedPacket judged) {
        judged.segment.set(judged.packet).sides(judged.metadata.sidesForth());
        final boolean syn = isOpeningSyn(judged);
        int mark = judged.metadata.mark();
        final int published = syn ? findPublished(judged) : NOT_PUBLISHED;
        if (published != NOT_PUBLISHED) {
            final PublishedHosts hosts = judged.settings.published();
            mark = (int) ((mark & ~hosts.mask()) | hosts.mark(published));
            judged.decision.mark = Integer.toUnsignedLong(mark);
        } else if (syn && expectations.consume(scratch, judged.tuple, judged.metadata.inInterface(), judged.nowNanos)) {
            openExpected(judged, judged.tuple);
        } else {
            judgeByFlow(judged);
        }
        if (judged.decision.decided == Verdict.ACCEPT && judged.decision.stream != null) {
            final long streamMark = judged.settings.marks().apply(judged.decision.stream, mark);
            judged.decision.mark = streamMark == VerdictBatch.NO_MARK ? judged.decision.mark : streamMark;
        }
    }

    /** A first fragment opens nothing; in a known flow it is a packet like any other. */
    private static boolean isOpeningSyn(final JudgedPacket judged) {
        return judged.packet.tcp().plainSyn() && !judged.packet.fragment();
    }

    private void judgeByFlow(final JudgedPacket judged) {
        final Decision decision = judged.decision;
        final int known = flows.follow(scratch, judged.tuple, judged.segment, judged.nowNanos);
        if (known == FlowTable.KNOWN) {
            judgeEstablished(judged);
        } else if (isOpeningSyn(judged)) {
            judgeUnexpectedSyn(judged);
        } else if (judged.settings.adoptFlows() && known == FlowTable.UNKNOWN && adopts(judged)) {
            decision.stream = StreamName.ADOPTED;
            decision.accept(Reason.ESTABLISHED);
        } else {
            decision.drop(judged.packet.tcp().plainSyn() ? Reason.UNEXPECTED : Reason.NO_FLOW);
        }
    }

    private void judgeEstablished(final JudgedPacket judged) {
        final Decision decision = judged.decision;
        final Followed followed = scratch.followed();
        final StreamName stream = followed.stream();
        decision.stream = stream;
        decision.accept(Reason.ESTABLISHED);
        if (stream == StreamName.LEGACY && !followed.refused()) {
            legacy.follow(judged);
        }
        if (decision.decided == Verdict.ACCEPT) {
            counters.countStream(stream, followed.reply(), judged.packet.totalLength());
        }
        if (followed.refused()) {
            final Tuple fromOriginator = followed.reply() ? altered.reversedOf(judged.tuple) : judged.tuple;
            expectations.rearm(scratch, fromOriginator, followed, judged.nowNanos);
        }
    }

    private void judgeUnexpectedSyn(final JudgedPacket judged) {
        final Admission admission = judged.settings.policy().admission(judged.tuple);
        switch (admission) {
            case CONTROL -> openPermitted(judged, Reason.CONTROL_TCP, StreamName.CONTROL);
            case LEGACY -> {
                if (openPermitted(judged, Reason.LEGACY_RECOVERY, StreamName.LEGACY) != FlowTable.STANDS) {
                    legacy.follow(judged);
                }
            }
            case STATIC -> openPermitted(judged, Reason.STATIC, StreamName.STATIC);
            case NONE -> judged.decision.drop(Reason.UNEXPECTED);
        }
        if (judged.decision.opens) {
            countLine(judged, admission);
        }
    }

    /** Counts a connection that was not announced, for the line that lets it in. */
    private void countLine(final JudgedPacket judged, final Admission admission) {
        final int line = judged.settings.policy().line(judged.tuple, admission);
        if (line != Policy.NO_LINE) {
            lines.count(judged.lines[line], LineHits.Hit.CONNECTION, 1);
        }
    }

    /**
     * Lets a SYN pass that the policy permits. It opens a flow, unless an unfinished one exists: a SYN of a connection
     * under way is easy to forge, and the responder's answer decides.
     *
     * @return as {@link FlowTable#openPermitted} does
     */
    private int openPermitted(final JudgedPacket judged, final Reason reason, final StreamName stream) {
        final int opened = flows.openPermitted(scratch, judged.tuple, judged.segment, stream, judged.nowNanos);
        judged.decision.opens = opened == FlowTable.ENTERED;
        accept(judged, reason, stream);
        return opened;
    }

    /** Opens the flow of the expectation that was just taken. */
    private void openExpected(final JudgedPacket judged, final Tuple tuple) {
        final Taken taken = scratch.taken();
        flows.openExpected(scratch, tuple, judged.segment, taken, judged.nowNanos);
        judged.decision.opens = true;
        judged.decision.transaction = taken.owner();
        judged.decision.waitedNanos = taken.waitedNanos();
        accept(judged, Reason.EXPECTED, taken.stream());
    }

    private void accept(final JudgedPacket judged, final Reason reason, final StreamName stream) {
        judged.decision.stream = stream;
        judged.decision.accept(reason);
        counters.countStream(stream, false, judged.packet.totalLength());
    }

    /**
     * Judges a SYN to a public address, before the router translates it: it is for the host behind that address that
     * announced the port. The flow is entered with that host's address, as all later packets have it.
     *
     * @return number of the entry it is for, or NOT_PUBLISHED: then it is judged like any other SYN
     */
    private int findPublished(final JudgedPacket judged) {
        final Tuple tuple = judged.tuple;
        final PublishedHosts published = judged.settings.published();
        final int[] behind = published.behind(tuple.destinationHigh(), tuple.destinationLow());
        for (final int number : behind) {
            final IpAddress host = published.entry(number).host();
            altered.set(tuple).destination(host.high(), host.low());
            if (expectations.consume(scratch, altered, judged.metadata.inInterface(), judged.nowNanos)) {
                openExpected(judged, altered);
                return number;
            }
        }
        for (final int number : behind) {
            final PublishedHost entry = published.entry(number);
            altered.set(tuple).destination(entry.host().high(), entry.host().low());
            if (tuple.destinationPort() == entry.controlPort()
                    && judged.settings.policy().permits(altered)) {
                // The flow is opened when the SYN comes again, translated.
                judged.decision.stream = StreamName.CONTROL;
                judged.decision.accept(Reason.CONTROL_TCP);
                return number;
            }
            if (flows.follow(scratch, altered, judged.segment, judged.nowNanos) == FlowTable.KNOWN) {
                judgeEstablished(judged);
                return number;
            }
        }
        return NOT_PUBLISHED;
    }

    /** Treats a packet of an unknown connection as part of a stream that opened before the program ran. */
    private boolean adopts(final JudgedPacket judged) {
        final int flags = judged.packet.tcp().flags();
        if (judged.packet.fragment() || (flags & (TcpView.ACK | TcpView.SYN | TcpView.RST)) != TcpView.ACK) {
            return false;
        }
        final Policy policy = judged.settings.policy();
        final boolean forth = policy.streamPort(judged.tuple);
        final boolean back = !forth && policy.streamPort(altered.reversedOf(judged.tuple));
        if (!forth && !back) {
            return false;
        }
        final Tuple fromOriginator = back ? altered : judged.tuple;
        final boolean adopted = flows.adopt(scratch, fromOriginator, judged.segment, back, judged.nowNanos);
        // Otherwise another worker has just entered it, and the packet belongs to a known flow.
        if (!adopted && flows.follow(scratch, judged.tuple, judged.segment, judged.nowNanos) != FlowTable.KNOWN) {
            return false;
        }
        counters.countStream(StreamName.ADOPTED, back, judged.packet.totalLength());
        return true;
    }
}
