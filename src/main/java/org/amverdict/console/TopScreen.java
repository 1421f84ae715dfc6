package org.amverdict.console;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** One screen of {@code amverdict top}, without any escape. */
public final class TopScreen {
    private static final int COLUMNS_MIN = 40;
    private static final int ROWS_MIN = 12;
    /** Verdicts, queues and drops that every terminal has room for; a larger one shows more of each. */
    private static final int VERDICT_ROWS = 6;

    private static final int QUEUE_ROWS = 4;
    private static final int DROP_ROWS = 1;
    /** Rows of the usual terminal, and how many more rows give one part one more line. */
    private static final int ROWS = 24;

    private static final int ROWS_PER_LINE = 4;
    /** From this height on, empty lines stand between the parts. */
    private static final int ROWS_ROOMY = 30;
    /** Width of the left part, with the verdicts, and of the middle one, with the tables. */
    private static final int LEFT = 44;

    private static final int MIDDLE = 40;
    /** From this width on there is a right part, with the lines of {@code allow}. */
    private static final int COLUMNS_WIDE = LEFT + MIDDLE + 50;

    /** Millions, and so on; more than a long has. */
    private static final String MULTIPLES = "MGTPE";

    private final int columns;
    private final int rows;
    private final ZoneId zone;
    private final TopView view;
    private final boolean keys;

    private TopScreen(final int columns, final int rows, final ZoneId zone, final TopView view, final boolean keys) {
        this.columns = Math.max(COLUMNS_MIN, columns);
        this.rows = Math.max(ROWS_MIN, rows);
        this.zone = zone;
        this.view = view;
        this.keys = keys;
    }

    /** For a reader without keys, of that size; a smaller terminal cuts it off. */
    public TopScreen(final int columns, final int rows, final ZoneId zone) {
        this(columns, rows, zone, new TopView(), false);
    }

    /** With keys, which the last line names, and what they have chosen. */
    public TopScreen withKeys(final TopView chosen) {
        return new TopScreen(columns, rows, zone, chosen, true);
    }

    /** One more line for each {@link #ROWS_PER_LINE} rows that the terminal has more than the usual one. */
    private int moreThan(final int usual) {
        return usual + Math.max(0, rows - ROWS) / ROWS_PER_LINE;
    }

    /**
     * What the daemon lists, newest first.
     *
     * @param open sessions that have not ended
     * @param recent sessions, ended or not
     * @param drops recent drops
     */
    public record Lists(List<JsonObject> open, List<JsonObject> recent, List<JsonObject> drops) {}

    /**
     * Draws.
     *
     * @param before an earlier status, from which rates are computed
     * @param now the status
     * @param lists what the daemon lists
     * @return at most as many lines as there are rows, none wider than the columns
     */
    public List<String> draw(final JsonObject before, final JsonObject now, final Lists lists) {
        final double seconds = now.decimal("uptime_seconds") - before.decimal("uptime_seconds");
        final List<String> lines = new ArrayList<>();
        lines.add("amverdict " + now.text("version") + "  " + now.text("mode") + "  up "
                + Units.duration(now.decimal("uptime_seconds")) + "  " + Units.clock(now.text("timestamp"), zone));
        lines.addAll(faults(now));
        addPart(
                lines,
                columns >= COLUMNS_WIDE
                        ? beside(beside(verdicts(before, now, seconds), LEFT, right(now)), LEFT + MIDDLE, allowed(now))
                        : beside(verdicts(before, now, seconds), LEFT, right(now)));
        addPart(lines, new TopDrops(view).lines(now, lists.drops(), moreThan(DROP_ROWS)));
        addPart(lines, queues(before, now, seconds));
        final int end = rows - (keys ? 1 : 0);
        final int gap = rows >= ROWS_ROOMY ? 1 : 0;
        addPart(lines, new TopStreams(columns, view).lines(now, lists.open(), end - lines.size() - gap));
        addPart(lines, new TopRequests(zone, view).lines(lists.recent(), end - lines.size() - gap));
        if (keys) {
            while (lines.size() < end) {
                lines.add("");
            }
            lines.subList(end, lines.size()).clear();
            lines.add(view.footer());
        }
        return lines.stream()
                .limit(rows)
                .map(line -> Units.fit(Printable.ascii(line.stripTrailing()), columns))
                .toList();
    }

