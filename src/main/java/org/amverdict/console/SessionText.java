package org.amverdict.console;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** What {@code amverdict sessions} prints for one transaction. */
public final class SessionText {
    private static final int INDENT = 4;

    private SessionText() {}

    /** Its story, at most 80 columns wide. */
    public static List<String> lines(final JsonObject session, final ZoneId zone) {
        final List<String> lines = new ArrayList<>();
        lines.add("#" + session.number("id") + "  " + Units.date(session.text("requested"), zone) + "  "
                + session.text("service"));
        lines.addAll(Units.wrap(
                "    " + Units.end(session.text("requester"), session.number("requester_port")) + " asked "
                        + Units.end(session.text("responder"), session.number("control_port")),
                INDENT));
        final List<String> disks = session.texts("disks");
        if (!disks.isEmpty()) {
            lines.addAll(Units.wrap(
                    "    disk " + Printable.ascii(String.join(", ", disks))
                            + (session.has("level") ? ", level " + Printable.ascii(session.text("level")) : ""),
                    INDENT));
        }
        lines.addAll(Units.wrap("    " + exchange(session), INDENT));
        for (final JsonObject stream : session.objects("streams")) {
            lines.addAll(Units.wrap("    " + stream(stream), 2 * INDENT));
        }
        return Printable.ascii(lines);
    }

    /** What was seen of it and, after a colon, what that means. */
    private static String exchange(final JsonObject session) {
        final StringBuilder text = new StringBuilder("REQ").append(times(session.number("requests")));
        if (session.has("ack_delay_seconds")) {
            text.append(", ACK after ").append(Units.duration(session.decimal("ack_delay_seconds")));
        }
        if (session.has("reply_delay_seconds")) {
            text.append(", REP")
                    .append(times(session.number("replies")))
                    .append(" after ")
                    .append(Units.duration(session.decimal("reply_delay_seconds")));
        }
        return text.append(": ")
                .append(Printable.ascii(session.text("explanation")))
                .toString();
    }

    private static String times(final long count) {
        return count < 2 ? "" : " " + Units.count(count) + " times";
    }

    private static String stream(final JsonObject stream) {
        final StringBuilder text = new StringBuilder();
        text.append(stream.text("stream")).append(" port ").append(stream.number("port"));
        if (stream.has("connector_port")) {
            text.append(" from port ").append(stream.number("connector_port"));
        }
        text.append(", ").append(Printable.ascii(stream.text("explanation")));
        if (stream.has("reply_bytes") && stream.has("original_bytes")) {
            text.append("; ").append(Units.bytes(stream.number("reply_bytes"))).append(" received, ");
            text.append(Units.bytes(stream.number("original_bytes"))).append(" sent");
        }
        return text.toString();
    }
}
