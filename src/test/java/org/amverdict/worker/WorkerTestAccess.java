package org.amverdict.worker;

/** Lets tests of other packages write what only a worker writes. */
public final class WorkerTestAccess {
    private WorkerTestAccess() {}

    /** Counters with these figures. */
    public static QueueCounters counters(
            final long idGaps,
            final long foreign,
            final long malformed,
            final long kernelErrors,
            final long failedBatches) {
        final QueueCounters counters = new QueueCounters();
        counters.add(QueueCounters.ID_GAPS, idGaps);
        counters.add(QueueCounters.FOREIGN, foreign);
        counters.add(QueueCounters.MALFORMED, malformed);
        counters.add(QueueCounters.KERNEL_ERRORS, kernelErrors);
        counters.add(QueueCounters.FAILED_BATCHES, failedBatches);
        return counters;
    }
}
