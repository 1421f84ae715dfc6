package org.amverdict.events;

import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.json.JsonLine;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/** Records as lines of JSON: src/docs/events.md, and events.schema.json next to this class. For one thread. */
public final class EventLines {
    private static final String LINE = "line";
    private static final String COMMUNITY_ID = "community_id";

    private final WallClock clock;
    private final Explanations explanations;

    public EventLines(final WallClock clock, final Explanations explanations) {
        this.clock = clock;
        this.explanations = explanations;
    }

    /** A line with its first two fields. */
    JsonLine begin(final String type, final long nanos) {
        return new JsonLine()
                .add("timestamp", EventFields.timestamp(clock.epochNanos(nanos)))
                .add("event_type", type);
    }

    /** The line of a record; for a REP that announces streams {@link #announcement} adds another. */
    @Nullable String line(final EventRecord event) {
        return switch (event.kind()) {
            case EventRecord.FLOW_ENDED -> closed(event);
            case EventRecord.EXPECTATION_ENDED -> unused(event);
            case EventRecord.TRANSACTION_ENDED -> unanswered(event);
            default -> decision(event);
        };
    }

    private String unanswered(final EventRecord event) {
        final JsonLine line = begin("request", event.nanos()).add("action", "unanswered");
        addTransaction(line, event);
        line.add("cause", event.removal().label());
        addExplanation(line, explanations.ending(event));
        return line.end();
    }

    private @Nullable String decision(final EventRecord event) {
        if (event.isRefused()) {
            return refused(event);
        }
        return switch (event.role()) {
            case REQUEST, ACKNOWLEDGEMENT -> event.type() == null ? null : asked(event);
            case ANSWER -> event.type() == null ? null : answered(event);
            case ANNOUNCED_STREAM, OTHER_STREAM, LEGACY_RECOVERY -> event.opens() ? opened(event) : null;
            case NONE -> null;
        };
    }

    private String asked(final EventRecord event) {
        final JsonLine line = begin("request", event.nanos());
        final boolean ack = event.type() == MessageType.ACK;
        line.add("action", ack ? "acknowledged" : event.opens() ? "asked" : "repeated");
        addPacket(line, event);
        addTransaction(line, event);
        if (event.diskCount() > 0) {
            line.openArray("disks");
            event.disks().forEach(line::addElement);
            line.closeArray().add("disk_count", event.diskCount());
        }
        final String level = event.level();
        if (level != null) {
            line.add("level", level);
        }
        return line.end();
    }

    private String answered(final EventRecord event) {
        final JsonLine line = begin("reply", event.nanos());
        addPacket(line, event);
        addTransaction(line, event);
        if (event.transaction() != 0) {
            line.addNumber("since_request_seconds", EventFields.seconds(event.nanos() - event.openedNanos()));
        }
        final String said = event.said();
        if (said != null) {
            line.add("text", said);
        }
        if (event.isTrouble()) {
            addTrouble(line, explanations.explain(event));
        } else {
            addExplanation(line, explanations.refusal(event));
        }
        return line.end();
    }

    /** A packet that was dropped, or left to other rules: the decision is the name of the type. */
    private String refused(final EventRecord event) {
        final JsonLine line = begin(event.decided().label(), event.nanos());
        addPacket(line, event);
        addTransaction(line, event);
        if (event.decodeStatus() != DecodeStatus.OK) {
            line.add("decode", DecodeStatus.name(event.decodeStatus()));
        }
        if (event.nearestPort() != 0) {
            line.add("nearest_port", event.nearestPort());
        }
        addTrouble(line, explanations.explain(event));
        return line.add("count", 1).end();
    }

    private static void addTrouble(final JsonLine line, final Explanations.Trouble found) {
        line.add("cause", found.cause().label());
        addExplanation(line, found.explanation());
    }

    private static void addExplanation(final JsonLine line, final Explanations.@Nullable Explanation found) {
        if (found != null) {
            line.add("explanation", found.text());
            addUnlessNull(line, "remedy", found.remedy());
            line.add("fault", found.fault().label());
        }
    }

    /** Packets without their own line that were dropped, or left to other rules. */
    String folded(
            final Verdict decided, final Verdict verdict, final Reason reason, final long count, final long nowNanos) {
        final JsonLine line = begin(decided.label(), nowNanos);
        addDecision(line, decided, verdict, reason);
        return line.add("folded", true).add("count", count).end();
    }

    /** The streams that this record's packet announces, null if it announces none. */
    @Nullable String announcement(final EventRecord event) {
        if (event.kind() != EventRecord.DECISION || event.streamCount() == 0) {
            return null;
        }
        final JsonLine line = begin("expect", event.nanos()).add("action", "announced");
        // The reply goes from the responder to the requester, its announced streams the other way.
        EventFields.addEnds(line, event.ends().reversed(), PacketView.PROTOCOL_TCP, false);
        addAmanda(line, event);
        addTransaction(line, event);
        line.openArray("opens");
        for (int i = 0; i < event.streamCount(); i++) {
            EventFields.addOpened(line, event.streamName(i).label(), event.streamPort(i));
        }
        return line.closeArray().end();
    }

