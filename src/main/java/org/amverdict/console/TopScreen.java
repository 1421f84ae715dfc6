package org.amverdict.console;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.amverdict.json.JsonObject;

/** One screen of {@code amverdict top}, without any escape. */
public final class TopScreen {
    private static final int COLUMNS_MIN = 40;
    private static final int ROWS_MIN = 12;
    private static final int VERDICT_ROWS = 6;
    private static final int QUEUE_ROWS = 4;
    /** States of a stream that may still make progress. */
    private static final Set<String> OPEN_STATES = Set.of("pending", "let-through", "connected");
    /** Width of the left half, with the verdicts. */
    private static final int LEFT = 44;

    private final int columns;
    private final int rows;
    private final ZoneId zone;

    /** For a terminal of that size; a smaller terminal cuts it off. */
    public TopScreen(final int columns, final int rows, final ZoneId zone) {
        this.columns = Math.max(COLUMNS_MIN, columns);
        this.rows = Math.max(ROWS_MIN, rows);
        this.zone = zone;
    }

    /**
     * Draws.
     *
     * @param before an earlier status, from which rates are computed
     * @param now the status
     * @param open sessions that have not ended, newest first
     * @return at most as many lines as there are rows, none wider than the columns
     */
    public List<String> draw(final JsonObject before, final JsonObject now, final List<JsonObject> open) {
        final double seconds = now.decimal("uptime_seconds") - before.decimal("uptime_seconds");
        final List<String> lines = new ArrayList<>();
        lines.add("amverdict " + now.text("version") + "  " + now.text("mode") + "  up "
                + Units.duration(now.decimal("uptime_seconds")) + "  " + Units.clock(now.text("timestamp"), zone)
                + (now.flag("ready") ? "" : "  NOT READY")
                + (now.object("config").flag("last_reload_successful") ? "" : "  LAST RELOAD FAILED"));
        lines.add("");
        addHalves(lines, verdicts(before, now, seconds), right(now));
        lines.add("");
        lines.addAll(queues(before, now, seconds));
        lines.add("");
        lines.addAll(streams(now, open, rows - lines.size()));
        return lines.stream()
                .limit(rows)
                .map(line -> Units.fit(line.stripTrailing(), columns))
                .toList();
    }

    private static String format(final String format, final Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static void addHalves(final List<String> lines, final List<String> left, final List<String> right) {
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            lines.add(format(
                    "%-" + LEFT + "s%s", i < left.size() ? left.get(i) : "", i < right.size() ? right.get(i) : ""));
        }
    }

    private record Rate(String verdict, String reason, double perSecond, long total) {}

    private static List<String> verdicts(final JsonObject before, final JsonObject now, final double seconds) {
        final Map<String, Long> earlier = new HashMap<>();
        for (final JsonObject each : before.objects("verdicts")) {
            earlier.put(each.text("verdict") + each.text("reason"), each.number("packets"));
        }
        final List<Rate> rates = new ArrayList<>();
        for (final JsonObject each : now.objects("verdicts")) {
            final long total = each.number("packets");
            final long since = total - earlier.getOrDefault(each.text("verdict") + each.text("reason"), 0L);
            rates.add(new Rate(each.text("verdict"), each.text("reason"), rate(since, seconds), total));
        }
        rates.sort(Comparator.comparingDouble(Rate::perSecond)
                .thenComparingLong(Rate::total)
                .reversed());
        final List<String> lines = new ArrayList<>();
        lines.add(format("%-24s%8s%10s", "VERDICT", "/s", "TOTAL"));
        for (final Rate rate : rates.subList(0, Math.min(VERDICT_ROWS, rates.size()))) {
            lines.add(format(
                    "%-24s%8s%10s",
                    Units.fit(rate.verdict() + " " + rate.reason(), 24),
                    perSecond(rate.perSecond()),
                    short9(rate.total())));
        }
        return lines;
    }

    private static double rate(final long count, final double seconds) {
        return seconds <= 0 ? 0 : Math.max(0, count) / seconds;
    }

    private static String perSecond(final double rate) {
        return rate < 9.95 ? format("%.1f", rate) : short9(Math.round(rate));
    }

    /** At most nine characters. */
    private static String short9(final long count) {
        return count < 10_000_000 ? Units.count(count) : format("%.3gM", count / 1e6);
    }

