package org.amverdict.history;

/**
 * Packets of one kind that were dropped, or would have been in monitor mode: same addresses, ports and reason. Immutable;
 * any thread.
 *
 * @param lastEpochNanos when the last of them was judged, nanoseconds since 1970
 * @param source address as text
 * @param sourcePort 0 if it has none
 * @param destination address as text
 * @param destinationPort 0 if it has none
 * @param protocol TCP, UDP, ICMP or a number
 * @param verdict the verdict that the kernel got: drop, or continue in monitor mode
 * @param reason label of the reason
 * @param cause label of the real cause, {@code none} where the reason says it all
 * @param count the number of packets
 * @param explanation one sentence: why, and what to look at, as of the time when the last of them was judged
 */
public record RecentDrop(
        long lastEpochNanos,
        String source,
        int sourcePort,
        String destination,
        int destinationPort,
        String protocol,
        String verdict,
        String reason,
        String cause,
        long count,
        String explanation) {}
