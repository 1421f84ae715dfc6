package org.amverdict.track;

import org.amverdict.packet.PacketView;

/**
 * Which datagram a fragment belongs to, and which part it is. A mutable value, one per worker, refilled for each
 * fragment.
 */
public final class Fragment {
    int protocol;
    int identification;
    int start;
    int end;

    /** What the packet is. */
    public Fragment set(final PacketView packet) {
        protocol = packet.fragmentProtocol();
        identification = packet.fragmentIdentification();
        start = packet.fragmentOffsetBytes();
        end = packet.fragmentEndBytes();
        return this;
    }

    /** What tells the datagrams between two hosts apart. */
    long datagram() {
        return (long) protocol << Integer.SIZE | Integer.toUnsignedLong(identification);
    }
}
