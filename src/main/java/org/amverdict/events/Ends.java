package org.amverdict.events;

import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;

/**
 * Source and destination of a packet, or of the first packet of a connection; a key. Immutable.
 *
 * @param sourcePort 0 if it has none
 * @param destinationPort 0 if it has none
 */
public record Ends(IpAddress source, int sourcePort, IpAddress destination, int destinationPort) {
    /** The ends of a packet. */
    public static Ends of(final PacketView packet) {
        return new Ends(
                new IpAddress(packet.sourceHigh(), packet.sourceLow()),
                packet.sourcePort(),
                new IpAddress(packet.destinationHigh(), packet.destinationLow()),
                packet.destinationPort());
    }

    /** The ends of a tuple. */
    public static Ends of(final Tuple tuple) {
        return new Ends(
                new IpAddress(tuple.sourceHigh(), tuple.sourceLow()),
                tuple.sourcePort(),
                new IpAddress(tuple.destinationHigh(), tuple.destinationLow()),
                tuple.destinationPort());
    }

    /** A tuple to look up with. */
    public Tuple tuple() {
        return new Tuple()
                .set(source.high(), source.low(), sourcePort, destination.high(), destination.low(), destinationPort);
    }

    /** The ends of a packet in the other direction. */
    public Ends reversed() {
        return new Ends(destination, destinationPort, source, sourcePort);
    }
}
