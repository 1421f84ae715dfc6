package org.amverdict.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** The part of {@code amverdict top} with the recent drops. */
final class TopDrops {
    /** Seconds: an older drop is not news while there is little room. */
    private static final double RECENT = 3600;

    private final TopView view;

    TopDrops(final TopView view) {
        this.view = view;
    }

    /**
     * A heading and at most so many drops; nothing if there are none.
     *
     * @param drops newest first
     * @param room for drops
     */
    List<String> lines(final JsonObject now, final List<JsonObject> drops, final int room) {
        final List<String> lines = new ArrayList<>();
        for (final JsonObject drop : drops) {
            final double age = Units.between(drop.text("last"), now.text("timestamp"));
            final String line = line(drop, age);
            if (lines.size() < room && (room > 1 || age < RECENT) && view.shows(line)) {
                lines.add(line);
            }
        }
        if (!lines.isEmpty()) {
            lines.add(0, String.format(Locale.ROOT, "%-11s%8s  %s", "DROPPED", "PACKETS", "REASON, FROM -> TO, WHY"));
        }
        return lines;
    }

    /** Whether the kernel dropped it; in monitor mode it went on to other rules, or past them. */
    static boolean isEnforced(final JsonObject drop) {
        return drop.text("verdict").equals("drop");
    }

    private static String line(final JsonObject drop, final double age) {
        return String.format(
                        Locale.ROOT, "%-11s%8s  ", Units.duration(Math.floor(age)), Units.count(drop.number("count")))
                + (isEnforced(drop) ? "" : "would drop ") + drop.text("reason") + ": "
                + drop.text("proto") + " " + Units.end(drop.text("source"), drop.number("source_port")) + " -> "
                + Units.end(drop.text("destination"), drop.number("destination_port")) + "  "
                + Printable.ascii(drop.text("explanation"));
    }
}