    private static List<String> right(final JsonObject now) {
        final List<String> lines = new ArrayList<>();
        lines.add(format("%-13s%9s%11s", "TABLE", "USED", "LIMIT"));
        for (final JsonObject table : now.objects("tables")) {
            lines.add(format(
                    "%-13s%9s%11s",
                    table.text("table"), short9(table.number("entries")), Units.count(table.number("limit"))));
        }
        long wouldDrop = 0;
        for (final JsonObject each : now.objects("would_drop")) {
            wouldDrop += each.number("packets");
        }
        final JsonObject dumps = now.object("dumps");
        lines.add(format("%-13s%9s%s", "running dumps", short9(dumps.number("running")), unseen(dumps)));
        if (now.text("mode").equals("monitor")) {
            lines.add(format("%-13s%9s", "would drop", short9(wouldDrop)));
        }
        final JsonObject losses = now.object("losses");
        if (losses.number("log_lines") + losses.number("events") > 0) {
            lines.add(format("%-13s%9s", "not reported", short9(losses.number("log_lines") + losses.number("events"))));
        }
        return lines;
    }

    private static String unseen(final JsonObject dumps) {
        return dumps.number("unseen") == 0 ? "" : "  " + short9(dumps.number("unseen")) + " unseen";
    }

    private static List<String> queues(final JsonObject before, final JsonObject now, final double seconds) {
        final Map<Long, Long> earlier = new HashMap<>();
        before.objects("queues").forEach(queue -> earlier.put(queue.number("queue"), queue.number("packets")));
        final List<JsonObject> queues = now.objects("queues");
        final List<String> lines = new ArrayList<>();
        lines.add(format("%-6s%9s%10s%11s%8s%12s%12s", "QUEUE", "WAITING", "/s", "LOST", "BATCH", "HALF IN", "99% IN"));
        final int shown = queues.size() <= QUEUE_ROWS ? queues.size() : QUEUE_ROWS - 1;
        for (final JsonObject queue : queues.subList(0, shown)) {
            final long since = queue.number("packets") - earlier.getOrDefault(queue.number("queue"), 0L);
            final boolean timed = queue.has("latency_p50_seconds");
            lines.add(format(
                    "%-6d%9s%10s%11s%8s%12s%12s",
                    queue.number("queue"),
                    queue.flag("bound") ? queue.has("length") ? Units.count(queue.number("length")) : "-" : "DOWN",
                    perSecond(rate(since, seconds)),
                    short9(queue.number("kernel_dropped") + queue.number("user_dropped")),
                    format("%.1f", queue.decimal("batch_mean")),
                    timed ? Units.duration(queue.decimal("latency_p50_seconds")) : "-",
                    timed ? Units.duration(queue.decimal("latency_p99_seconds")) : "-"));
        }
        if (shown < queues.size()) {
            lines.add("and " + (queues.size() - shown) + " more queues; see amverdict status");
        }
        return lines;
    }

    private List<String> streams(final JsonObject now, final List<JsonObject> open, final int room) {
        final List<String> streams = new ArrayList<>();
        for (final JsonObject session : open) {
            for (final JsonObject stream : session.objects("streams")) {
                if (OPEN_STATES.contains(stream.text("state"))) {
                    streams.add(stream(now, session, stream));
                }
            }
        }
        final List<String> lines = new ArrayList<>();
        lines.add(format("%-7s%-12s%11s%11s  %s", "STREAM", "", "AGE", "BYTES", "REQUESTER -> RESPONDER"));
        if (streams.isEmpty()) {
            final JsonObject dumps = now.object("dumps");
            final boolean none = dumps.number("running") + dumps.number("unseen") == 0;
            lines.add(none ? "no dump is running" : "no stream is expected or open");
        }
        final boolean all = streams.size() <= room - 1;
        lines.addAll(streams.subList(0, all ? streams.size() : Math.max(0, room - 2)));
        if (!all) {
            lines.add("and " + (streams.size() - Math.max(0, room - 2)) + " more streams");
        }
        return lines;
    }

    private static String stream(final JsonObject now, final JsonObject session, final JsonObject stream) {
        final double sinceRequest = Units.between(session.text("requested"), now.text("timestamp"));
        final double age =
                sinceRequest - session.decimal("reply_delay_seconds") - stream.decimal("connect_delay_seconds");
        final boolean counted = stream.has("reply_bytes") || stream.has("original_bytes");
        return format(
                "%-7s%-12s%11s%11s  %s",
                stream.text("stream"),
                stream.text("state"),
                Units.duration(Math.max(0, Math.floor(age))),
                counted ? Units.bytes(stream.number("reply_bytes") + stream.number("original_bytes")) : "-",
                session.text("requester") + " -> " + Units.end(session.text("responder"), stream.number("port")));
    }
}
