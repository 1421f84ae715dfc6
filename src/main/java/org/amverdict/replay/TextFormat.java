package org.amverdict.replay;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Decision;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketPrinter;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/** One line per packet, in columns: number, time, packet, decision, reason, what decided. */
final class TextFormat implements LineFormat {
    private static final int NUMBER_WIDTH = 6;
    private static final int TIME_WIDTH = 11;
    /** Fits two short IPv6 endpoints; a longer packet shifts the rest of its line. */
    private static final int PACKET_WIDTH = 56;

    private static final int VERDICT_WIDTH = 8;
    private static final int REASON_WIDTH = 19;

    private final StringBuilder out = new StringBuilder();

    @Override
    public String start(final String captures, final String policy) {
        return "replay of " + captures + "; policy: " + policy;
    }

    @Override
    public String packet(
            final PacketView packet,
            final Decision decision,
            final @Nullable ControlHeader header,
            final Instant moment,
            final long sinceStartNanos) {
        out.setLength(0);
        right(Integer.toString(decision.id()), NUMBER_WIDTH);
        right(Seconds.format(sinceStartNanos), TIME_WIDTH + 1);
        out.append("  ");
        final int start = out.length();
        appendPacket(packet, decision);
        pad(start, PACKET_WIDTH);
        left(decision.decided().label(), VERDICT_WIDTH);
        left(decision.reason().label(), REASON_WIDTH);
        appendDetail(decision);
        return out.toString().stripTrailing();
    }

    private void appendPacket(final PacketView packet, final Decision decision) {
        if (decision.reason() != Reason.MALFORMED) {
            PacketPrinter.append(out, packet);
            return;
        }
        out.append("ip ");
        if ((packet.sourceHigh() | packet.sourceLow()) != 0) {
            PacketPrinter.appendAddress(out, packet.sourceHigh(), packet.sourceLow());
            out.append(" > ");
            PacketPrinter.appendAddress(out, packet.destinationHigh(), packet.destinationLow());
            out.append(" proto ").append(packet.protocol()).append(' ');
        }
        out.append("bytes ").append(packet.originalLength());
    }

    /** What led to the decision; nothing where the reason says enough. */
    private void appendDetail(final Decision decision) {
        if (decision.verdict() != decision.decided()) {
            out.append("(continues in mode monitor) ");
        }
        if (decision.decodeStatus() != DecodeStatus.OK) {
            out.append(DecodeStatus.name(decision.decodeStatus())).append(' ');
        }
        if (decision.messageType() != null) {
            out.append(decision.messageType()).append(' ');
        }
        if (decision.service() != null) {
            out.append(decision.service().label()).append(' ');
        }
        if (decision.stream() != null) {
            out.append("stream ").append(decision.stream().label()).append(' ');
        }
        if (decision.refusal() != Refusal.NONE) {
            out.append("opens nothing: ").append(decision.refusal().label()).append(' ');
        }
        if (decision.cause() == Cause.PORT_OUTSIDE) {
            out.append(decision.causeNumber()).append(' ');
        } else if (decision.cause() != Cause.NONE) {
            out.append(decision.cause().label()).append(' ');
        }
        for (int i = 0; i < decision.streamCount(); i++) {
            out.append(i == 0 ? "opens " : ", ")
                    .append(decision.streamName(i).label())
                    .append(' ')
                    .append(decision.streamPort(i));
        }
        if (decision.nearestPort() != 0) {
            out.append("nearest expected port ").append(decision.nearestPort());
        }
    }

