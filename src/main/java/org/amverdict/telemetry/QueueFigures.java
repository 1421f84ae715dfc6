package org.amverdict.telemetry;

import java.math.BigDecimal;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The part of the catalogue about each queue. */
final class QueueFigures {
    private static final int NANO_DIGITS = 9;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Figures figures;
    private final TelemetrySources sources;
    private final Label<TelemetrySources.Queue> queue;

    /** @param figures gets them */
    QueueFigures(final Figures figures, final TelemetrySources sources, final Label<TelemetrySources.Queue> queue) {
        this.figures = figures;
        this.sources = sources;
        this.queue = queue;
    }

    void declare() {
        figures.gauge("amverdict_queue_ready", "1 while the queue is bound and its worker is alive.")
                .by(queue)
                .is(at -> at.get(queue).socket().ready().getAsBoolean() ? 1 : 0);
        figures.add(Figure.shown(
                        at -> !at.reading().missing().contains(at.get(queue).number())))
                .by(queue)
                .status("queues[queue].bound");
        figures.gauge("amverdict_queue_length", "Packets waiting in the kernel's queue for a verdict.")
                .by(queue)
                .is(at -> kernel(at, KernelQueueReader.KernelQueue::length))
                .status("queues[queue].length");
        figures.gauge("amverdict_queue_length_limit", "Maximum number of packets that the kernel holds in this queue.")
                .by(queue)
                .is(at -> at.get(queue).socket().lengthLimit());
        figures.counter("amverdict_queue_dropped_total", "Packets that the kernel dropped because its queue was full.")
                .by(queue)
                .is(at -> kernel(at, KernelQueueReader.KernelQueue::dropped))
                .status("queues[queue].kernel_dropped");
        figures.counter(
                        "amverdict_queue_user_dropped_total",
                        "Packets that the kernel dropped because the socket buffer was full.")
                .by(queue)
                .is(at -> kernel(at, KernelQueueReader.KernelQueue::userDropped))
                .status("queues[queue].user_dropped");
        figures.counter(
                        "amverdict_netlink_overruns_total",
                        "Receives that failed because the socket buffer had overflowed (ENOBUFS).")
                .by(queue)
                .is(at -> at.get(queue).socket().overruns().getAsLong())
                .status("queues[queue].overruns");
        figures.counter(
                        "amverdict_packet_id_gaps_total",
                        "Packet IDs that never arrived because the socket buffer was full. The kernel dropped these"
                                + " packets or let them pass.")
                .by(queue)
                .is(at -> at.get(queue).messages().idGaps())
                .status("queues[queue].id_gaps");
        figures.counter(
                        "amverdict_uninspected_packets_total",
                        "Packets that the kernel let pass without a verdict because the socket buffer was full.")
                .by(queue)
                .is(at -> at.get(queue).socket().uninspectedPackets().getAsLong())
                .status("queues[queue].uninspected");
        figures.counter(
                        "amverdict_netlink_malformed_total",
                        "Malformed messages from the kernel. The packet is dropped, at once or before the next one is"
                                + " answered.")
                .by(queue)
                .is(at -> at.get(queue).messages().malformedMessages());
        figures.counter(
                        "amverdict_netlink_foreign_total",
                        "Datagrams that other processes sent to the queue's socket before it was connected to the"
                                + " kernel; ignored.")
                .by(queue)
                .is(at -> at.get(queue).messages().foreignDatagrams())
                .status("queues[queue].foreign");
        figures.counter(
                        "amverdict_netlink_errors_total",
                        "Errors that the kernel reported, such as a verdict on a packet that is gone.")
                .by(queue)
                .is(at -> at.get(queue).messages().kernelErrors());
        figures.counter(
                        "amverdict_verdict_sends_repeated_total",
                        "Sends of verdicts that the kernel had no memory for and that were repeated later. No verdict is"
                                + " lost.")
                .by(queue)
                .is(at -> at.get(queue).messages().repeatedSends());
        figures.counter(
                        "amverdict_batches_failed_total",
                        "Batches that were dropped, or housekeeping rounds that were abandoned, because the engine"
                                + " failed. Always 0 in a correct program.")
                .by(queue)
                .is(at -> at.get(queue).messages().failedBatches());
        declareBatches();
    }

    private void declareBatches() {
        figures.add(Figure.of(
                        Figure.Kind.SUMMARY,
                        "amverdict_batch_packets",
                        "Packets received and judged together; sum divided by count is the mean batch."))
                .by(queue)
                .is(at -> at.get(queue).counters().batches())
                .sum(at -> at.get(queue).packets());
        figures.add(Figure.shown(at -> at.get(queue).packets())).by(queue).status("queues[queue].packets");
        figures.add(Figure.shown(at -> at.get(queue).counters().batches()))
                .by(queue)
                .status("queues[queue].batches");
        figures.add(Figure.shown(at -> at.get(queue).batchMean())).by(queue).status("queues[queue].batch_mean");
        figures.add(Figure.of(
                        Figure.Kind.HISTOGRAM,
                        "amverdict_verdict_latency_seconds",
                        "Time from receiving a batch to sending its verdicts, for a sample of the batches."))
                .by(queue)
                .histogram(at -> at.get(queue).verdictLatency());
        figures.add(Figure.shown(at -> seconds(at.get(queue).verdictLatency().quantile(0.5))))
                .by(queue)
                .status("queues[queue].latency_p50_seconds");
        figures.add(Figure.shown(at -> seconds(at.get(queue).verdictLatency().quantile(0.99))))
                .by(queue)
                .status("queues[queue].latency_p99_seconds");
        figures.add(Figure.shown(at -> idle(at.get(queue)))).by(queue).status("queues[queue].idle_seconds");
    }

    private long kernel(final Series at, final ToLongFunction<KernelQueueReader.KernelQueue> number) {
        final KernelQueueReader.KernelQueue seen =
                at.reading().kernel(at.get(queue).number());
        return seen == null ? Figure.UNKNOWN : number.applyAsLong(seen);
    }

    private @Nullable BigDecimal idle(final TelemetrySources.Queue queue) {
        final long nanos = sources.reports().idleNanos().applyAsLong(queue.number());
        return seconds(nanos == Figure.UNKNOWN ? nanos : nanos / NANOS_PER_MILLI * NANOS_PER_MILLI);
    }

    private static @Nullable BigDecimal seconds(final long nanos) {
        return nanos == Figure.UNKNOWN
                ? null
                : BigDecimal.valueOf(nanos, NANO_DIGITS).stripTrailingZeros();
    }
}
