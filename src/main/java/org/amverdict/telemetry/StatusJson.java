package org.amverdict.telemetry;

import java.util.List;
import java.util.Locale;
import org.amverdict.json.JsonLine;

/** {@link StatusReport} as JSON; resource org/amverdict/control/status.schema.json says what the fields mean. */
final class StatusJson {
    private static final long MILLIS_PER_SECOND = 1000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private StatusJson() {}

    static String write(final StatusReport report) {
        final JsonLine line = new JsonLine().addTimestamp("timestamp", report.epochMillis());
        final StatusReport.Program program = report.program();
        line.add("version", program.version())
                .add("java", program.java())
                .add("pid", program.pid())
                .add("ready", program.ready())
                .add("mode", report.config().enforcing() ? "enforce" : "monitor")
                .addTimestamp("started", program.startEpochMillis())
                .addSeconds("uptime_seconds", program.uptimeMillis() * NANOS_PER_MILLI);
        config(line, report.config());
        line.openArray("queues");
        report.queues().forEach(queue -> queue(line, queue));
        line.closeArray();
        line.openArray("verdicts");
        for (final StatusReport.Verdicts each : report.verdicts()) {
            line.openElement()
                    .add("verdict", each.verdict())
                    .add("reason", each.reason())
                    .add("packets", each.packets())
                    .closeObject();
        }
        line.closeArray();
        line.add("accepted_bytes", report.acceptedBytes()).add("dropped_bytes", report.droppedBytes());
        counts(line, "would_drop", "reason", "packets", report.wouldDrop());
        tables(line, report);
        counts(
                line.openObject("exchanges"),
                "messages",
                "type",
                "count",
                report.exchanges().messages());
        counts(line, "replies_refused", "why", "count", report.exchanges().repliesRefused());
        line.closeObject();
        return line.openObject("losses")
                .add("log_lines", report.losses().logLines())
                .add("events", report.losses().events())
                .closeObject()
                .end();
    }

    private static void config(final JsonLine line, final StatusReport.Config config) {
        line.openObject("config")
                .add("file", config.file())
                .addTimestamp("loaded", config.loadedEpochSeconds() * MILLIS_PER_SECOND)
                .add("last_reload_successful", config.lastReloadSuccessful())
                .add("last_reload_message", config.lastReloadMessage())
                .closeObject();
    }

    private static void queue(final JsonLine line, final StatusReport.Queue queue) {
        line.openElement().add("queue", queue.number()).add("bound", queue.bound());
        addIfKnown(line, "length", queue.length());
        addIfKnown(line, "kernel_dropped", queue.kernelDropped());
        addIfKnown(line, "user_dropped", queue.userDropped());
        line.add("overruns", queue.overruns())
                .add("id_gaps", queue.idGaps())
                .add("uninspected", queue.uninspected())
                .add("packets", queue.packets())
                .add("batches", queue.batches())
                .addNumber("batch_mean", String.format(Locale.ROOT, "%.2f", queue.batchMean()));
        if (queue.latencyP50Nanos() != StatusReport.UNKNOWN) {
            line.addSeconds("latency_p50_seconds", queue.latencyP50Nanos())
                    .addSeconds("latency_p99_seconds", queue.latencyP99Nanos());
        }
        line.closeObject();
    }

    private static void addIfKnown(final JsonLine line, final String key, final long value) {
        if (value != StatusReport.UNKNOWN) {
            line.add(key, value);
        }
    }

    private static void tables(final JsonLine line, final StatusReport report) {
        line.openArray("tables");
        for (final StatusReport.Table table : report.tables()) {
            line.openElement()
                    .add("table", table.name())
                    .add("entries", table.entries())
                    .add("limit", table.limit())
                    .closeObject();
        }
        line.closeArray().openArray("limits_reached");
        for (final StatusReport.Limit limit : report.limitsReached()) {
            line.openElement()
                    .add("table", limit.table())
                    .add("scope", limit.scope())
                    .add("count", limit.count())
                    .closeObject();
        }
        line.closeArray()
                .openObject("expectations")
                .add("created", report.expectations().created())
                .add("restored", report.expectations().restored())
                .add("rearmed", report.expectations().rearmed());
        counts(line, "removed", "cause", "count", report.expectations().removed());
        line.closeObject();
    }

    private static void counts(
            final JsonLine line,
            final String key,
            final String nameKey,
            final String countKey,
            final List<StatusReport.Count> counts) {
        line.openArray(key);
        for (final StatusReport.Count count : counts) {
            line.openElement()
                    .add(nameKey, count.name())
                    .add(countKey, count.count())
                    .closeObject();
        }
        line.closeArray();
    }
}
