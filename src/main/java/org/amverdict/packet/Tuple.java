package org.amverdict.packet;

/**
 * The two ends of a packet: two addresses, each as two longs like {@link PacketView#sourceHigh}, and two ports. A
 * mutable value, one per use and worker, refilled for each packet, so that none is allocated; not thread-safe. Ports
 * are 0 where a use has none.
 */
public final class Tuple {
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private int sourcePort;
    private int destinationPort;

    /** The packet's own. */
    public Tuple set(final PacketView packet) {
        return set(
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                packet.destinationHigh(),
                packet.destinationLow(),
                packet.destinationPort());
    }

    /** That of the packet that an ICMP error quotes. */
    public Tuple set(final IcmpView error) {
        return set(
                error.quotedSourceHigh(),
                error.quotedSourceLow(),
                error.quotedSourcePort(),
                error.quotedDestinationHigh(),
                error.quotedDestinationLow(),
                error.quotedDestinationPort());
    }

    /** The same as another one. */
    public Tuple set(final Tuple other) {
        return set(
                other.sourceHigh,
                other.sourceLow,
                other.sourcePort,
                other.destinationHigh,
                other.destinationLow,
                other.destinationPort);
    }

    /** That of a packet in the other direction. */
    public Tuple reversedOf(final Tuple other) {
        return set(
                other.destinationHigh,
                other.destinationLow,
                other.destinationPort,
                other.sourceHigh,
                other.sourceLow,
                other.sourcePort);
    }

    /** All six parts. */
    public Tuple set(
            final long fromHigh,
            final long fromLow,
            final int fromPort,
            final long toHigh,
            final long toLow,
            final int toPort) {
        sourceHigh = fromHigh;
        sourceLow = fromLow;
        sourcePort = fromPort;
        destinationHigh = toHigh;
        destinationLow = toLow;
        destinationPort = toPort;
        return this;
    }

    /** The same with another source address. */
    public Tuple source(final long high, final long low) {
        sourceHigh = high;
        sourceLow = low;
        return this;
    }

    /** The same with another destination address. */
    public Tuple destination(final long high, final long low) {
        destinationHigh = high;
        destinationLow = low;
        return this;
    }

    /** The same with another destination port. */
    public Tuple destinationPort(final int port) {
        destinationPort = port;
        return this;
    }

    /** Upper half of the source address. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** Lower half of the source address. */
    public long sourceLow() {
        return sourceLow;
    }

    /** Upper half of the destination address. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** Lower half of the destination address. */
    public long destinationLow() {
        return destinationLow;
    }

    public int sourcePort() {
        return sourcePort;
    }

    public int destinationPort() {
        return destinationPort;
    }

    /** Whether this is the destination address. */
    public boolean isDestination(final long high, final long low) {
        return destinationHigh == high && destinationLow == low;
    }
}
