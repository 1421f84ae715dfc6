package org.amverdict.suggest;

import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;

/**
 * Which host asked, or connected to, which other one. Immutable.
 *
 * @param source the host that sent
 * @param destination the host that it sent to
 */
record HostPair(IpAddress source, IpAddress destination) {
    HostPair reversed() {
        return new HostPair(destination, source);
    }

    /** As the policy looks it up. */
    Tuple tuple(final int sourcePort, final int destinationPort) {
        return new Tuple()
                .set(source.high(), source.low(), sourcePort, destination.high(), destination.low(), destinationPort);
    }
}
