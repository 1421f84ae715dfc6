package org.amverdict.console;

import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** What {@code amverdict watch} prints for one event. */
public final class EventText {
    /** Fields with further details, in this order, where an event has them. */
    private static final List<String> DETAILS = List.of("refusal", "cause", "source", "message", "text");

    private static final String EXPLANATION = "explanation";

    private EventText() {}

    /** One line with only the fields that the event has. */
    public static String line(final JsonObject event, final ZoneId zone) {
        if (event.has("lost")) {
            return "(" + Units.count(event.number("lost"), "event") + " came too fast to be shown)";
        }
        final StringBuilder text = new StringBuilder(Units.clock(event.text("timestamp"), zone));
        text.append(String.format(Locale.ROOT, "  %-8s", event.text("event_type")));
        if (event.has("src_ip")) {
            text.append(' ').append(Units.end(event.text("src_ip"), event.number("src_port")));
            text.append(" -> ").append(Units.end(event.text("dest_ip"), event.number("dest_port")));
        }
        add(text, event.text("proto"));
        final JsonObject amanda = event.object("amanda");
        add(text, amanda.text("type"));
        add(text, amanda.text("service"));
        add(text, amanda.text("stream"));
        add(text, event.text("action"));
        addJudgement(text, event);
        for (final JsonObject opened : event.objects("opens")) {
            add(text, opened.text("stream") + " " + opened.number("port"));
        }
        if (event.number("count") > 1) {
            text.append(' ').append(Units.count(event.number("count"), "packet"));
        }
        // If only the SYN of a connection is queued, the byte count is not what the connection carried.
        if (event.has("original_bytes") && event.has("duration_seconds") && event.number("reply_bytes") > 0) {
            text.append(' ')
                    .append(Units.bytes(event.number("original_bytes") + event.number("reply_bytes")))
                    .append(" in ")
                    .append(Units.duration(event.decimal("duration_seconds")));
        }
        if (event.has(EXPLANATION)) {
            return Printable.ascii(
                    text.append(": ").append(event.text(EXPLANATION)).toString());
        }
        for (final String detail : DETAILS) {
            add(text, event.text(detail));
        }
        return Printable.ascii(text.toString());
    }

    /** What was decided; in monitor mode the kernel was told continue. */
    private static void addJudgement(final StringBuilder text, final JsonObject event) {
        final String decision = event.text("decision");
        if (!decision.isEmpty() && !decision.equals(event.text("verdict"))) {
            text.append(" would");
        }
        add(text, decision);
        add(text, event.text("reason"));
    }

    private static void add(final StringBuilder text, final String word) {
        if (!word.isEmpty()) {
            text.append(' ').append(Printable.ascii(word));
        }
    }
}
