package org.amverdict.telemetry;

import java.util.function.Consumer;
import org.amverdict.events.EventFields;
import org.amverdict.events.EventRecord;
import org.amverdict.events.StatsWriter;
import org.amverdict.json.JsonLine;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableName;
import org.amverdict.track.Tables;

/** Contents of the events {@code stats} and {@code overload}: the {@link Figures}. For the reader's thread only. */
final class Totals implements StatsWriter {
    private final SharedFigures shared;
    private final TelemetrySources sources;
    private final Tables tables;
    private final long startNanos;
    private final Scratch scratch = new Scratch();
    private final EventRecord open = new EventRecord();
    private final long[] limitsBefore = new long[TableName.values().length * LimitScope.values().length];
    private long lostBefore;
    private long overrunsBefore;

    Totals(final SharedFigures shared, final Tables tables, final long startNanos) {
        this.shared = shared;
        sources = shared.sources();
        this.tables = tables;
        this.startNanos = startNanos;
    }

    @Override
    public void addUptime(final JsonLine line, final long nowNanos) {
        line.addNumber("uptime_seconds", EventFields.seconds(nowNanos - startNanos));
    }

    @Override
    public void addStats(final JsonLine line, final long nowNanos) {
        addUptime(line, nowNanos);
        shared.figures().addStats(new Reading(sources), line);
    }

    private long overruns() {
        return sources.sum(queue -> queue.socket().overruns().getAsLong());
    }

    private long lost() {
        return sources.reports().allEventsLost();
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
