package org.amverdict.console;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** The part of {@code amverdict top} with the running streams: as much about each as the terminal is wide. */
final class TopStreams {
    /** States of a stream that may still make progress. */
    private static final Set<String> OPEN_STATES = Set.of("pending", "let-through", "connected");
    /** From this width on there is room for both hosts next to service and disk. */
    private static final int WIDE = 110;

    private static final int HOSTS_MAX = 96;
    /** Where the terminal is narrow, room for any IPv4 address and most IPv6 ones. */
    private static final int RESPONDER_MAX = 28;

    private static final int SERVICE = 11;

    private final int columns;
    private final TopView view;

    private record Row(String state, double age, long bytes, Hosts hosts, Purpose purpose) {}

    /** The responder with its port, and both hosts. */
    private record Hosts(String responder, String both) {}

    private record Purpose(String service, String disk) {}

    TopStreams(final int columns, final TopView view) {
        this.columns = columns;
        this.view = view;
    }

    /** A heading and at most so many lines in all. */
    List<String> lines(final JsonObject now, final List<JsonObject> open, final int room) {
        final List<Row> rows = rows(now, open);
        final boolean wide = columns >= WIDE;
        int hosts = (wide ? "REQUESTER -> RESPONDER" : "RESPONDER").length();
        for (final Row row : rows.subList(0, Math.min(rows.size(), Math.max(0, room)))) {
            hosts = Math.max(hosts, (wide ? row.hosts().both() : row.hosts().responder()).length());
        }
        hosts = Math.min(hosts, wide ? HOSTS_MAX : RESPONDER_MAX);
        final List<String> lines = new ArrayList<>();
        lines.add(line(
                String.format(Locale.ROOT, "%-7s%-11s%11s%10s", "STREAM", "", "AGE", "BYTES"),
                wide ? "REQUESTER -> RESPONDER" : "RESPONDER",
                hosts,
                wide ? String.format(Locale.ROOT, "%-" + SERVICE + "s %s", "SERVICE", "DISK") : "DISK, SERVICE"));
        if (rows.isEmpty()) {
            lines.add(nothing(now, open));
        }
        final boolean all = rows.size() <= room - 1;
        for (final Row row : rows.subList(0, all ? rows.size() : Math.max(0, room - 2))) {
            lines.add(line(
                    String.format(
                            Locale.ROOT,
                            "%s%11s%10s",
                            row.state(),
                            Units.duration(row.age()),
                            row.bytes() < 0 ? "-" : Units.bytes(row.bytes())),
                    wide ? row.hosts().both() : row.hosts().responder(),
                    hosts,
                    wide
                            ? String.format(
                                    Locale.ROOT,
                                    "%-" + SERVICE + "s %s",
                                    row.purpose().service(),
                                    row.purpose().disk())
                            : (row.purpose().disk() + " " + row.purpose().service()).strip()));
        }
        if (!all) {
            lines.add("and " + (rows.size() - Math.max(0, room - 2)) + " more streams");
        }
        return lines;
    }

    private static String line(final String figures, final String hosts, final int hostsWidth, final String what) {
        return figures + "  " + String.format(Locale.ROOT, "%-" + hostsWidth + "s", Units.fit(hosts, hostsWidth)) + "  "
                + what;
    }

    private String nothing(final JsonObject now, final List<JsonObject> open) {
        if (view.filters() && !open.isEmpty()) {
            return "no stream matches the filter";
        }
        final JsonObject dumps = now.object("dumps");
        final boolean none = dumps.number("running") + dumps.number("unseen") == 0;
        return none ? "no dump is running" : "no stream is expected or open";
    }

    private List<Row> rows(final JsonObject now, final List<JsonObject> open) {
        final List<Row> rows = new ArrayList<>();
        for (final JsonObject session : open) {
            for (final JsonObject stream : session.objects("streams")) {
                if (OPEN_STATES.contains(stream.text("state"))) {
                    final Row row = row(now, session, stream);
                    if (view.shows(row.state() + row.hosts().both() + " "
                            + row.purpose().service() + " " + row.purpose().disk())) {
                        rows.add(row);
                    }
                }
            }
        }
        switch (view.sort()) {
            case NEWEST -> {
                // as the daemon lists them
            }
            case OLDEST -> rows.sort(Comparator.comparingDouble(Row::age).reversed());
            case BYTES -> rows.sort(Comparator.comparingLong(Row::bytes).reversed());
            case HOST -> rows.sort(Comparator.comparing(row -> row.hosts().responder()));
        }
        return rows;
    }

    private static Row row(final JsonObject now, final JsonObject session, final JsonObject stream) {
        final double sinceRequest = Units.between(session.text("requested"), now.text("timestamp"));
        final double age =
                sinceRequest - session.decimal("reply_delay_seconds") - stream.decimal("connect_delay_seconds");
        final boolean counted = stream.has("reply_bytes") || stream.has("original_bytes");
        final String responder = Units.end(session.text("responder"), stream.number("port"));
        return new Row(
                String.format(Locale.ROOT, "%-7s%-11s", stream.text("stream"), stream.text("state")),
                Math.max(0, Math.floor(age)),
                counted ? stream.number("reply_bytes") + stream.number("original_bytes") : -1,
                new Hosts(responder, session.text("requester") + " -> " + responder),
                new Purpose(
                        Printable.ascii(session.text("service")),
                        Printable.ascii(String.join(", ", session.texts("disks"))
                                + (session.has("level") ? " " + session.text("level") : ""))));
    }
}
