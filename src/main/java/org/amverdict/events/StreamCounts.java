package org.amverdict.events;

/**
 * What a connection carried, as the engine or the kernel's connection tracking counted it. {@link #NOT_MEASURED} where
 * there is no count: connection tracking without {@code nf_conntrack_acct}. Immutable.
 *
 * @param originalPackets packets to the listener
 * @param originalBytes IP bytes to the listener
 * @param replyPackets packets to the host that connected
 * @param replyBytes IP bytes to the host that connected
 */
public record StreamCounts(long originalPackets, long originalBytes, long replyPackets, long replyBytes) {
    /** A count that is not kept. */
    public static final long NOT_MEASURED = -1;

    /** Nothing is counted. */
    public static final StreamCounts NONE = new StreamCounts(NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED);

    /** Whether all of them are known. */
    public boolean measured() {
        return originalPackets >= 0 && originalBytes >= 0 && replyPackets >= 0 && replyBytes >= 0;
    }
}