    @Override
    public void summary(final ReplaySummary summary, final LineSink sink) {
        sink.line("");
        sink.line("packets " + summary.packets() + ": accepted " + summary.packets(Verdict.ACCEPT) + ", continued "
                + summary.packets(Verdict.CONTINUE) + ", dropped " + summary.packets(Verdict.DROP)
                + "; frames without IP " + summary.skippedFrames());
        for (final Verdict verdict : ReplaySummary.VERDICTS) {
            for (final Reason reason : Reason.values()) {
                final long count = summary.packets(verdict, reason);
                if (count > 0) {
                    sink.line(String.format(Locale.ROOT, "  %-8s %-19s %d", verdict.label(), reason.label(), count));
                }
            }
        }
        sink.line("transactions " + summary.transactions() + services(summary.transactionsByService()));
        sink.line("streams announced " + summary.streams().size() + ", connected " + summary.connectedStreams());
        for (final ReplaySummary.Stream stream : summary.streams()) {
            sink.line("  " + stream.name.label() + ' ' + stream.hosts + ": announced "
                    + Seconds.format(stream.announcedNanos)
                    + (stream.connected() ? connected(stream) : unconnected(stream)));
        }
        sink.line("other connections " + summary.otherConnections().size());
        summary.otherConnections().forEach(connection -> sink.line("  " + connection));
        refusedSyns("SYNs left to other rules ", Verdict.CONTINUE, summary, sink);
        refusedSyns("SYNs dropped ", Verdict.DROP, summary, sink);
        if (summary.cutPackets() > 0) {
            sink.line("the capture cuts packets after " + summary.cutAtBytes() + " bytes: " + summary.cutPackets()
                    + " could not be read, nor what they announce; capture again with tcpdump -s 0");
        }
        if (summary.answersWithoutRequest() > 0 && summary.cutPackets() > 0) {
            sink.line("exchanges whose REQ is not in the capture, or is cut " + summary.answersWithoutRequest());
        } else if (summary.answersWithoutRequest() > 0) {
            sink.line("the capture begins in mid-exchange: it has messages of " + summary.answersWithoutRequest()
                    + " exchanges whose REQ is not in it, so they and their streams are refused here");
        }
        if (summary.connectionsWithoutStart() > 0) {
            sink.line("connections whose SYN is not in the capture " + summary.connectionsWithoutStart());
        }
        if (summary.beyondLimits() > 0) {
            sink.line("not listed, too many: " + summary.beyondLimits());
        }
    }

    private static void refusedSyns(
            final String title, final Verdict decided, final ReplaySummary summary, final LineSink sink) {
        sink.line(title + summary.refusedSynCount(decided));
        summary.refusedSyns(decided).forEach(syn -> sink.line("  " + syn));
        if (summary.refusedSynCount(decided) > summary.refusedSyns(decided).size()) {
            sink.line("  and more, see above");
        }
    }

    private static String services(final Map<Service, Long> counts) {
        final StringBuilder text = new StringBuilder();
        counts.forEach((service, count) -> text.append(text.isEmpty() ? ": " : ", ")
                .append(service.label())
                .append(' ')
                .append(count));
        return text.toString();
    }

    private void right(final String text, final int width) {
        out.append(" ".repeat(Math.max(0, width - text.length()))).append(text);
    }

    private void left(final String text, final int width) {
        final int start = out.length();
        out.append(text);
        pad(start, width);
    }

    /** Pads the column that began at {@code start}, with at least one space. */
    private void pad(final int start, final int width) {
        out.append(" ".repeat(Math.max(0, start + width - out.length()))).append(' ');
    }

    private static String connected(final ReplaySummary.Stream stream) {
        final String connected = ", connected " + Seconds.format(stream.connectedNanos);
        if (stream.answered()) {
            return connected;
        }
        return connected
                + (stream.refusedAnswers > 0 ? ", its answer was not let through" : ", no answer in the capture");
    }

    /** Says that none came only if none is in the capture. */
    private static String unconnected(final ReplaySummary.Stream stream) {
        return stream.refusedSyns == 0
                ? ", never came"
                : ", never let in: " + stream.refusedSyns + (stream.refusedSyns == 1 ? " SYN" : " SYNs")
                        + " to that port came";
    }
}
