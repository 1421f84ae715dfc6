package org.amverdict.replay;

import java.time.Instant;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.Refusal;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Decision;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.Ends;
import org.amverdict.events.EventFields;
import org.amverdict.json.JsonLine;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/** One JSON object per line; the fields are named as in the event log. */
final class JsonFormat implements LineFormat {

    @Override
    public String start(final String captures, final String policy) {
        return new JsonLine()
                .add("event_type", "start")
                .add("captures", captures)
                .add("policy", policy)
                .end();
    }

    @Override
    public String packet(
            final PacketView packet,
            final Decision decision,
            final @Nullable ControlHeader header,
            final Instant moment,
            final long sinceStartNanos) {
        final JsonLine line = new JsonLine()
                .add("event_type", "packet")
                .add("number", decision.id())
                .add("timestamp", moment.toString())
                .addNumber("time", Seconds.format(sinceStartNanos));
        addAddresses(line, packet, decision);
        line.add("length", packet.originalLength())
                .add("decision", decision.decided().label())
                .add("verdict", decision.verdict().label())
                .add("reason", decision.reason().label());
        addDetail(line, decision);
        addAmanda(line, packet, decision, header);
        return line.end();
    }

    private static void addAddresses(final JsonLine line, final PacketView packet, final Decision decision) {
        if (decision.reason() == Reason.MALFORMED && (packet.sourceHigh() | packet.sourceLow()) == 0) {
            return;
        }
        final int protocol = packet.protocol();
        final boolean ports = decision.reason() != Reason.MALFORMED
                && !packet.laterFragment()
                && (protocol == PacketView.PROTOCOL_TCP || protocol == PacketView.PROTOCOL_UDP);
        EventFields.addEnds(line, Ends.of(packet), protocol, ports);
        final boolean icmp = protocol == (packet.ipv6() ? PacketView.PROTOCOL_ICMPV6 : PacketView.PROTOCOL_ICMP);
        if (icmp && decision.reason() != Reason.MALFORMED && !packet.laterFragment()) {
            line.add("icmp_type", packet.icmp().type())
                    .add("icmp_code", packet.icmp().code());
        }
    }

    private static void addDetail(final JsonLine line, final Decision decision) {
        if (decision.decodeStatus() != DecodeStatus.OK) {
            line.add("decode", DecodeStatus.name(decision.decodeStatus()));
        }
        if (decision.refusal() != Refusal.NONE) {
            line.add("refusal", decision.refusal().label());
        }
        if (decision.cause() != Cause.NONE) {
            line.add("cause", decision.cause().label());
        }
        if (decision.nearestPort() != 0) {
            line.add("nearest_port", decision.nearestPort());
        }
        if (decision.streamCount() > 0) {
            line.openArray("opens");
            for (int i = 0; i < decision.streamCount(); i++) {
                EventFields.addOpened(line, decision.streamName(i).label(), decision.streamPort(i));
            }
            line.closeArray();
        }
    }

    private static void addAmanda(
            final JsonLine line,
            final PacketView packet,
            final Decision decision,
            final @Nullable ControlHeader header) {
        EventFields.addAmanda(
                line,
                header == null ? null : header.type().name(),
                header == null ? null : ReplaySummary.handle(packet, header),
                header == null ? null : ReplaySummary.sequence(packet, header),
                decision.service() == null ? null : decision.service().label(),
                decision.stream() == null ? null : decision.stream().label());
    }

    @Override
    public void summary(final ReplaySummary summary, final LineSink sink) {
        final JsonLine line = new JsonLine()
                .add("event_type", "summary")
                .add("packets", summary.packets())
                .add("accepted", summary.packets(Verdict.ACCEPT))
                .add("continued", summary.packets(Verdict.CONTINUE))
                .add("dropped", summary.packets(Verdict.DROP))
                .add("frames_without_ip", summary.skippedFrames());
        line.openObject("reasons");
        for (final Verdict verdict : ReplaySummary.VERDICTS) {
            line.openObject(verdict.label());
            for (final Reason reason : Reason.values()) {
                if (summary.packets(verdict, reason) > 0) {
                    line.add(reason.label(), summary.packets(verdict, reason));
                }
            }
            line.closeObject();
        }
        line.closeObject().add("transactions", summary.transactions()).openObject("services");
        summary.transactionsByService().forEach((service, count) -> line.add(service.label(), count));
        line.closeObject().openArray("streams");
        for (final ReplaySummary.Stream stream : summary.streams()) {
            line.openElement()
                    .add("stream", stream.name.label())
                    .add("hosts", stream.hosts)
                    .addNumber("announced", Seconds.format(stream.announcedNanos))
                    .add("connected", stream.connected());
            if (stream.connected()) {
                line.addNumber("connected_time", Seconds.format(stream.connectedNanos))
                        .add("answered", stream.answered());
            }
            line.closeObject();
        }
        line.closeArray()
                .add("streams_announced", summary.streams().size())
                .add("streams_connected", summary.connectedStreams())
                .add("other_connections", summary.otherConnections().size())
                .add("syns_dropped", summary.refusedSynCount(Verdict.DROP))
                .add("syns_continued", summary.refusedSynCount(Verdict.CONTINUE))
                .add("answers_without_request", summary.answersWithoutRequest())
                .add("connections_without_start", summary.connectionsWithoutStart())
                .add("packets_cut", summary.cutPackets())
                .add("not_listed", summary.beyondLimits());
        sink.line(line.end());
    }
}
