package org.amverdict.telemetry;

import java.util.List;
import org.amverdict.engine.EngineCounters;
import org.amverdict.history.Dumps;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.track.LineHits;
import org.amverdict.track.TableCounters;
import org.amverdict.worker.WorkerTestAccess;

/** Sources of two queues, 10 and 11, with figures that a test can recognize. */
public final class SampleSources {
    final EngineCounters first = new EngineCounters();
    final EngineCounters second = new EngineCounters();
    final TableCounters tables = new TableCounters();
    final LineHits lines = new LineHits();
    volatile List<KernelQueueReader.KernelQueue> kernel = List.of(
            new KernelQueueReader.KernelQueue(10, 3, 4, 5),
            new KernelQueueReader.KernelQueue(11, 0, 0, 0),
            new KernelQueueReader.KernelQueue(99, 1, 1, 1));
    volatile boolean enforcing = true;
    volatile List<Integer> missing = List.of();
    volatile TelemetrySources.SeenRules rules = new TelemetrySources.SeenRules("in-place", true, "");
    volatile Dumps dumps = new Dumps(14, 15);

    {
        final int[] places = lines.placesOf(List.of("nightly backup", "recovery"));
        lines.count(places[0], LineHits.Hit.REQUEST, 31);
        lines.count(places[0], LineHits.Hit.STREAM, 62);
    }

    public TelemetrySources sources() {
        return new TelemetrySources(
                new TelemetrySources.Program(
                        "1.2.3",
                        1_699_999_999_000L,
                        () -> missing,
                        new TelemetrySources.Config(
                                "/etc/amverdict/amverdict.yaml",
                                () -> enforcing,
                                () -> true,
                                () -> 1_700_000_000L,
                                () -> "nothing changed"),
                        new TelemetrySources.Rules(() -> rules, () -> 13)),
                List.of(queue(10, first), queue(11, second)),
                new TelemetrySources.Tables(
                        new TelemetrySources.Table(() -> 21, 100),
                        new TelemetrySources.Table(() -> 22, 200),
                        new TelemetrySources.Table(() -> 23, 300),
                        tables,
                        lines),
                new TelemetrySources.Reports(
                        () -> 6,
                        loss -> 50 + loss.ordinal(),
                        () -> 17,
                        () -> dumps,
                        queue -> queue == 10 ? 3_000_000_000L : -1),
                incidents(),
                () -> kernel);
    }

    /** 18 of the first, 19 of the second, and so on. */
    private static Incidents incidents() {
        final Incidents incidents = new Incidents();
        for (final Incident incident : Incident.values()) {
            for (int i = 0; i < 18 + incident.ordinal(); i++) {
                incidents.add(incident);
            }
        }
        return incidents;
    }

    private static TelemetrySources.Queue queue(final int number, final EngineCounters counters) {
        return new TelemetrySources.Queue(
                number,
                counters,
                WorkerTestAccess.counters(8, 16, 10, 11, 12),
                new FixedHistogram(1),
                new TelemetrySources.QueueSocket(() -> 7, () -> 9, () -> number == 10, 4096));
    }

    /** Twice 4 us, once 50 us, three times over the last bound; times {@code scale}. */
    private record FixedHistogram(long scale) implements HistogramSource {
        @Override
        public long[] bucketUpperNanos() {
            return new long[] {5_000, 100_000, 100_000_000};
        }

        @Override
        public long count(final int bucket) {
            return scale * new long[] {2, 1, 0, 3}[bucket];
        }

        @Override
        public long sumNanos() {
            return scale * 1_500_000_000L;
        }
    }
}
