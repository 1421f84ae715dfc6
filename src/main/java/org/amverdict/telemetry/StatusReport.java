package org.amverdict.telemetry;

import java.util.List;
import org.amverdict.history.Dumps;

/**
 * Everything that {@code status --json} and {@code /status.json} say, as it was at about one moment. Made by
 * {@link StatusReports}. Immutable; any thread.
 *
 * @param epochMillis when it was made, milliseconds since 1970
 * @param program what runs
 * @param config the configuration in force
 * @param queues in the order of the configuration
 * @param verdicts what the kernel was told and why, over all queues; pairs that never occurred are left out
 * @param acceptedBytes IP bytes of the packets that the kernel was told to accept
 * @param droppedBytes IP bytes of those it was told to drop
 * @param wouldDrop packets that monitor mode let pass, by the reason why enforce mode would have dropped them
 * @param tables transactions, expectations, flows
 * @param limitsReached limits that kept something out; those that never did are left out
 * @param expectations what became of them
 * @param dumps how many run
 * @param exchanges control datagrams
 * @param losses what reports could not keep up with
 */
public record StatusReport(
        long epochMillis,
        Program program,
        Config config,
        List<Queue> queues,
        List<Verdicts> verdicts,
        long acceptedBytes,
        long droppedBytes,
        List<Count> wouldDrop,
        List<Table> tables,
        List<Limit> limitsReached,
        Expectations expectations,
        Dumps dumps,
        Exchanges exchanges,
        Losses losses) {
    /** Stands for a figure that is not known, such as the kernel's where its file is not readable. */
    public static final long UNKNOWN = -1;

    public StatusReport {
        queues = List.copyOf(queues);
        verdicts = List.copyOf(verdicts);
        wouldDrop = List.copyOf(wouldDrop);
        tables = List.copyOf(tables);
        limitsReached = List.copyOf(limitsReached);
    }

    /** One line of JSON, as status.schema.json says. */
    public String toJson() {
        return StatusJson.write(this);
    }

    /** Packets judged by all queues. */
    public long packets() {
        return verdicts.stream().mapToLong(Verdicts::packets).sum();
    }

    /**
     * What runs.
     *
     * @param ready whether every queue is bound and its worker comes round
     * @param uptimeMillis since the start
     */
    public record Program(
            String version, String java, long pid, boolean ready, long startEpochMillis, long uptimeMillis) {}

    /**
     * The configuration in force.
     *
     * @param enforcing false in monitor mode
     * @param file where it was read
     * @param loadedEpochSeconds when
     * @param lastReloadSuccessful true until a reload fails, and again when one succeeds
     * @param lastReloadMessage what came of the last reload, empty before the first one
     */
    public record Config(
            boolean enforcing,
            String file,
            long loadedEpochSeconds,
            boolean lastReloadSuccessful,
            String lastReloadMessage) {}

    /**
     * One queue.
     *
     * @param number of the queue
     * @param bound whether it is bound and its worker comes round
     * @param length packets that wait for a verdict, or {@link #UNKNOWN}
     * @param kernelDropped packets that the kernel dropped because the queue was full, or {@link #UNKNOWN}
     * @param userDropped packets that the kernel dropped because the socket buffer was full, or {@link #UNKNOWN}
     * @param overruns receives that failed because the socket buffer had overflowed
     * @param idGaps packets that the kernel queued and the socket lost
     * @param uninspected packets that passed without a verdict
     * @param packets judged
     * @param batches they came in
     * @param latencyP50Nanos half of the sampled batches had their verdicts in so long at most, as far as the buckets
     *     tell; {@link #UNKNOWN} if none was sampled; the last bound stands for everything above it
     * @param latencyP99Nanos 99 in 100
     * @param idleNanos since it received something, to about a second; {@link #UNKNOWN} if it never has
     */
    public record Queue(
            int number,
            boolean bound,
            long length,
            long kernelDropped,
            long userDropped,
            long overruns,
            long idGaps,
            long uninspected,
            long packets,
            long batches,
            long latencyP50Nanos,
            long latencyP99Nanos,
            long idleNanos) {
        /** Packets in a batch, 0 if there was none. */
        public double batchMean() {
            return batches == 0 ? 0 : (double) packets / batches;
        }
    }

    /** Packets with this verdict and reason. */
    public record Verdicts(String verdict, String reason, long packets) {}

    /** How often something with this name happened. */
    public record Count(String name, long count) {}

    /** Entries in use of a table, and the most it can hold. */
    public record Table(String name, long entries, long limit) {}

    /**
     * How often a limit was reached.
     *
     * @param table label of the table
     * @param scope {@code requester} or {@code global}
     */
    public record Limit(String table, String scope, long count) {}

    /**
     * What became of the expectations.
     *
     * @param created announced by replies; a repeated reply is not counted again
     * @param restored taken up from before a restart
     * @param rearmed made once more after a refused connection; they are among the created ones
     * @param removed by cause, every cause
     */
    public record Expectations(long created, long restored, long rearmed, List<Count> removed) {
        public Expectations {
            removed = List.copyOf(removed);
        }
    }

    /**
     * Control datagrams.
     *
     * @param messages with a valid header, by type, every type
     * @param repliesRefused replies that opened nothing, by the check they failed; checks that never failed are left out
     */
    public record Exchanges(List<Count> messages, List<Count> repliesRefused) {
        public Exchanges {
            messages = List.copyOf(messages);
            repliesRefused = List.copyOf(repliesRefused);
        }
    }

    /**
     * What reports could not keep up with; the verdicts were given all the same.
     *
     * @param logLines decisions that the human log did not show
     * @param events events that the event log does not have
     */
    public record Losses(long logLines, long events) {}
}
