package org.amverdict.telemetry;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventLoss;
import org.amverdict.history.Dumps;
import org.amverdict.track.TableCounters;

/**
 * Everything that the metrics read, made once by the command that wires the program together. Every supplier is called
 * at each scrape, from a thread of the metrics server, so it must be cheap, safe against the writing thread and must not
 * throw.
 *
 * @param version of the program
 * @param queues one for each queue worker; the queue numbers differ
 * @param transactions the table of transactions
 * @param expectations the table of expectations
 * @param flows the table of flows
 * @param tableCounters what happened in the tables
 * @param expectationWait from announcement to the SYN that took the expectation, by stream
 * @param originalBytes IP bytes towards the announced port, by stream
 * @param replyBytes IP bytes from the announced port, by stream
 * @param kernelQueues reads /proc/net/netfilter/nfnetlink_queue
 * @param config state of the configuration
 * @param logEventsLost lines that the human log could not keep up with
 * @param eventsLost events that were lost, by where
 * @param program what runs
 */
public record TelemetrySources(
        String version,
        List<Queue> queues,
        Table transactions,
        Table expectations,
        Table flows,
        TableCounters tableCounters,
        Function<StreamName, HistogramSource> expectationWait,
        ToLongFunction<StreamName> originalBytes,
        ToLongFunction<StreamName> replyBytes,
        KernelQueueReader kernelQueues,
        Config config,
        LongSupplier logEventsLost,
        ToLongFunction<EventLoss> eventsLost,
        Program program) {
    public TelemetrySources {
        queues = List.copyOf(queues);
        if (queues.stream().mapToInt(Queue::number).distinct().count() != queues.size()) {
            throw new IllegalArgumentException("two workers have the same queue: " + queues);
        }
    }

    /** A figure of all engines. */
    long sum(final ToLongFunction<EngineCounters> figure) {
        long sum = 0;
        for (final Queue queue : queues) {
            sum += figure.applyAsLong(queue.counters());
        }
        return sum;
    }

    /**
     * One queue worker.
     *
     * @param number queue number
     * @param counters of its engine
     * @param verdictLatency from receive to the verdict's send, of sampled batches
     * @param netlinkOverruns receives that failed with ENOBUFS
     * @param packetIdGaps packet ids that never arrived
     * @param uninspectedPackets packets that passed without a verdict, see {@link UninspectedPackets}
     * @param malformedMessages netlink messages that are no well-formed packets
     * @param kernelErrors errors that the kernel answered
     * @param failedBatches batches on which the engine failed as a whole
     * @param ready whether the queue is bound and its worker comes round
     * @param lengthLimit packets that the kernel was told to hold at most
     */
    public record Queue(
            int number,
            EngineCounters counters,
            HistogramSource verdictLatency,
            LongSupplier netlinkOverruns,
            LongSupplier packetIdGaps,
            LongSupplier uninspectedPackets,
            LongSupplier malformedMessages,
            LongSupplier kernelErrors,
            LongSupplier failedBatches,
            BooleanSupplier ready,
            long lengthLimit) {
        /** Packets that its engine has judged. */
        long packets() {
            long packets = 0;
            for (final Verdict verdict : Verdict.values()) {
                for (final Reason reason : Reason.values()) {
                    packets += counters.packets(verdict, reason);
                }
            }
            return packets;
        }
    }

    /**
     * One table.
     *
     * @param size entries in use
     * @param limit most entries that it can hold
     */
    public record Table(LongSupplier size, long limit) {}

    /**
     * State of the configuration.
     *
     * @param enforcing false in monitor mode
     * @param lastReloadSuccessful true until a reload fails, and again when one succeeds
     * @param lastReloadEpochSeconds when the configuration in force was loaded
     * @param lastReloadMessage what came of the last reload, one line; empty before the first one
     */
    public record Config(
            BooleanSupplier enforcing,
            BooleanSupplier lastReloadSuccessful,
            LongSupplier lastReloadEpochSeconds,
            Supplier<String> lastReloadMessage) {}

    /**
     * What runs.
     *
     * @param startEpochMillis when it was started, milliseconds since 1970
     * @param configFile the configuration it reads
     * @param missingQueues the configured queues that are not bound, or whose worker is stuck, at this moment
     * @param eventsLost events that the event log could not keep up with
     * @param dumps how many dumps run
     * @param idleNanos how long the queue with that number has received nothing, {@link StatusReport#UNKNOWN} if it never
     *     has
     */
    public record Program(
            long startEpochMillis,
            String configFile,
            Supplier<List<Integer>> missingQueues,
            LongSupplier eventsLost,
            Supplier<Dumps> dumps,
            IntToLongFunction idleNanos) {}
}
