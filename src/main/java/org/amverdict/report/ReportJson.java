package org.amverdict.report;

import java.util.List;
import java.util.Map;
import org.amverdict.json.JsonLine;

/** The report as one object; resource org/amverdict/report/report.schema.json describes the fields. */
final class ReportJson {
    private ReportJson() {}

    static String write(final NightReport report, final Span span, final boolean failedOnly) {
        final EventHistory history = report.history();
        final JsonLine line = new JsonLine()
                .addTimestamp("since", span.since().toEpochMilli())
                .addTimestamp("until", span.until().toEpochMilli())
                .add("files", history.files());
        if (!history.firstTime().isEmpty()) {
            line.add("first_event", history.firstTime()).add("last_event", history.lastTime());
        }
        line.add("starts", history.starts())
                .add("dumps", report.dumps())
                .add("bytes", report.bytes())
                .add("failed", report.failures().size())
                .add("waiting", report.waiting())
                .add("other_drops", report.otherDrops())
                .add("long_lines", history.longLines())
                .add("problems", history.problems())
                .openArray("clients");
        report.clients(failedOnly).forEach(client -> add(line, client));
        line.closeArray();
        add(line, "failures", report.failures());
        add(line, "would_fail", report.monitored());
        return line.end();
    }

    private static void add(final JsonLine line, final ClientLine client) {
        line.openElement()
                .add("client", client.client)
                .add("dumps", client.dumps)
                .add("answered", client.answered)
                .add("streams_announced", client.announced)
                .add("streams_connected", client.connected)
                .add("bytes", client.bytes)
                .add("recoveries", client.recoveries)
                .add("other_connections", client.others)
                .add("failed", client.failed)
                .openArray("kinds");
        for (final Map.Entry<Kind, Integer> kind : client.kinds.entrySet()) {
            line.openElement()
                    .add("kind", kind.getKey().label())
                    .add("words", kind.getKey().words())
                    .add("count", kind.getValue())
                    .closeObject();
        }
        line.closeArray().closeObject();
    }

    private static void add(final JsonLine line, final String name, final List<Failure> failures) {
        line.openArray(name);
        for (final Failure failure : failures) {
            line.openElement()
                    .addTimestamp("requested", failure.atMillis())
                    .add("client", failure.hosts().client())
                    .add("requester", failure.hosts().requester())
                    .add("responder", failure.hosts().responder());
            addUnlessEmpty(line, "service", failure.work().service());
            line.add("disks", failure.work().disks());
            addUnlessEmpty(line, "level", failure.work().level());
            addUnlessEmpty(line, "line", failure.work().line());
            line.add("kind", failure.wrong().kind().label())
                    .add("words", failure.wrong().kind().words())
                    .add("streams", failure.extent().streams())
                    .add("explanation", failure.wrong().explanation());
            addUnlessEmpty(line, "remedy", failure.wrong().remedy());
            line.add("fault", failure.wrong().fault().label());
            addUnlessEmpty(line, "text", failure.extent().text());
            if (failure.extent().packets() > 0) {
                line.add("packets", failure.extent().packets());
            }
            line.closeObject();
        }
        line.closeArray();
    }

    private static void addUnlessEmpty(final JsonLine line, final String key, final String value) {
        if (!value.isEmpty()) {
            line.add(key, value);
        }
    }
}
