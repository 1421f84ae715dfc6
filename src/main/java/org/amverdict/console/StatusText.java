package org.amverdict.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** What {@code amverdict status} prints. */
public final class StatusText {
    private static final int LABEL = 15;
    /** Lines of the configuration on one screen. */
    private static final int LINES_SHOWN = 20;
    /** A queue that is silent for at least this many seconds is reported. */
    private static final double QUIET = 60;
    /** Seconds after a start in which to wait for a packet of a running dump or of a check. */
    private static final double QUIET_START = 600;
    /** Seconds: Amanda runs once a day. */
    private static final double QUIET_NIGHTS = 26 * 3600;

    private static final String NO_RULES = ": do the firewall's rules still point here? see amverdict doctor";

    private StatusText() {}

    /**
     * The report, at most 80 columns wide.
     *
     * @param status answer of the daemon
     * @param drops the recent drops, newest first
     */
    public static List<String> lines(final JsonObject status, final List<JsonObject> drops) {
        final List<String> lines = new ArrayList<>();
        final String mode = status.text("mode");
        lines.add("amverdict " + status.text("version") + ", process " + status.number("pid") + ", up "
                + Units.duration(status.decimal("uptime_seconds")) + ", mode " + mode
                + (mode.equals("monitor") ? " (changes nothing)" : "")
                + (status.flag("ready") ? "" : ", NOT READY"));
        configuration(status, lines);
        if (status.has("rules")) {
            rules(status.object("rules"), lines);
        }
        lines.add("");
        for (final JsonObject queue : status.objects("queues")) {
            lines.addAll(Units.wrap(
                    label("queue " + queue.number("queue")) + queue(queue, status.decimal("uptime_seconds")), LABEL));
        }
        lines.add("");
        verdicts(status, lines);
        allowed(status, lines);
        tables(status, lines);
        drops(drops, status.text("timestamp"), lines);
        return Printable.ascii(lines);
    }

    private static String label(final String name) {
        return String.format(Locale.ROOT, "%-" + LABEL + "s", name);
    }

    private static void configuration(final JsonObject status, final List<String> lines) {
        final JsonObject config = status.object("config");
        lines.addAll(Units.wrap(
                label("configuration") + config.text("file") + ", loaded "
                        + Units.ago(Units.between(config.text("loaded"), status.text("timestamp"))),
                LABEL));
        final String message = config.text("last_reload_message");
        if (!message.isEmpty()) {
            lines.addAll(Units.wrap(
                    label("last reload")
                            + (config.flag("last_reload_successful") ? "" : "FAILED: ")
                            + Printable.ascii(message),
                    LABEL));
        }
    }

    private static void rules(final JsonObject rules, final List<String> lines) {
        final String message = Printable.ascii(rules.text("message"));
        final String text = rules.has("in_place")
                ? rules.flag("in_place")
                        ? "in place"
                        : "NOT IN PLACE (" + rules.text("standing") + "): " + message + "; see amverdict rules --diff"
                : rules.text("standing").equals("off") ? "not watched" : "not known: " + message;
        final long restored = rules.number("restored");
        lines.addAll(Units.wrap(
                label("rules") + text + (restored == 0 ? "" : ", put back " + Units.count(restored, "time")), LABEL));
    }

    private static String queue(final JsonObject queue, final double upSeconds) {
        final StringBuilder text = new StringBuilder();
        text.append(queue.flag("bound") ? "" : "NOT SERVED, ").append(Units.count(queue.number("packets"), "packet"));
        text.append(idle(queue, upSeconds));
        if (queue.has("length")) {
            text.append(", ").append(Units.count(queue.number("length"))).append(" waiting");
        }
        if (queue.has("latency_p50_seconds")) {
            text.append(", answered within ")
                    .append(Units.duration(queue.decimal("latency_p50_seconds")))
                    .append(" (half), ")
                    .append(Units.duration(queue.decimal("latency_p99_seconds")))
                    .append(" (99 of 100)");
        }
        final long dropped = queue.number("kernel_dropped") + queue.number("user_dropped");
        if (dropped > 0) {
            text.append(", ").append(Units.count(dropped)).append(" dropped by the kernel because the queue was full");
        }
        if (queue.number("uninspected") > 0) {
            text.append(", ").append(Units.count(queue.number("uninspected"))).append(" passed without a verdict");
        }
        return text.toString();
    }

    /** When it last received something and, if that is suspicious, what to look at. */
    private static String idle(final JsonObject queue, final double upSeconds) {
        if (!queue.has("idle_seconds")) {
            return queue.number("packets") > 0
                    ? ""
                    : ", nothing received since the start" + (upSeconds < QUIET_START ? "" : NO_RULES);
        }
        final double idle = queue.decimal("idle_seconds");
        return idle < QUIET
                ? ""
                : ", nothing received for " + Units.duration(idle) + (idle < QUIET_NIGHTS ? "" : NO_RULES);
    }

