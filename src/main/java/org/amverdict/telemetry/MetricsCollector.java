package org.amverdict.telemetry;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.util.List;

/**
 * The {@link Figures} in the form of the Prometheus registry, read at each scrape. They bypass Micrometer's meters: it
 * has none for an existing histogram, and it strips endings such as {@code created} from names.
 */
final class MetricsCollector implements MultiCollector {
    private static final double NANOS_PER_SECOND = 1e9;

    private final TelemetrySources sources;
    private final List<Figure> figures;

    MetricsCollector(final SharedFigures shared) {
        sources = shared.sources();
        figures = shared.figures().published();
    }

    @Override
    public MetricSnapshots collect() {
        final Reading reading = new Reading(sources);
        final MetricSnapshots.Builder all = MetricSnapshots.builder();
        for (final Figure figure : figures) {
            all.metricSnapshot(snapshot(figure, reading));
        }
        return all.build();
    }

    private static MetricSnapshot snapshot(final Figure figure, final Reading reading) {
        return switch (figure.kind()) {
            case COUNTER -> counter(figure, reading);
            case GAUGE -> gauge(figure, reading);
            case INFO -> info(figure, reading);
            case SUMMARY -> summary(figure, reading);
            case HISTOGRAM -> histogram(figure, reading);
            case UNPUBLISHED -> throw new IllegalArgumentException("not a metric");
        };
    }

    private static MetricSnapshot counter(final Figure figure, final Reading reading) {
        final CounterSnapshot.Builder family =
                CounterSnapshot.builder().name(without("_total", figure)).help(figure.help());
        figure.forEach(reading, at -> {
            final long value = figure.value(at);
            if (value != Figure.UNKNOWN) {
                family.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(labels(figure, at))
                        .value((double) value)
                        .build());
            }
        });
        return family.build();
    }

    private static MetricSnapshot gauge(final Figure figure, final Reading reading) {
        final GaugeSnapshot.Builder family =
                GaugeSnapshot.builder().name(figure.name()).help(figure.help());
        figure.forEach(reading, at -> {
            final long value = figure.value(at);
            if (value != Figure.UNKNOWN) {
                family.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(labels(figure, at))
                        .value((double) value)
                        .build());
            }
        });
        return family.build();
    }

    private static MetricSnapshot info(final Figure figure, final Reading reading) {
        final InfoSnapshot.Builder family =
                InfoSnapshot.builder().name(without("_info", figure)).help(figure.help());
        figure.forEach(
                reading,
                at -> family.dataPoint(InfoSnapshot.InfoDataPointSnapshot.builder()
                        .labels(labels(figure, at))
                        .build()));
        return family.build();
    }

    private static MetricSnapshot summary(final Figure figure, final Reading reading) {
        final SummarySnapshot.Builder family =
                SummarySnapshot.builder().name(figure.name()).help(figure.help());
        figure.forEach(
                reading,
                at -> family.dataPoint(SummarySnapshot.SummaryDataPointSnapshot.builder()
                        .labels(labels(figure, at))
                        .count(figure.value(at))
                        .sum((double) figure.sum(at))
                        .build()));
        return family.build();
    }

    private static MetricSnapshot histogram(final Figure figure, final Reading reading) {
        final HistogramSnapshot.Builder family =
                HistogramSnapshot.builder().name(figure.name()).help(figure.help());
        figure.forEach(reading, at -> family.dataPoint(histogram(labels(figure, at), figure.histogram(at))));
        return family.build();
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

    /** The Prometheus client adds these endings itself. */
    private static String without(final String ending, final Figure figure) {
        final String name = figure.name();
        if (!name.endsWith(ending)) {
            throw new IllegalArgumentException(name + " must end in " + ending);
        }
        return name.substring(0, name.length() - ending.length());
    }

    private static Labels labels(final Figure figure, final Series at) {
        final Labels.Builder labels = Labels.builder();
        figure.labels().forEach(label -> labels.label(label.key(), String.valueOf(at.text(label.key()))));
        return labels.build();
    }
}
