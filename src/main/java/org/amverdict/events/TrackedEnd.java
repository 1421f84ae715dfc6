package org.amverdict.events;

import org.amverdict.amanda.StreamName;

/**
 * The end of a stream whose answers are not queued, as the kernel's connection tracking reports it.
 *
 * @param ends as its {@code open} event has them
 * @param stream the kind of stream
 * @param transaction number of the transaction that announced it, 0 or less if none did
 * @param times from its SYN to its end
 * @param cause as events name it
 * @param counts what the kernel counted
 */
public record TrackedEnd(
        Ends ends, StreamName stream, long transaction, Times times, String cause, StreamCounts counts) {
    /**
     * From the first packet to the last, of {@link System#nanoTime}.
     *
     * @param openedNanos when the SYN was judged
     * @param lastNanos when the stream ended, or when its last packet came
     */
    public record Times(long openedNanos, long lastNanos) {}
}
