package org.amverdict.telemetry;

import java.util.List;

/** The kernel's figures for its queues. Called once per scrape, from a thread of the metrics server, one at a time. */
@FunctionalInterface
public interface KernelQueueReader {
    /** Reports no queues. */
    KernelQueueReader NONE = List::of;

    /**
     * The queues that the kernel knows now; those of other programs are left out of the metrics. Empty if the file
     * cannot be read: it is 0440 root:root. Must not throw.
     */
    List<KernelQueue> read();

    /**
     * One line of /proc/net/netfilter/nfnetlink_queue. Source: Linux net/netfilter/nfnetlink_queue.c, seq_show.
     *
     * @param number queue number
     * @param length packets that wait for a verdict
     * @param dropped packets dropped since the queue was bound because it was full
     * @param userDropped packets dropped since the queue was bound because the socket could not take them
     */
    record KernelQueue(int number, long length, long dropped, long userDropped) {}
}