    private String unused(final EventRecord event) {
        final JsonLine line = begin("expect", event.nanos()).add("action", "unused");
        line.add("src_ip", event.source().toString())
                .add("dest_ip", event.destination().toString())
                .add("dest_port", event.destinationPort())
                .add("proto", EventFields.protocolName(event.protocol()));
        addAmanda(line, event);
        addTransaction(line, event);
        line.add("cause", event.removal().label());
        addExplanation(line, explanations.ending(event));
        return line.end();
    }

    private String opened(final EventRecord event) {
        final JsonLine line = begin("stream", event.nanos()).add("action", "open");
        addPacket(line, event);
        addTransaction(line, event);
        if (event.reason() == Reason.EXPECTED) {
            line.addNumber("waited_seconds", EventFields.seconds(event.waitedNanos()));
        }
        return line.end();
    }

    private String closed(final EventRecord event) {
        return closed(event, event.flowEnd().label());
    }

    /** The end of a flow, for whatever cause. */
    String closed(final EventRecord event, final String cause) {
        final JsonLine line = begin("stream", event.nanos()).add("action", "close");
        addEnds(line, event);
        addAmanda(line, event);
        addTransaction(line, event);
        line.add("cause", cause)
                .addNumber("duration_seconds", EventFields.seconds(event.lastNanos() - event.openedNanos()))
                .add("original_packets", event.originalPackets())
                .add("original_bytes", event.originalBytes())
                .add("reply_packets", event.replyPackets())
                .add("reply_bytes", event.replyBytes());
        if (event.replyPackets() > 0) {
            line.addNumber("longest_gap_seconds", EventFields.seconds(event.longestGapNanos()));
        }
        addExplanation(line, explanations.ending(event));
        return line.end();
    }

    /** The end of a stream, as connection tracking reports it. */
    String closed(final TrackedEnd end, final long nanos) {
        final JsonLine line = begin("stream", nanos).add("action", "close").add("source", "conntrack");
        EventFields.addEnds(line, end.ends(), PacketView.PROTOCOL_TCP, true);
        addUnlessNull(line, COMMUNITY_ID, CommunityId.of(end.ends(), PacketView.PROTOCOL_TCP));
        EventFields.addAmanda(line, null, null, null, null, end.stream().label());
        if (end.transaction() > 0) {
            line.add("transaction", end.transaction());
        }
        addUnlessNull(line, LINE, explanations.line(end));
        line.add("cause", end.cause())
                .addNumber(
                        "duration_seconds",
                        EventFields.seconds(Math.max(
                                0, end.times().lastNanos() - end.times().openedNanos())));
        if (end.counts().measured()) {
            line.add("original_packets", end.counts().originalPackets())
                    .add("original_bytes", end.counts().originalBytes())
                    .add("reply_packets", end.counts().replyPackets())
                    .add("reply_bytes", end.counts().replyBytes());
        }
        addExplanation(line, explanations.ending(end));
        return line.end();
    }

    private static void addPacket(final JsonLine line, final EventRecord event) {
        addEnds(line, event);
        addAmanda(line, event);
        addDecision(line, event.decided(), event.verdict(), event.reason());
        if (event.refusal() != Refusal.NONE) {
            line.add("refusal", event.refusal().label());
        }
    }

    private static void addDecision(
            final JsonLine line, final Verdict decided, final Verdict verdict, final Reason reason) {
        line.add("decision", decided.label()).add("verdict", verdict.label()).add("reason", reason.label());
    }

    private static void addEnds(final JsonLine line, final EventRecord event) {
        final Ends ends = event.knownEnds();
        if (ends == null) {
            return;
        }
        final boolean unread = event.kind() == EventRecord.DECISION
                && (event.reason() == Reason.MALFORMED || event.reason() == Reason.FRAGMENT);
        final boolean ports =
                event.protocol() == PacketView.PROTOCOL_TCP || event.protocol() == PacketView.PROTOCOL_UDP;
        EventFields.addEnds(line, ends, event.protocol(), ports && !unread);
        if (!unread) {
            addUnlessNull(line, COMMUNITY_ID, CommunityId.of(ends, event.protocol()));
        }
    }

    private static void addAmanda(final JsonLine line, final EventRecord event) {
        final MessageType type = event.kind() == EventRecord.DECISION ? event.type() : null;
        EventFields.addAmanda(
                line,
                type == null ? null : type.name(),
                type == null ? null : event.handle(),
                type == null ? null : event.sequence(),
                event.service() == null ? null : event.service().label(),
                event.stream() == null ? null : event.stream().label());
    }

    private void addTransaction(final JsonLine line, final EventRecord event) {
        if (event.transaction() > 0) {
            line.add("transaction", event.transaction());
        }
        addUnlessNull(line, LINE, explanations.line(event));
    }

    private static void addUnlessNull(final JsonLine line, final String key, final @Nullable String value) {
        if (value != null) {
            line.add(key, value);
        }
    }
}
