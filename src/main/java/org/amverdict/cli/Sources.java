package org.amverdict.cli;

import java.io.IOException;
import java.util.List;
import org.amverdict.incidents.Incidents;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.rules.RuleStanding;
import org.amverdict.telemetry.HistogramSource;
import org.amverdict.telemetry.KernelQueueReader;
import org.amverdict.telemetry.Telemetry;
import org.amverdict.telemetry.TelemetrySources;
import org.amverdict.telemetry.UninspectedPackets;
import org.amverdict.track.Tables;
import org.amverdict.worker.QueueWorker;
import org.amverdict.worker.WorkerGroup;

/** Shows the parts of a running daemon to its figures. */
final class Sources {
    private Sources() {}

    static TelemetrySources of(
            final Reloader reloader,
            final RulesWatch rules,
            final Tables tables,
            final WorkerGroup workers,
            final Telemetry telemetry,
            final Incidents incidents) {
        return new TelemetrySources(
                new TelemetrySources.Program(
                        Version.text(),
                        System.currentTimeMillis(),
                        workers::missing,
                        new TelemetrySources.Config(
                                reloader.file().toString(),
                                reloader::enforcing,
                                reloader::successful,
                                reloader::loadedEpochSeconds,
                                reloader::message),
                        new TelemetrySources.Rules(() -> seen(rules.seen()), rules::restored)),
                workers.workers().stream().map(Sources::queue).toList(),
                new TelemetrySources.Tables(
                        new TelemetrySources.Table(
                                tables.transactions()::size,
                                tables.transactions().capacity()),
                        new TelemetrySources.Table(
                                tables.expectations()::size,
                                tables.expectations().capacity()),
                        new TelemetrySources.Table(
                                tables.flows()::size, tables.flows().capacity()),
                        tables.counters(),
                        tables.lines()),
                new TelemetrySources.Reports(
                        telemetry::lost,
                        telemetry::lost,
                        telemetry::sessionsForgotten,
                        telemetry::dumps,
                        telemetry::idleNanos),
                incidents,
                Sources::kernelQueues);
    }

    private static TelemetrySources.SeenRules seen(final RulesWatch.Seen seen) {
        return new TelemetrySources.SeenRules(
                seen.standing().label(),
                seen.faulty() ? Boolean.FALSE : seen.standing() == RuleStanding.IN_PLACE ? Boolean.TRUE : null,
                seen.message());
    }

    private static TelemetrySources.Queue queue(final QueueWorker worker) {
        return new TelemetrySources.Queue(
                worker.queue(),
                worker.engine().counters(),
                worker.counters(),
                HistogramSource.of(worker.latency()),
                new TelemetrySources.QueueSocket(
                        worker::overruns,
                        new UninspectedPackets(
                                worker.queue(),
                                worker.settings().failOpen(),
                                worker.counters()::idGaps,
                                Sources::kernelQueues),
                        worker::ready,
                        worker.settings().kernelLength()));
    }

    private static List<KernelQueueReader.KernelQueue> kernelQueues() {
        try {
            return KernelQueues.read().queues().stream()
                    .map(queue -> new KernelQueueReader.KernelQueue(
                            queue.queue(), queue.waiting(), queue.dropped(), queue.userDropped()))
                    .toList();
        } catch (final IOException e) {
            return List.of();
        }
    }
}
