package org.amverdict.console;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.json.JsonObject;

/** What {@code amverdict sessions} says of one transaction. */
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
                    "    disk " + Units.printable(String.join(", ", disks))
                            + (session.has("level") ? ", level " + Units.printable(session.text("level")) : ""),
                    INDENT));
        }
        lines.addAll(Units.wrap("    " + exchange(session), INDENT));
        for (final JsonObject stream : session.objects("streams")) {
            lines.addAll(Units.wrap("    " + stream(stream), 2 * INDENT));
        }
        return lines;
    }

    private static String exchange(final JsonObject session) {
        final StringBuilder text = new StringBuilder("REQ");
        if (session.has("ack_delay_seconds")) {
            text.append(", ACK after ").append(Units.duration(session.decimal("ack_delay_seconds")));
        }
        if (session.has("reply_delay_seconds")) {
            text.append(", REP after ").append(Units.duration(session.decimal("reply_delay_seconds")));
        }
        text.append(": ");
        return text.append(
                        switch (session.text("outcome")) {
                            case "open" -> "no REP yet";
                            case "replied" -> session.objects("streams").isEmpty() ? "replied, no streams" : "replied";
                            case "refused" ->
                                "the REP failed the check '" + Units.printable(session.text("refusal"))
                                        + "', nothing was opened";
                            case "nak" -> "the responder refused (NAK)";
                            case "expired" -> "no REP came in the time that Amanda waits";
                            default -> Units.printable(session.text("outcome"));
                        })
                .toString();
    }

    private static String stream(final JsonObject stream) {
        final StringBuilder text = new StringBuilder();
        text.append(stream.text("stream")).append(" port ").append(stream.number("port"));
        switch (stream.text("state")) {
            case "pending" -> text.append(", nobody has connected yet");
            case "never" -> text.append(", NOBODY EVER CONNECTED");
            default -> connected(stream, text);
        }
        return text.toString();
    }

    private static void connected(final JsonObject stream, final StringBuilder text) {
        text.append(", connected");
        if (stream.has("connect_delay_seconds")) {
            text.append(" after ").append(Units.duration(stream.decimal("connect_delay_seconds")));
        }
        if (stream.has("connector_port")) {
            text.append(" from port ").append(stream.number("connector_port"));
        }
        if (stream.has("reply_bytes")) {
            text.append(", ").append(Units.bytes(stream.number("reply_bytes"))).append(" received, ");
            text.append(Units.bytes(stream.number("original_bytes"))).append(" sent");
        }
        if (stream.has("longest_gap_seconds")) {
            text.append(", silent for ")
                    .append(Units.duration(stream.decimal("longest_gap_seconds")))
                    .append(" at most");
        }
        if (stream.text("state").equals("closed")) {
            text.append(", ended");
            if (stream.has("duration_seconds")) {
                text.append(" after ").append(Units.duration(stream.decimal("duration_seconds")));
            }
        }
    }
}
