package org.amverdict.events;

import org.amverdict.packet.PacketView;

/**
 * Source and destination of a packet, or of the first packet of a connection; a key. Immutable.
 *
 * @param sourceHigh upper half of an address, IPv4 as ::ffff:a.b.c.d
 * @param sourcePort 0 if it has none
 */
public record Ends(
        long sourceHigh,
        long sourceLow,
        int sourcePort,
        long destinationHigh,
        long destinationLow,
        int destinationPort) {
    /** Those of a packet. */
    public static Ends of(final PacketView packet) {
        return new Ends(
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                packet.destinationHigh(),
                packet.destinationLow(),
                packet.destinationPort());
    }

    /** Those of the packet, or of the connection that ended. */
    public static Ends of(final EventRecord event) {
        return new Ends(
                event.sourceHigh(),
                event.sourceLow(),
                event.sourcePort(),
                event.destinationHigh(),
                event.destinationLow(),
                event.destinationPort());
    }

    /** Those of a packet in the other direction. */
    public Ends reversed() {
        return new Ends(
                /* sourceHigh= */ destinationHigh,
                /* sourceLow= */ destinationLow,
                destinationPort,
                /* destinationHigh= */ sourceHigh,
                /* destinationLow= */ sourceLow,
                sourcePort);
    }
}
