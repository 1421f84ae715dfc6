package org.amverdict.telemetry;

import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.engine.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Packets of one kind that were dropped, as {@link RecentDrops} folds them. Immutable but for its count and time, which
 * the lock of {@link RecentDrops} guards.
 */
final class Drop {
    final long sourceHigh;
    final long sourceLow;
    final int sourcePort;
    final long destinationHigh;
    final long destinationLow;
    final int destinationPort;
    final int protocol;
    final Reason reason;
    final Refusal refusal;
    final @Nullable Service service;
    final int decodeStatus;
    final int nearestPort;
    long count;
    long lastNanos;

    Drop(final EngineEvent event) {
        sourceHigh = event.sourceHigh();
        sourceLow = event.sourceLow();
        sourcePort = event.sourcePort();
        destinationHigh = event.destinationHigh();
        destinationLow = event.destinationLow();
        destinationPort = event.destinationPort();
        protocol = event.protocol();
        reason = event.reason();
        refusal = event.refusal();
        service = event.service();
        decodeStatus = event.decodeStatus();
        nearestPort = event.nearestPort();
    }

    /** With another one's count and time. */
    Drop(final Drop other) {
        sourceHigh = other.sourceHigh;
        sourceLow = other.sourceLow;
        sourcePort = other.sourcePort;
        destinationHigh = other.destinationHigh;
        destinationLow = other.destinationLow;
        destinationPort = other.destinationPort;
        protocol = other.protocol;
        reason = other.reason;
        refusal = other.refusal;
        service = other.service;
        decodeStatus = other.decodeStatus;
        nearestPort = other.nearestPort;
        count = other.count;
        lastNanos = other.lastNanos;
    }

    String source() {
        return EventFields.address(sourceHigh, sourceLow);
    }

    String destination() {
        return EventFields.address(destinationHigh, destinationLow);
    }
}
