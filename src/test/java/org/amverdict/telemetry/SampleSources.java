package org.amverdict.telemetry;

import java.util.List;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineCounters;
import org.amverdict.history.Dumps;
import org.amverdict.track.TableCounters;

/** Sources of two queues, 10 and 11, with figures that a test can recognise. */
public final class SampleSources {
    final EngineCounters first = new EngineCounters();
    final EngineCounters second = new EngineCounters();
    final TableCounters tables = new TableCounters();
    volatile List<KernelQueueReader.KernelQueue> kernel = List.of(
            new KernelQueueReader.KernelQueue(10, 3, 4, 5),
            new KernelQueueReader.KernelQueue(11, 0, 0, 0),
            new KernelQueueReader.KernelQueue(99, 1, 1, 1));
    volatile boolean enforcing = true;
    volatile List<Integer> missing = List.of();
    volatile Dumps dumps = new Dumps(14, 15);

    public TelemetrySources sources() {
        return new TelemetrySources(
                "1.2.3",
                List.of(queue(10, first), queue(11, second)),
                new TelemetrySources.Table(() -> 21, 100),
                new TelemetrySources.Table(() -> 22, 200),
                new TelemetrySources.Table(() -> 23, 300),
                tables,
                stream -> new FixedHistogram(stream == StreamName.DATA ? 1 : 0),
                stream -> stream.ordinal() * 10L,
                stream -> stream.ordinal() * 10L + 1,
                () -> kernel,
                new TelemetrySources.Config(() -> enforcing, () -> true, () -> 1_700_000_000L, () -> "nothing changed"),
                () -> 6,
                loss -> 50 + loss.ordinal(),
                new TelemetrySources.Program(
                        1_699_999_999_000L,
                        "/etc/amverdict/amverdict.yaml",
                        () -> missing,
                        () -> 13,
                        () -> dumps,
                        queue -> queue == 10 ? 3_000_000_000L : -1));
    }

    private static TelemetrySources.Queue queue(final int number, final EngineCounters counters) {
        return new TelemetrySources.Queue(
                number,
                counters,
                new FixedHistogram(1),
                () -> 7,
                () -> 8,
                () -> 9,
                () -> 10,
                () -> 11,
                () -> 12,
                () -> number == 10,
                4096);
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
