package org.amverdict.telemetry;

import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventFields;
import org.amverdict.events.EventLoss;
import org.amverdict.events.EventRecord;
import org.amverdict.events.StatsWriter;
import org.amverdict.json.JsonLine;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Removal;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableName;
import org.amverdict.track.Tables;

/**
 * The counters of all workers and tables, as the events {@code stats} and {@code overload} tell them: the same counters
 * that the metrics read. For the reader's thread alone.
 */
final class Totals implements StatsWriter {
    private final TelemetrySources sources;
    private final Tables tables;
    private final ToLongFunction<EventLoss> losses;
    private final long startNanos;
    private final Scratch scratch = new Scratch();
    private final EventRecord open = new EventRecord();
    private final long[] limitsBefore = new long[TableName.values().length * LimitScope.values().length];
    private long lostBefore;
    private long overrunsBefore;

    Totals(
            final TelemetrySources sources,
            final Tables tables,
            final ToLongFunction<EventLoss> losses,
            final long startNanos) {
        this.sources = sources;
        this.tables = tables;
        this.losses = losses;
        this.startNanos = startNanos;
    }

    @Override
    public void addUptime(final JsonLine line, final long nowNanos) {
        line.addNumber("uptime_seconds", EventFields.seconds(nowNanos - startNanos));
    }

    @Override
    public void addStats(final JsonLine line, final long nowNanos) {
        addUptime(line, nowNanos);
        line.openObject("packets");
        for (final Verdict verdict : Verdict.values()) {
            line.openObject(verdict.label());
            for (final Reason reason : Reason.values()) {
                addUnlessZero(line, reason.label(), sources.sum(counters -> counters.packets(verdict, reason)));
            }
            line.closeObject();
        }
        line.closeObject().openObject("would_drop");
        for (final Reason reason : Reason.values()) {
            addUnlessZero(line, reason.label(), sources.sum(counters -> counters.wouldDrop(reason)));
        }
        line.closeObject().openObject("bytes");
        for (final Verdict verdict : Verdict.values()) {
            line.add(verdict.label(), sources.sum(counters -> counters.bytes(verdict)));
        }
        line.closeObject();
        addControl(line);
        addStreams(line);
        addTables(line);
        line.openObject("events_lost");
        for (final EventLoss loss : EventLoss.values()) {
            line.add(loss.label(), losses.applyAsLong(loss));
        }
        line.closeObject();
    }

    private void addControl(final JsonLine line) {
        line.openObject("control_messages");
        for (final MessageType type : MessageType.values()) {
            long messages = sources.sum(counters -> counters.controlMessages(type, null));
            for (final Service service : Service.values()) {
                messages += sources.sum(counters -> counters.controlMessages(type, service));
            }
            addUnlessZero(line, type.name(), messages);
        }
        line.closeObject().openObject("replies_refused");
        for (final Refusal refusal : Refusal.values()) {
            addUnlessZero(line, refusal.label(), sources.sum(counters -> counters.refused(refusal)));
        }
        line.closeObject();
    }

    private void addStreams(final JsonLine line) {
        line.openObject("streams");
        for (final StreamName stream : StreamName.values()) {
            final long original = sources.sum(counters -> counters.streamPackets(stream, false));
            final long reply = sources.sum(counters -> counters.streamPackets(stream, true));
            if (original + reply > 0) {
                line.openObject(stream.label())
                        .add("original_packets", original)
                        .add("original_bytes", sources.sum(counters -> counters.streamBytes(stream, false)))
                        .add("reply_packets", reply)
                        .add("reply_bytes", sources.sum(counters -> counters.streamBytes(stream, true)))
                        .closeObject();
            }
        }
        line.closeObject();
    }

    private void addTables(final JsonLine line) {
        line.openObject("tables");
        addTable(line, TableName.TRANSACTIONS, sources.transactions());
        addTable(line, TableName.EXPECTATIONS, sources.expectations());
        addTable(line, TableName.FLOWS, sources.flows());
        line.closeObject().openObject("expectations");
        long created = 0;
        long restored = 0;
        for (final StreamName stream : StreamName.values()) {
            created += tables.counters().created(stream);
            restored += tables.counters().restored(stream);
        }
        line.add("created", created)
                .add("restored", restored)
                .add("rearmed", tables.counters().rearmed());
        for (final Removal cause : Removal.values()) {
            line.add(cause.label(), tables.counters().removed(cause));
        }
        line.closeObject();
    }

    private static void addTable(final JsonLine line, final TableName name, final TelemetrySources.Table table) {
        line.openObject(name.label())
                .add("size", table.size().getAsLong())
                .add("limit", table.limit())
                .closeObject();
    }

    private static void addUnlessZero(final JsonLine line, final String key, final long value) {
        if (value != 0) {
            line.add(key, value);
        }
    }

    private long overruns() {
        return sources.queues().stream()
                .mapToLong(queue -> queue.netlinkOverruns().getAsLong())
                .sum();
    }

    private long lost() {
        long lost = 0;
        for (final EventLoss loss : EventLoss.values()) {
            lost += losses.applyAsLong(loss);
        }
        return lost;
    }

    private static int limitIndex(final TableName table, final LimitScope scope) {
        return table.ordinal() * LimitScope.values().length + scope.ordinal();
    }

    @Override
    public boolean overflowed() {
        for (final TableName table : TableName.values()) {
            for (final LimitScope scope : LimitScope.values()) {
                if (tables.counters().limitReached(table, scope) != limitsBefore[limitIndex(table, scope)]) {
                    return true;
                }
            }
        }
        return lost() != lostBefore || overruns() != overrunsBefore;
    }

    @Override
    public void addOverload(final JsonLine line) {
        final long lost = lost();
        final long overruns = overruns();
        line.add("events_lost", lost - lostBefore)
                .add("netlink_overruns", overruns - overrunsBefore)
                .openArray("limits");
        lostBefore = lost;
        overrunsBefore = overruns;
        for (final TableName table : TableName.values()) {
            for (final LimitScope scope : LimitScope.values()) {
                final long reached = tables.counters().limitReached(table, scope);
                final int index = limitIndex(table, scope);
                if (reached != limitsBefore[index]) {
                    line.openElement()
                            .add("table", table.label())
                            .add("scope", scope.label())
                            .add("count", reached - limitsBefore[index])
                            .closeObject();
                    limitsBefore[index] = reached;
                }
            }
        }
        line.closeArray();
    }

    @Override
    public void forEachOpenFlow(final long nowNanos, final Consumer<EventRecord> visitor) {
        tables.flows().forEach(scratch, flow -> {
            if (!flow.endReported()) {
                open.set(flow, nowNanos);
                visitor.accept(open);
            }
        });
    }
}
