package org.amverdict.nfqueue;

/** Lets tests of other packages put any socket in the place of a queue's. */
public final class DescriptorSocket {
    private DescriptorSocket() {}

    /** Of queue 0; closes the descriptor when it is closed. */
    public static QueueSocket of(final int descriptor) {
        return QueueSocket.ofDescriptor(descriptor);
    }

    /** The same of a netlink socket, set up as a queue's is. */
    public static QueueSocket hearingTheKernelOnly(final int descriptor) {
        final QueueSocket socket = QueueSocket.ofDescriptor(descriptor);
        socket.hearTheKernelOnly();
        return socket;
    }
}