    private static void verdicts(final JsonObject status, final List<String> lines) {
        if (status.objects("verdicts").isEmpty()) {
            lines.add("no packet has been judged yet: do the firewall's rules point to these queues?");
        }
        for (final JsonObject each : status.objects("verdicts")) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-15s%-24s%15s",
                    each.text("verdict"),
                    each.text("reason"),
                    Units.count(each.number("packets"))));
        }
        for (final JsonObject each : status.objects("would_drop")) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-15s%-24s%15s  of those above",
                    "would drop",
                    each.text("reason"),
                    Units.count(each.number("packets"))));
        }
        lines.add("");
    }

    /** What each line of the configuration let in; one that let in nothing may be a mistake, so it is listed too. */
    private static void allowed(final JsonObject status, final List<String> lines) {
        final List<JsonObject> all = status.objects("lines");
        for (final JsonObject each : all.subList(0, Math.min(LINES_SHOWN, all.size()))) {
            final long connections = each.number("connections");
            lines.addAll(Units.wrap(
                    label("allow") + Printable.ascii(each.text("line")) + ": "
                            + Units.count(each.number("requests"), "request") + ", "
                            + Units.count(each.number("streams"), "stream")
                            + (connections == 0 ? "" : ", " + Units.count(connections, "unannounced connection")),
                    LABEL));
        }
        if (all.size() > LINES_SHOWN) {
            lines.add(label("allow") + "and " + (all.size() - LINES_SHOWN) + " more lines; --json has all");
        }
        if (!all.isEmpty()) {
            lines.add("");
        }
    }

    private static void tables(final JsonObject status, final List<String> lines) {
        for (final JsonObject table : status.objects("tables")) {
            lines.add(label(table.text("table")) + Units.count(table.number("entries")) + " of "
                    + Units.count(table.number("limit")));
        }
        for (final JsonObject limit : status.objects("limits_reached")) {
            lines.add("limit reached  " + limit.text("table")
                    + (limit.text("scope").equals("requester") ? " of one requester, " : ", the whole table, ")
                    + Units.count(limit.number("count"), "time"));
        }
        final JsonObject expectations = status.object("expectations");
        final StringBuilder text = new StringBuilder(label("announced"));
        text.append(Units.count(expectations.number("created"), "connection"));
        if (expectations.number("restored") > 0) {
            text.append(", ")
                    .append(Units.count(expectations.number("restored")))
                    .append(" from before the start");
        }
        for (final JsonObject removed : expectations.objects("removed")) {
            if (removed.number("count") > 0) {
                text.append(", ")
                        .append(Units.count(removed.number("count")))
                        .append(' ')
                        .append(removed.text("cause"));
            }
        }
        lines.addAll(Units.wrap(text.toString(), LABEL));
        final JsonObject dumps = status.object("dumps");
        lines.add(label("dumps") + Units.count(dumps.number("running")) + " running"
                + (dumps.number("unseen") == 0
                        ? ""
                        : ", " + Units.count(dumps.number("unseen")) + " let through whose end is not seen"));
        for (final JsonObject refused : status.object("exchanges").objects("replies_refused")) {
            lines.add(
                    label("refused reply") + refused.text("why") + ", " + Units.count(refused.number("count"), "time"));
        }
        for (final JsonObject unanswered : status.object("exchanges").objects("requests_unanswered")) {
            lines.add(label("unanswered") + Units.count(unanswered.number("count"), "request") + " for "
                    + unanswered.text("service"));
        }
        final JsonObject losses = status.object("losses");
        if (losses.number("log_lines") + losses.number("events") > 0) {
            lines.add(label("not reported") + Units.count(losses.number("log_lines"), "log line") + ", "
                    + Units.count(losses.number("events"), "event"));
        }
    }

    private static void drops(final List<JsonObject> drops, final String now, final List<String> lines) {
        if (drops.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add("last drops");
        for (final JsonObject drop : drops) {
            lines.addAll(Units.wrap(
                    "  " + Units.ago(Units.between(drop.text("last"), now)) + ", "
                            + Units.count(drop.number("count"), "packet") + ": "
                            + Units.end(drop.text("source"), drop.number("source_port")) + " -> "
                            + Units.end(drop.text("destination"), drop.number("destination_port")) + " "
                            + drop.text("proto") + " "
                            + (TopDrops.isEnforced(drop) ? "" : "would drop ")
                            + drop.text("reason") + ". "
                            + Printable.ascii(drop.text("explanation")),
                    4));
        }
    }
}
