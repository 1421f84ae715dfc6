package org.amverdict.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.StreamName;
import org.amverdict.events.EventLoss;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.telemetry.HistogramSource;
import org.amverdict.telemetry.KernelQueueReader;
import org.amverdict.telemetry.Telemetry;
import org.amverdict.telemetry.TelemetrySources;
import org.amverdict.telemetry.UninspectedPackets;
import org.amverdict.track.TableCounters;
import org.amverdict.track.Tables;
import org.amverdict.worker.LatencyRecorder;
import org.amverdict.worker.QueueWorker;
import org.amverdict.worker.WorkerGroup;

/** Shows the parts of a running daemon to the metrics. */
final class Sources {
    private Sources() {}

    static TelemetrySources of(
            final Path file,
            final Reloader reloader,
            final Tables tables,
            final WorkerGroup workers,
            final Telemetry telemetry) {
        final List<TelemetrySources.Queue> queues = new ArrayList<>();
        for (final QueueWorker worker : workers.workers()) {
            queues.add(new TelemetrySources.Queue(
                    worker.queue(),
                    worker.engine().counters(),
                    latency(worker.latency()),
                    worker::overruns,
                    worker.counters()::idGaps,
                    new UninspectedPackets(
                            worker.queue(),
                            worker.settings().failOpen(),
                            worker.counters()::idGaps,
                            Sources::kernelQueues),
                    worker.counters()::malformedMessages,
                    worker.counters()::kernelErrors,
                    worker.counters()::failedBatches,
                    worker::ready,
                    worker.settings().kernelLength()));
        }
        return new TelemetrySources(
                Version.text(),
                queues,
                new TelemetrySources.Table(
                        tables.transactions()::size, tables.transactions().capacity()),
                new TelemetrySources.Table(
                        tables.expectations()::size, tables.expectations().capacity()),
                new TelemetrySources.Table(tables.flows()::size, tables.flows().capacity()),
                tables.counters(),
                stream -> waits(tables.counters(), stream),
                stream -> streamBytes(workers, stream, false),
                stream -> streamBytes(workers, stream, true),
                Sources::kernelQueues,
                new TelemetrySources.Config(
                        reloader::enforcing, reloader::successful, reloader::loadedEpochSeconds, reloader::message),
                telemetry::lost,
                telemetry::lost,
                new TelemetrySources.Program(
                        System.currentTimeMillis(),
                        file.toString(),
                        workers::missing,
                        () -> eventsLost(telemetry),
                        telemetry::dumps,
                        telemetry::idleNanos));
    }

    private static long eventsLost(final Telemetry telemetry) {
        long lost = 0;
        for (final EventLoss loss : EventLoss.values()) {
            lost += telemetry.lost(loss);
        }
        return lost;
    }

    private static long streamBytes(final WorkerGroup workers, final StreamName stream, final boolean reply) {
        long bytes = 0;
        for (final QueueWorker worker : workers.workers()) {
            bytes += worker.engine().counters().streamBytes(stream, reply);
        }
        return bytes;
    }

    private static HistogramSource latency(final LatencyRecorder recorder) {
        return new HistogramSource() {
            @Override
            public long[] bucketUpperNanos() {
                return recorder.upperBounds();
            }

            @Override
            public long count(final int bucket) {
                return recorder.count(bucket);
            }

            @Override
            public long sumNanos() {
                return recorder.sum();
            }
        };
    }

    private static HistogramSource waits(final TableCounters counters, final StreamName stream) {
        return new HistogramSource() {
            @Override
            public long[] bucketUpperNanos() {
                return TableCounters.waitBoundsNanos();
            }

            @Override
            public long count(final int bucket) {
                return counters.waits(stream, bucket);
            }

            @Override
            public long sumNanos() {
                return counters.waitSumNanos(stream);
            }
        };
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
