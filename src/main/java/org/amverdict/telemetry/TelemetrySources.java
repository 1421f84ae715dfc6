package org.amverdict.telemetry;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventLoss;
import org.amverdict.history.Dumps;
import org.amverdict.incidents.Incidents;
import org.amverdict.track.LineHits;
import org.amverdict.track.TableCounters;
import org.amverdict.worker.QueueCounters;
import org.jspecify.annotations.Nullable;

/**
 * Everything that {@link Figures} reads, made once by the command that wires the program together. Every supplier is called
 * at each scrape, from a thread of the status server, so it must be cheap, safe against the writing thread and must not
 * throw.
 *
 * @param program what runs
 * @param queues one for each queue worker; the queue numbers differ
 * @param tables their sizes and counters
 * @param reports the outcome of events
 * @param incidents what seldom happens
 * @param kernelQueues reads /proc/net/netfilter/nfnetlink_queue
 */
public record TelemetrySources(
        Program program,
        List<Queue> queues,
        Tables tables,
        Reports reports,
        Incidents incidents,
        KernelQueueReader kernelQueues) {
    public TelemetrySources {
        queues = List.copyOf(queues);
        if (queues.stream().mapToInt(Queue::number).distinct().count() != queues.size()) {
            throw new IllegalArgumentException("two workers have the same queue: " + queues);
        }
    }

    /** That counter, over all queues. */
    long sum(final ToLongFunction<Queue> counter) {
        return queues.stream().mapToLong(counter).sum();
    }

    /**
     * What runs.
     *
     * @param version of the program
     * @param startEpochMillis when it was started, milliseconds since 1970
     * @param missingQueues the configured queues that are not bound, or whose worker is stuck, at this moment
     * @param config state of the configuration
     * @param rules the firewall's rules that lead to the queues
     */
    public record Program(
            String version, long startEpochMillis, Supplier<List<Integer>> missingQueues, Config config, Rules rules) {}

    /**
     * The firewall's rules that lead to the queues.
     *
     * @param seen what was seen of them last
     * @param restored how often the program has put them back
     */
    public record Rules(Supplier<SeenRules> seen, LongSupplier restored) {}

    /**
     * What was seen of the firewall's rules.
     *
     * @param standing in-place, not-first, incomplete, gone, unknown or off
     * @param inPlace null if that is not known
     * @param message what differs, or why nothing was seen; may be empty
     */
    public record SeenRules(String standing, @Nullable Boolean inPlace, String message) {}

    /**
     * State of the configuration.
     *
     * @param file that was read
     * @param enforcing false in monitor mode
     * @param lastReloadSuccessful true until a reload fails, and again when one succeeds
     * @param lastReloadEpochSeconds when the configuration in force was loaded
     * @param lastReloadMessage the outcome of the last reload, one line; empty before the first one
     */
    public record Config(
            String file,
            BooleanSupplier enforcing,
            BooleanSupplier lastReloadSuccessful,
            LongSupplier lastReloadEpochSeconds,
            Supplier<String> lastReloadMessage) {}

    /**
     * One queue worker.
     *
     * @param number queue number
     * @param counters of its engine
     * @param messages of its worker
     * @param verdictLatency from receiving the packet to sending the verdict, for sampled batches
     * @param socket the figures of its socket
     */
    public record Queue(
            int number,
            EngineCounters counters,
            QueueCounters messages,
            HistogramSource verdictLatency,
            QueueSocket socket) {
        /** Packets judged. */
        long packets() {
            long total = 0;
            for (final Verdict verdict : Verdict.values()) {
                total += counters.packets(verdict);
            }
            return total;
        }

        /** Packets in a batch, 0 if there was none; with two decimals. */
        BigDecimal batchMean() {
            final long batches = counters.batches();
            final double mean = batches == 0 ? 0 : (double) packets() / batches;
            return BigDecimal.valueOf(mean).setScale(2, RoundingMode.HALF_UP);
        }
    }

    /**
     * The socket of a queue.
     *
     * @param overruns receives that failed with ENOBUFS
     * @param uninspectedPackets packets that passed without a verdict, see {@link UninspectedPackets}
     * @param ready whether the queue is bound and its worker is alive
     * @param lengthLimit packets that the kernel was told to hold at most
     */
    public record QueueSocket(
            LongSupplier overruns, LongSupplier uninspectedPackets, BooleanSupplier ready, long lengthLimit) {}

    /**
     * The tables that all workers share.
     *
     * @param counters of their events
     * @param lines what each line of the configuration let in
     */
    public record Tables(Table transactions, Table expectations, Table flows, TableCounters counters, LineHits lines) {}

    /**
     * One table.
     *
     * @param size entries in use
     * @param limit most entries that it can hold
     */
    public record Table(LongSupplier size, long limit) {}

    /**
     * The outcome of events.
     *
     * @param logEventsLost lines that the human log could not keep up with
     * @param eventsLost events that were lost, by place
     * @param sessionsForgotten sessions that were forgotten to make room for newer ones
     * @param dumps how many dumps are running
     * @param idleNanos how long the queue with that number has been idle, {@link Figure#UNKNOWN} if it was never busy
     */
    public record Reports(
            LongSupplier logEventsLost,
            ToLongFunction<EventLoss> eventsLost,
            LongSupplier sessionsForgotten,
            Supplier<Dumps> dumps,
            IntToLongFunction idleNanos) {
        /** Events that were lost anywhere. */
        long allEventsLost() {
            long lost = 0;
            for (final EventLoss loss : EventLoss.values()) {
                lost += eventsLost.applyAsLong(loss);
            }
            return lost;
        }
    }
}
