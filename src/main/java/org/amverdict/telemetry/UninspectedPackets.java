package org.amverdict.telemetry;

import java.util.function.LongSupplier;

/**
 * How many packets of one queue the kernel let pass without asking: ids that were assigned and never arrived, less the
 * packets that the kernel reports as dropped (user_dropped). A queue that fails open is long enough that every such
 * packet gets an id ({@link org.amverdict.nfqueue.QueueSettings#kernelLength}), so the figure is exact once a later
 * packet has come.
 *
 * <p>It cannot count packets that never reached the queue: those that a rule's {@code --queue-bypass} passes while
 * nothing is bound, and those that a queue which fails open passes while the program stops.
 *
 * <p>Any thread may ask.
 */
public final class UninspectedPackets implements LongSupplier {
    private static final long NOT_REPORTED = -1;

    private final int queue;
    private final boolean failOpen;
    private final LongSupplier idGaps;
    private final KernelQueueReader kernel;
    /** The kernel counts from when the queue was bound, which a process before this one may have done. */
    private final long droppedBefore;

    private long most;

    /**
     * @param queue its number
     * @param failOpen whether the kernel was told to let packets pass when it cannot deliver them
     * @param idGaps packet ids that never came
     * @param kernel the drops that the kernel reports; without a report, {@code failOpen} alone decides
     */
    public UninspectedPackets(
            final int queue, final boolean failOpen, final LongSupplier idGaps, final KernelQueueReader kernel) {
        this.queue = queue;
        this.failOpen = failOpen;
        this.idGaps = idGaps;
        this.kernel = kernel;
        droppedBefore = userDropped(0);
    }

    @Override
    public synchronized long getAsLong() {
        // In this order: the kernel has already counted a gap seen here, if it counts it at all.
        final long gaps = idGaps.getAsLong();
        most = Math.max(most, gaps - dropped(gaps));
        return most;
    }

    private long dropped(final long gaps) {
        final long total = userDropped(NOT_REPORTED);
        if (total != NOT_REPORTED) {
            return total - droppedBefore;
        }
        return failOpen ? 0 : gaps;
    }

    private long userDropped(final long otherwise) {
        for (final KernelQueueReader.KernelQueue each : kernel.read()) {
            if (each.number() == queue) {
                return each.userDropped();
            }
        }
        return otherwise;
    }
}
