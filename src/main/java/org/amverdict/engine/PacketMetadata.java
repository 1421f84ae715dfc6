package org.amverdict.engine;

import org.amverdict.track.InterfacePair;

/**
 * What the kernel says about a packet besides its bytes. One per engine, overwritten for every packet; not thread-safe.
 */
final class PacketMetadata {
    private int flags;
    private int mark;
    private int inInterface;
    private int outInterface;

    /** @param matchInterfaces otherwise the interfaces count as unknown */
    void set(final PacketBatch packets, final int i, final boolean matchInterfaces) {
        flags = packets.flags(i);
        mark = packets.mark(i);
        inInterface = matchInterfaces ? packets.inInterface(i) : 0;
        outInterface = matchInterfaces ? packets.outInterface(i) : 0;
    }

    boolean has(final int flag) {
        return (flags & flag) != 0;
    }

    int mark() {
        return mark;
    }

    /** Where the packet came in, 0 if that is unknown or does not matter. */
    int inInterface() {
        return inInterface;
    }

    /** Where the packet will go out, as {@link #inInterface()}. */
    int outInterface() {
        return outInterface;
    }

    /** {@link InterfacePair} of a packet that goes to the responder. */
    long sidesForth() {
        return InterfacePair.of(inInterface, outInterface);
    }

    /** {@link InterfacePair} of a packet that goes to the requester. */
    long sidesBack() {
        return InterfacePair.of(outInterface, inInterface);
    }
}
