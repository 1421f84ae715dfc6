package org.amverdict.console;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** What {@code amverdict report} prints: one line for each client, then each failure with its cause and what to do. */
public final class ReportText {
    private static final int INDENT = 4;
    private static final String NO_VALUE = "-";

    private ReportText() {}

    /** The report, its lines at most 80 columns wide where the addresses leave room. */
    public static List<String> lines(final JsonObject report, final ZoneId zone) {
        final List<String> lines = new ArrayList<>();
        lines.add(Units.date(report.text("since"), zone) + " to " + Units.date(report.text("until"), zone) + " (" + zone
                + ")");
        lines.addAll(Units.wrap(summary(report), 0));
        gaps(report, zone).forEach(gap -> lines.addAll(Units.wrap("note: " + gap, INDENT)));
        final List<JsonObject> clients = report.objects("clients");
        if (!clients.isEmpty()) {
            lines.add("");
            lines.addAll(table(clients));
        }
        addFailures(lines, "failed", report.objects("failures"), zone);
        addFailures(lines, "passed only because the mode is monitor", report.objects("would_fail"), zone);
        return Printable.ascii(lines);
    }

    private static String summary(final JsonObject report) {
        final long failed = report.number("failed");
        final StringBuilder text = new StringBuilder(Units.count(report.number("dumps"), "dump"))
                .append(" asked for, ")
                .append(Units.count(report.objects("clients").size(), "client"))
                .append(" shown, ")
                .append(Units.bytes(report.number("bytes")));
        final long waiting = report.number("waiting");
        text.append(
                failed > 0
                        ? "; " + Units.count(failed) + " failed."
                        : waiting > 0 ? "; nothing failed so far." : "; nothing failed.");
        if (waiting > 0) {
            text.append(' ')
                    .append(Units.count(waiting, "request"))
                    .append(waiting == 1 ? " still waits for its answer." : " still wait for their answers.");
        }
        if (report.number("other_drops") > 0) {
            text.append(' ')
                    .append(Units.count(report.number("other_drops"), "packet"))
                    .append(" of no dump dropped, or would have been.");
        }
        return text.toString();
    }

    /** What the reader must know of the files before believing the figures. */
    private static List<String> gaps(final JsonObject report, final ZoneId zone) {
        final List<String> gaps = new ArrayList<>();
        if (!report.has("first_event")) {
            gaps.add("the files have no event of that time: did the program run?");
            return gaps;
        }
        final double before = Units.between(report.text("since"), report.text("first_event"));
        // The program writes its figures every minute.
        if (before > 2 * 60) {
            gaps.add("the first event of that time is of " + Units.date(report.text("first_event"), zone));
        }
        if (report.number("starts") > 0) {
            gaps.add("the program started " + Units.times(report.number("starts")) + " in that time");
        }
        report.texts("problems").forEach(problem -> gaps.add(Printable.ascii(problem)));
        return gaps;
    }

    private static List<String> table(final List<JsonObject> clients) {
        int width = "CLIENT".length();
        for (final JsonObject client : clients) {
            width = Math.max(width, client.text("client").length());
        }
        final List<String> lines = new ArrayList<>();
        lines.add(row(width, "CLIENT", "DUMPS", "ANSWERED", "STREAMS", "BYTES", "FAILED", "WHY"));
        for (final JsonObject client : clients) {
            final boolean dumps = client.number("dumps") > 0;
            final long announced = client.number("streams_announced");
            lines.add(row(
                    width,
                    client.text("client"),
                    dumps ? Units.count(client.number("dumps")) : NO_VALUE,
                    dumps ? Units.count(client.number("answered")) : NO_VALUE,
                    announced > 0 ? client.number("streams_connected") + "/" + announced : NO_VALUE,
                    client.number("bytes") > 0 ? Units.bytes(client.number("bytes")) : NO_VALUE,
                    client.number("failed") > 0 ? Units.count(client.number("failed")) : NO_VALUE,
                    why(client)));
        }
        return lines;
    }

    private static String row(final int width, final String client, final String... cells) {
        final StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-" + width + "s", client));
        final int[] widths = {6, 9, 10, 10, 7};
        for (int i = 0; i < widths.length; i++) {
            row.append(String.format(Locale.ROOT, " %" + widths[i] + "s", cells[i]));
        }
        return row.append("  ").append(cells[widths.length]).toString().stripTrailing();
    }

    private static String why(final JsonObject client) {
        final StringBuilder why = new StringBuilder();
        for (final JsonObject kind : client.objects("kinds")) {
            why.append(why.length() == 0 ? "" : ", ").append(kind.text("words"));
            if (kind.number("count") > 1) {
                why.append(" (").append(kind.number("count")).append(')');
            }
        }
        if (client.number("recoveries") > 0) {
            why.append(why.length() == 0 ? "" : "; ")
                    .append(Units.count(client.number("recoveries"), "recover"))
                    .append(client.number("recoveries") == 1 ? "y" : "");
        }
        if (client.number("other_connections") > 0) {
            why.append(why.length() == 0 ? "" : "; ")
                    .append(Units.count(client.number("other_connections"), "other connection"));
        }
        return why.toString();
    }

    private static void addFailures(
            final List<String> lines, final String heading, final List<JsonObject> failures, final ZoneId zone) {
        if (failures.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add(failures.size() + " " + heading + ":");
        for (final JsonObject failure : failures) {
            lines.add("");
            lines.addAll(Units.wrap(subject(failure, zone), INDENT));
            lines.addAll(Units.wrap("    " + cause(failure), INDENT));
            if (failure.has("text")) {
                lines.addAll(Units.wrap("    it says: \"" + Printable.ascii(failure.text("text")) + "\"", INDENT));
            }
            if (failure.has("remedy")) {
                lines.addAll(Units.wrap("    to do: " + Printable.ascii(failure.text("remedy")), 2 * INDENT));
            }
        }
    }

    private static String subject(final JsonObject failure, final ZoneId zone) {
        final StringBuilder text = new StringBuilder(time(failure.text("requested"), zone))
                .append("  ")
                .append(failure.text("client"))
                .append("  ")
                .append(failure.has("service") ? failure.text("service") : "a request");
        final List<String> disks = failure.texts("disks");
        if (!disks.isEmpty()) {
            text.append(' ').append(Printable.ascii(String.join(", ", disks)));
        }
        if (failure.has("level")) {
            text.append(" level ").append(Printable.ascii(failure.text("level")));
        }
        if (!failure.text("client").equals(failure.text("responder"))) {
            text.append(", asked of ").append(failure.text("responder"));
        } else {
            text.append(", asked by ").append(failure.text("requester"));
        }
        return text.toString();
    }

    private static String time(final String timestamp, final ZoneId zone) {
        return Units.date(Instant.parse(timestamp).toString(), zone);
    }

    private static String cause(final JsonObject failure) {
        final List<String> streams = failure.texts("streams");
        return failure.text("words")
                + (streams.isEmpty() ? "" : " (" + String.join(", ", streams) + ")")
                + (failure.number("packets") > 1 ? ", " + Units.count(failure.number("packets"), "packet") : "")
                + ": " + Printable.ascii(Remedies.cause(failure.text("explanation"), failure.text("remedy")));
    }
}
