package org.amverdict.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What one queue's messages were, beyond the packets in them. Written by its worker only, read by any thread. */
public final class QueueCounters {
    private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(long[].class);

    static final int ID_GAPS = 0;
    static final int FOREIGN = 1;
    static final int MALFORMED = 2;
    static final int KERNEL_ERRORS = 3;
    static final int FAILED_BATCHES = 4;
    static final int SENDS_REPEATED = 5;
    private static final int COUNT = 6;

    private final long[] values = new long[COUNT];

    void add(final int counter, final long amount) {
        VALUE.setOpaque(values, counter, values[counter] + amount);
    }

    private long get(final int counter) {
        return (long) VALUE.getOpaque(values, counter);
    }

    /**
     * Packet ids that never came: the receive buffer was full. A later packet reveals them. The kernel has
     * dropped these packets, or let them pass if the queue fails open.
     */
    public long idGaps() {
        return get(ID_GAPS);
    }

    /** Datagrams that did not come from the kernel; ignored. */
    public long foreignDatagrams() {
        return get(FOREIGN);
    }

    /**
     * Messages that are not well-formed packets. Their packets are dropped: at once if the id can be read, else before the
     * next packet is answered.
     */
    public long malformedMessages() {
        return get(MALFORMED);
    }

    /** Errors the kernel sent, such as ENOENT for a verdict on a packet after its interface went down. */
    public long kernelErrors() {
        return get(KERNEL_ERRORS);
    }

    /** Batches dropped because the engine failed as a whole, and rounds of housekeeping in which it failed. */
    public long failedBatches() {
        return get(FAILED_BATCHES);
    }

    /** Sends of verdicts that the kernel did not take at once and that were repeated later; no verdict is lost. */
    public long repeatedSends() {
        return get(SENDS_REPEATED);
    }
}
