package org.amverdict.console;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** The part of {@code amverdict top} with the last requests, where the running streams leave room for it. */
final class TopRequests {
    /** A heading and fewer lines than this say too little. */
    private static final int ROOM_MIN = 4;

    private static final int SERVICE = 11;

    private final ZoneId zone;
    private final TopView view;

    TopRequests(final ZoneId zone, final TopView view) {
        this.zone = zone;
        this.view = view;
    }

    /**
     * A heading and as many requests as there is room for; nothing if there is little room or no request.
     *
     * @param sessions newest first
     * @param room in lines
     */
    List<String> lines(final List<JsonObject> sessions, final int room) {
        final List<String> lines = new ArrayList<>();
        if (room < ROOM_MIN) {
            return lines;
        }
        for (final JsonObject session : sessions) {
            final String line = line(session);
            if (lines.size() < room - 1 && view.shows(line)) {
                lines.add(line);
            }
        }
        if (!lines.isEmpty()) {
            lines.add(
                    0,
                    String.format(
                            Locale.ROOT,
                            "%-9s%-8s%-" + SERVICE + "s %s",
                            "REQUEST",
                            "",
                            "SERVICE",
                            "REQUESTER -> RESPONDER, DISK, WHAT BECAME OF IT"));
        }
        return lines;
    }

    private String line(final JsonObject session) {
        final List<String> disks = session.texts("disks");
        return String.format(
                        Locale.ROOT,
                        "%-9s%-8s%-" + SERVICE + "s ",
                        Units.clock(session.text("requested"), zone),
                        session.flag("failed") ? "FAILED" : session.flag("open") ? "open" : "done",
                        Printable.ascii(session.text("service")))
                + session.text("requester") + " -> " + session.text("responder") + "  "
                + (disks.isEmpty() ? "" : Printable.ascii(String.join(", ", disks)) + "  ")
                + Printable.ascii(session.text("explanation"));
    }
}
