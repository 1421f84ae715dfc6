package org.amverdict.telemetry;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.amverdict.amanda.StreamName;

/**
 * The metrics that Micrometer has no meter for, handed to the Prometheus registry below it: histograms and a summary that
 * somebody else has counted, the kernel's figures, which are read once a scrape, and a name that ends in {@code created}.
 */
final class SnapshotCollectors {
    private static final double NANOS_PER_SECOND = 1e9;

    private final TelemetrySources sources;
    private final Set<Integer> queueNumbers = new HashSet<>();

    SnapshotCollectors(final TelemetrySources sources) {
        this.sources = sources;
        for (final TelemetrySources.Queue queue : sources.queues()) {
            queueNumbers.add(queue.number());
        }
    }

    void register(final PrometheusRegistry registry) {
        registry.register(this::batchPackets);
        registry.register(this::verdictLatency);
        registry.register(this::expectationsCreated);
        registry.register(this::expectationWait);
        registry.register(this::kernelQueues);
    }

    /** Whether a reply can announce a stream of this name. The others have flows, but no expectations. */
    static boolean announced(final StreamName stream) {
        return stream != StreamName.CONTROL && stream != StreamName.STATIC && stream != StreamName.ADOPTED;
    }

    private MetricSnapshot batchPackets() {
        final SummarySnapshot.Builder family = SummarySnapshot.builder()
                .name("amverdict_batch_packets")
                .help("Packets received and judged together; sum over count is the mean batch.");
        for (final TelemetrySources.Queue queue : sources.queues()) {
            family.dataPoint(SummarySnapshot.SummaryDataPointSnapshot.builder()
                    .labels(queueLabel(queue.number()))
                    .count(queue.counters().batches())
                    .sum((double) queue.packets())
                    .build());
        }
        return family.build();
    }

    private MetricSnapshot verdictLatency() {
        final HistogramSnapshot.Builder family = HistogramSnapshot.builder()
                .name("amverdict_verdict_latency_seconds")
                .help("From the receive of a batch to the send of its verdicts; some batches are sampled.");
        for (final TelemetrySources.Queue queue : sources.queues()) {
            family.dataPoint(histogram(queueLabel(queue.number()), queue.verdictLatency()));
        }
        return family.build();
    }

    /**
     * Not a function counter: the naming convention of Micrometer's registry cuts the ending "created" off, which
     * OpenMetrics once reserved, and the name then collides with the gauge amverdict_expectations.
     */
    private MetricSnapshot expectationsCreated() {
        final CounterSnapshot.Builder family = CounterSnapshot.builder()
                .name("amverdict_expectations_created")
                .help("Expectations that replies announced; a repeated reply is not counted again.");
        for (final StreamName stream : StreamName.values()) {
            if (announced(stream)) {
                family.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(Labels.of("stream", stream.label()))
                        .value((double) sources.tableCounters().created(stream))
                        .build());
            }
        }
        return family.build();
    }

    private MetricSnapshot expectationWait() {
        final HistogramSnapshot.Builder family = HistogramSnapshot.builder()
                .name("amverdict_expectation_wait_seconds")
                .help("From the announcement of a stream to its first SYN.");
        for (final StreamName stream : StreamName.values()) {
            if (announced(stream)) {
                family.dataPoint(histogram(
                        Labels.of("stream", stream.label()),
                        sources.expectationWait().apply(stream)));
            }
        }
        return family.build();
    }

    private MetricSnapshots kernelQueues() {
        final GaugeSnapshot.Builder length = GaugeSnapshot.builder()
                .name("amverdict_queue_length")
                .help("Packets that wait in the kernel's queue for a verdict.");
        final CounterSnapshot.Builder dropped = CounterSnapshot.builder()
                .name("amverdict_queue_dropped")
                .help("Packets that the kernel dropped because its queue was full.");
        final CounterSnapshot.Builder userDropped = CounterSnapshot.builder()
                .name("amverdict_queue_user_dropped")
                .help("Packets that the kernel dropped because the socket buffer was full.");
        final List<KernelQueueReader.KernelQueue> queues =
                sources.kernelQueues().read();
        for (final KernelQueueReader.KernelQueue queue : queues) {
            if (queueNumbers.contains(queue.number())) {
                final Labels labels = queueLabel(queue.number());
                length.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(labels)
                        .value((double) queue.length())
                        .build());
                dropped.dataPoint(counter(labels, queue.dropped()));
                userDropped.dataPoint(counter(labels, queue.userDropped()));
            }
        }
        return MetricSnapshots.of(length.build(), dropped.build(), userDropped.build());
    }

    private static CounterSnapshot.CounterDataPointSnapshot counter(final Labels labels, final long value) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels)
                .value((double) value)
                .build();
    }

    private static Labels queueLabel(final int number) {
        return Labels.of("queue", Integer.toString(number));
    }

    private static HistogramSnapshot.HistogramDataPointSnapshot histogram(
            final Labels labels, final HistogramSource source) {
        final long[] upperNanos = source.bucketUpperNanos();
        final double[] upperSeconds = new double[upperNanos.length + 1];
        final long[] counts = new long[upperNanos.length + 1];
        for (int i = 0; i < counts.length; i++) {
            upperSeconds[i] = i < upperNanos.length ? upperNanos[i] / NANOS_PER_SECOND : Double.POSITIVE_INFINITY;
            counts[i] = source.count(i);
        }
        return HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(ClassicHistogramBuckets.of(upperSeconds, counts))
                .sum(source.sumNanos() / NANOS_PER_SECOND)
                .build();
    }
}
