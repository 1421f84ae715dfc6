package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Removal;
import org.amverdict.track.TableName;

/** Reads the sources of a running program into a {@link StatusReport}. Any thread. */
public final class StatusReports {
    private static final double MEDIAN = 0.5;
    private static final double ALMOST_ALL = 0.99;

    private final TelemetrySources sources;

    public StatusReports(final TelemetrySources sources) {
        this.sources = sources;
    }

    /** How things are now. */
    public StatusReport now() {
        final long nowMillis = System.currentTimeMillis();
        final List<Integer> missing = sources.program().missingQueues().get();
        return new StatusReport(
                nowMillis,
                program(nowMillis, missing),
                config(),
                queues(missing),
                verdicts(),
                sources.sum(counters -> counters.bytes(Verdict.ACCEPT)),
                sources.sum(counters -> counters.bytes(Verdict.DROP)),
                wouldDrop(),
                List.of(
                        table(TableName.TRANSACTIONS, sources.transactions()),
                        table(TableName.EXPECTATIONS, sources.expectations()),
                        table(TableName.FLOWS, sources.flows())),
                limitsReached(),
                expectations(),
                sources.program().dumps().get(),
                exchanges(),
                new StatusReport.Losses(
                        sources.logEventsLost().getAsLong(),
                        sources.program().eventsLost().getAsLong()));
    }

    private StatusReport.Program program(final long nowMillis, final List<Integer> missing) {
        final long start = sources.program().startEpochMillis();
        return new StatusReport.Program(
                sources.version(),
                System.getProperty("java.version", "unknown"),
                ProcessHandle.current().pid(),
                missing.isEmpty(),
                start,
                Math.max(0, nowMillis - start));
    }

    private StatusReport.Config config() {
        final TelemetrySources.Config config = sources.config();
        return new StatusReport.Config(
                config.enforcing().getAsBoolean(),
                sources.program().configFile(),
                config.lastReloadEpochSeconds().getAsLong(),
                config.lastReloadSuccessful().getAsBoolean(),
                config.lastReloadMessage().get());
    }

    private List<StatusReport.Queue> queues(final List<Integer> missing) {
        final Map<Integer, KernelQueueReader.KernelQueue> kernel = new HashMap<>();
        sources.kernelQueues().read().forEach(queue -> kernel.put(queue.number(), queue));
        final List<StatusReport.Queue> queues = new ArrayList<>();
        for (final TelemetrySources.Queue queue : sources.queues()) {
            final KernelQueueReader.KernelQueue seen = kernel.get(queue.number());
            queues.add(new StatusReport.Queue(
                    queue.number(),
                    !missing.contains(queue.number()),
                    seen == null ? StatusReport.UNKNOWN : seen.length(),
                    seen == null ? StatusReport.UNKNOWN : seen.dropped(),
                    seen == null ? StatusReport.UNKNOWN : seen.userDropped(),
                    queue.netlinkOverruns().getAsLong(),
                    queue.packetIdGaps().getAsLong(),
                    queue.uninspectedPackets().getAsLong(),
                    queue.packets(),
                    queue.counters().batches(),
                    quantile(queue.verdictLatency(), MEDIAN),
                    quantile(queue.verdictLatency(), ALMOST_ALL),
                    sources.program().idleNanos().applyAsLong(queue.number())));
        }
        return queues;
    }

    /** Upper bound of the bucket in which that share of all values is reached. */
    static long quantile(final HistogramSource source, final double share) {
        final long[] bounds = source.bucketUpperNanos();
        final long[] counts = new long[bounds.length + 1];
        long total = 0;
        for (int i = 0; i < counts.length; i++) {
            counts[i] = source.count(i);
            total += counts[i];
        }
        if (total == 0) {
            return StatusReport.UNKNOWN;
        }
        long seen = 0;
        int bucket = 0;
        while (bucket < bounds.length - 1 && seen + counts[bucket] < share * total) {
            seen += counts[bucket];
            bucket++;
        }
        return bounds[bucket];
    }

    private List<StatusReport.Verdicts> verdicts() {
        final List<StatusReport.Verdicts> found = new ArrayList<>();
        for (final Verdict verdict : Verdict.values()) {
            for (final Reason reason : Reason.values()) {
                final long packets = sources.sum(counters -> counters.packets(verdict, reason));
                if (packets > 0) {
                    found.add(new StatusReport.Verdicts(verdict.label(), reason.label(), packets));
                }
            }
        }
        return found;
    }

    private List<StatusReport.Count> wouldDrop() {
        final List<StatusReport.Count> found = new ArrayList<>();
        for (final Reason reason : Reason.values()) {
            addIfAny(found, reason.label(), sources.sum(counters -> counters.wouldDrop(reason)));
        }
        return found;
    }

    private static void addIfAny(final List<StatusReport.Count> list, final String name, final long count) {
        if (count > 0) {
            list.add(new StatusReport.Count(name, count));
        }
    }

    private static StatusReport.Table table(final TableName name, final TelemetrySources.Table table) {
        return new StatusReport.Table(name.label(), table.size().getAsLong(), table.limit());
    }

    private List<StatusReport.Limit> limitsReached() {
        final List<StatusReport.Limit> found = new ArrayList<>();
        for (final TableName table : TableName.values()) {
            for (final LimitScope scope : LimitScope.values()) {
                final long count = sources.tableCounters().limitReached(table, scope);
                if (count > 0) {
                    found.add(new StatusReport.Limit(table.label(), scope.label(), count));
                }
            }
        }
        return found;
    }

    private StatusReport.Expectations expectations() {
        long created = 0;
        long restored = 0;
        for (final StreamName stream : StreamName.values()) {
            created += sources.tableCounters().created(stream);
            restored += sources.tableCounters().restored(stream);
        }
        final List<StatusReport.Count> removed = new ArrayList<>();
        for (final Removal cause : Removal.values()) {
            removed.add(new StatusReport.Count(
                    cause.label(), sources.tableCounters().removed(cause)));
        }
        return new StatusReport.Expectations(
                created, restored, sources.tableCounters().rearmed(), removed);
    }

    private StatusReport.Exchanges exchanges() {
        final List<StatusReport.Count> messages = new ArrayList<>();
        for (final MessageType type : MessageType.values()) {
            long count = sources.sum(counters -> counters.controlMessages(type, null));
            for (final Service service : Service.values()) {
                count += sources.sum(counters -> counters.controlMessages(type, service));
            }
            messages.add(new StatusReport.Count(type.name().toLowerCase(Locale.ROOT), count));
        }
        final List<StatusReport.Count> refused = new ArrayList<>();
        for (final Refusal refusal : Refusal.values()) {
            if (refusal != Refusal.NONE) {
                addIfAny(refused, refusal.label(), sources.sum(counters -> counters.refused(refusal)));
            }
        }
        return new StatusReport.Exchanges(messages, refused);
    }
}
