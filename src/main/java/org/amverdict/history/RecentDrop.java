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
 * @param verdict what the kernel was told: drop, or accept in monitor mode
 * @param reason label of the reason
 * @param cause label of what really stood in the way, {@code none} where the reason says all
 * @param count how many
 * @param explanation one sentence: why, and what to look at, as it was when the last of them was judged
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
