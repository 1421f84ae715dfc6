package org.amverdict.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/**
 * The status as a monitoring plugin reports it: one line, OK, WARNING, CRITICAL or UNKNOWN, with performance data, and
 * the exit code that belongs to it. Source: Monitoring Plugins Development Guidelines.
 *
 * @param state exit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
 * @param line for stdout
 */
public record NagiosText(int state, String line) {
    /** Exit code of WARNING. */
    public static final int WARNING = 1;
    /** Exit code of CRITICAL. */
    public static final int CRITICAL = 2;
    /** Exit code of UNKNOWN. */
    public static final int UNKNOWN = 3;

    private static final int TABLE_WARNING_PERCENT = 80;
    private static final int TABLE_CRITICAL_PERCENT = 95;
    private static final int PERCENT = 100;
    private static final String[] NAMES = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

    /** Whatever the fields of a status hold. */
    public NagiosText {
        line = Printable.ascii(line);
    }

    /** For a daemon that answered. */
    public static NagiosText of(final JsonObject status) {
        final List<String> critical = new ArrayList<>();
        final List<String> warning = new ArrayList<>();
        for (final JsonObject queue : status.objects("queues")) {
            if (!queue.flag("bound")) {
                critical.add("queue " + queue.number("queue") + " is not served");
            }
        }
        for (final JsonObject table : status.objects("tables")) {
            final long percent = table.number("entries") * PERCENT / Math.max(1, table.number("limit"));
            if (percent >= TABLE_WARNING_PERCENT) {
                (percent >= TABLE_CRITICAL_PERCENT ? critical : warning)
                        .add("table " + table.text("table") + " is " + percent + " % full");
            }
        }
        final JsonObject rules = status.object("rules");
        if (rules.has("in_place") && !rules.flag("in_place")) {
            critical.add(
                    "the firewall's rules are not in place (" + rules.text("standing") + "): " + rules.text("message"));
        }
        if (!status.object("config").flag("last_reload_successful")) {
            warning.add("the last reload failed, an earlier configuration is in force");
        }
        final int state = critical.isEmpty() ? warning.isEmpty() ? 0 : WARNING : CRITICAL;
        critical.addAll(warning);
        final String text = critical.isEmpty()
                ? "mode " + status.text("mode") + ", up " + Units.duration(status.decimal("uptime_seconds"))
                : String.join("; ", critical);
        return new NagiosText(state, line(state, text) + " | " + performance(status));
    }

    /** For a daemon that did not. */
    public static NagiosText failed(final int state, final String message) {
        return new NagiosText(state, line(state, message));
    }

    private static String line(final int state, final String text) {
        return "AMVERDICT " + NAMES[state] + " - " + text.replace('|', '/');
    }

    /** {@code label=value[unit];warning;critical;min;max}; a counter has the unit c. */
    private static String performance(final JsonObject status) {
        long packets = 0;
        long dropped = 0;
        for (final JsonObject each : status.objects("verdicts")) {
            packets += each.number("packets");
            dropped += each.text("verdict").equals("drop") ? each.number("packets") : 0;
        }
        long wouldDrop = 0;
        for (final JsonObject each : status.objects("would_drop")) {
            wouldDrop += each.number("packets");
        }
        long waiting = 0;
        long lost = 0;
        double latency = 0;
        for (final JsonObject queue : status.objects("queues")) {
            waiting += queue.number("length");
            lost += queue.number("kernel_dropped") + queue.number("user_dropped");
            latency = Math.max(latency, queue.decimal("latency_p99_seconds"));
        }
        final StringBuilder text = new StringBuilder();
        text.append("packets=").append(packets).append("c dropped=").append(dropped);
        text.append("c would_drop=").append(wouldDrop).append("c queue_lost=").append(lost);
        text.append("c queue_length=").append(waiting);
        text.append(String.format(Locale.ROOT, " latency_p99=%.6fs", latency));
        for (final JsonObject table : status.objects("tables")) {
            final long limit = table.number("limit");
            text.append(' ')
                    .append(table.text("table"))
                    .append('=')
                    .append(table.number("entries"))
                    .append(';')
                    .append(limit * TABLE_WARNING_PERCENT / PERCENT)
                    .append(';')
                    .append(limit * TABLE_CRITICAL_PERCENT / PERCENT)
                    .append(";0;")
                    .append(limit);
        }
        return text.toString();
    }
}
