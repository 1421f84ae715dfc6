package org.amverdict.history;

import org.amverdict.json.JsonLine;

/** {@link Session} as a line of JSON; resource org/amverdict/control/session.schema.json describes the fields. */
public final class SessionJson {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private SessionJson() {}

    /** The session; unknown fields are left out. */
    public static String write(final Session session) {
        final JsonLine line = new JsonLine()
                .add("id", session.id())
                .addTimestamp("requested", session.requestEpochNanos() / NANOS_PER_MILLI)
                .add("requester", session.requester())
                .add("requester_port", session.requesterPort())
                .add("responder", session.responder())
                .add("control_port", session.controlPort())
                .add("service", session.service())
                .add("handle", session.handle())
                .add("disks", session.disks());
        final String level = session.level();
        if (level != null) {
            line.add("level", level);
        }
        addIfKnown(line, "ack_delay_seconds", session.ackDelayNanos());
        addIfKnown(line, "reply_delay_seconds", session.replyDelayNanos());
        line.add("outcome", session.outcome().label());
        final String refusal = session.refusal();
        if (refusal != null) {
            line.add("refusal", refusal);
        }
        told(line, session);
        line.openArray("streams");
        session.streams().forEach(stream -> stream(line, stream));
        return line.closeArray().end();
    }

    /** The answers that were seen, and what they mean. */
    public static void told(final JsonLine line, final Session session) {
        line.add("requests", session.requests())
                .add("replies", session.replies())
                .add("acknowledged", session.acknowledged());
        final String text = session.text();
        if (text != null) {
            line.add("text", text);
        }
        line.add("explanation", session.explanation())
                .add("open", session.open())
                .add("failed", session.failed());
    }

    /** A stream, as an element of the open array. */
    public static void stream(final JsonLine line, final Session.Stream stream) {
        line.openElement()
                .add("stream", stream.name())
                .add("port", stream.port())
                .add("state", stream.state().label());
        addIfKnown(line, "connect_delay_seconds", stream.connectDelayNanos());
        if (stream.connectorPort() > 0) {
            line.add("connector_port", stream.connectorPort());
        }
        if (stream.syns() > 0) {
            line.add("syns", stream.syns());
        }
        if (stream.originalBytes() >= 0) {
            line.add("original_bytes", stream.originalBytes());
        }
        if (stream.replyBytes() >= 0) {
            line.add("reply_bytes", stream.replyBytes());
        }
        addIfKnown(line, "duration_seconds", stream.durationNanos());
        addIfKnown(line, "longest_gap_seconds", stream.longestGapNanos());
        if (!stream.cause().isEmpty()) {
            line.add("cause", stream.cause());
        }
        line.add("explanation", stream.explanation()).closeObject();
    }

    /** A duration, left out where it is not known. */
    public static void addIfKnown(final JsonLine line, final String key, final long nanos) {
        if (nanos >= 0) {
            line.addSeconds(key, nanos);
        }
    }
}
