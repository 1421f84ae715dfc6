package org.amverdict.events;

import org.amverdict.amanda.StreamName;

/**
 * The end of a stream as the kernel's connection tracking tells it, for one whose answers are not queued. Its ends are
 * those of its {@code open} event.
 *
 * @param transaction number of the one that announced it, 0 or less if none did
 * @param openedNanos when its SYN was judged, of {@link System#nanoTime}
 * @param lastNanos when it ended, or was last heard of
 * @param cause as events name it
 * @param counts what the kernel counted
 */
public record TrackedEnd(
        long sourceHigh,
        long sourceLow,
        int sourcePort,
        long destinationHigh,
        long destinationLow,
        int destinationPort,
        StreamName stream,
        long transaction,
        long openedNanos,
        long lastNanos,
        String cause,
        Counts counts) {
    /** Packets and IP bytes, {@link TrackedConnection#NOT_MEASURED} where the kernel counts none. */
    public record Counts(long originalPackets, long originalBytes, long replyPackets, long replyBytes) {
        public static final Counts NONE = new Counts(
                TrackedConnection.NOT_MEASURED,
                TrackedConnection.NOT_MEASURED,
                TrackedConnection.NOT_MEASURED,
                TrackedConnection.NOT_MEASURED);

        public static Counts of(final TrackedConnection connection) {
            return new Counts(
                    connection.originalPackets(),
                    connection.originalBytes(),
                    connection.replyPackets(),
                    connection.replyBytes());
        }

        public boolean measured() {
            return originalPackets >= 0 && originalBytes >= 0 && replyPackets >= 0 && replyBytes >= 0;
        }
    }
}