    /** What an operator must look at: at most one line, of its own, so that the clock leaves room for it. */
    private static List<String> faults(final JsonObject now) {
        final List<String> faults = new ArrayList<>();
        if (!now.flag("ready")) {
            faults.add("NOT READY");
        }
        final JsonObject rules = now.object("rules");
        if (rules.has("in_place") && !rules.flag("in_place")) {
            faults.add("RULES NOT IN PLACE");
        }
        if (!now.object("config").flag("last_reload_successful")) {
            faults.add("LAST RELOAD FAILED");
        }
        return faults.isEmpty() ? faults : List.of(String.join("   ", faults));
    }

    private void addPart(final List<String> lines, final List<String> part) {
        if (!part.isEmpty() && rows >= ROWS_ROOMY) {
            lines.add("");
        }
        lines.addAll(part);
    }

    private static String format(final String format, final Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** Two parts next to each other, the second one from that column on. */
    private static List<String> beside(final List<String> left, final int width, final List<String> right) {
        final List<String> lines = new ArrayList<>();
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            lines.add(format(
                    "%-" + width + "s%s",
                    i < left.size() ? Units.fit(left.get(i), width - 1) : "",
                    i < right.size() ? right.get(i) : ""));
        }
        return lines;
    }

    private record Rate(String verdict, String reason, double perSecond, long total) {}

    private List<String> verdicts(final JsonObject before, final JsonObject now, final double seconds) {
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
        for (final Rate rate : rates.subList(0, Math.min(moreThan(VERDICT_ROWS), rates.size()))) {
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
        if (count < 10_000_000) {
            return Units.count(count);
        }
        double scaled = count / 1e6;
        int unit = 0;
        for (; scaled >= 999.5 && unit < MULTIPLES.length() - 1; unit++) {
            scaled /= 1e3;
        }
        return format(scaled < 99.95 ? "%.1f%c" : "%.0f%c", scaled, MULTIPLES.charAt(unit));
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
        lines.add(
                format("%-13s%9s", "rules", now.object("rules").text("standing").replace('-', ' ')));
        final JsonObject losses = now.object("losses");
        if (losses.number("log_lines") + losses.number("events") > 0) {
            lines.add(format("%-13s%9s", "not reported", short9(losses.number("log_lines") + losses.number("events"))));
        }
        return lines;
    }

    private List<String> allowed(final JsonObject now) {
        final List<JsonObject> all = now.objects("lines");
        final int most = moreThan(VERDICT_ROWS);
        final int shown = all.size() <= most ? all.size() : most - 1;
        final List<String> lines = new ArrayList<>();
        lines.add(format("%-26s%9s%9s%12s", "ALLOW", "REQUESTS", "STREAMS", "UNANNOUNCED"));
        for (final JsonObject each : all.subList(0, shown)) {
            lines.add(format(
                    "%-26s%9s%9s%12s",
                    Units.fit(Printable.ascii(each.text("line")), 25),
                    short9(each.number("requests")),
                    short9(each.number("streams")),
                    short9(each.number("connections"))));
        }
        if (shown < all.size()) {
            lines.add("and " + (all.size() - shown) + " more lines");
        }
        return lines;
    }

    private static String unseen(final JsonObject dumps) {
        return dumps.number("unseen") == 0 ? "" : "  " + short9(dumps.number("unseen")) + " unseen";
    }

    private List<String> queues(final JsonObject before, final JsonObject now, final double seconds) {
        final Map<Long, Long> earlier = new HashMap<>();
        before.objects("queues").forEach(queue -> earlier.put(queue.number("queue"), queue.number("packets")));
        final List<JsonObject> queues = now.objects("queues");
        final List<String> lines = new ArrayList<>();
        lines.add(format("%-6s%9s%10s%11s%8s%12s%12s", "QUEUE", "WAITING", "/s", "LOST", "BATCH", "HALF IN", "99% IN"));
        final int most = moreThan(QUEUE_ROWS);
        final int shown = queues.size() <= most ? queues.size() : most - 1;
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
}
