package org.amverdict.nfqueue;

import io.netty.buffer.ByteBuf;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.PacketMessageHeader;
import org.amverdict.nfqueue.netlink.PacketMessageWriter;

/**
 * A queue with no kernel behind it: {@link #queue()} is read and answered like any other, and gets what {@link
 * #deliver} sends. Two connected AF_UNIX sockets of a type that keeps message boundaries; needs no privilege. One
 * thread.
 */
public final class LoopbackQueue implements AutoCloseable {
    /** Number of the queue. */
    public static final int NUMBER = 0;

    /** Longest packet. */
    public static final int PACKET_MAX_BYTES = 2048;

    private static final int ANSWERS = 16;

    private final QueueSocket queue;
    private final QueueSocket kernel;
    private final NativeMemory message = new NativeMemory(PACKET_MAX_BYTES + PacketMessageWriter.OVERHEAD_BYTES);
    private final ReceiveBatch answers = new ReceiveBatch(ANSWERS, 1);

    private LoopbackQueue(final int queueEnd, final int kernelEnd) {
        queue = QueueSocket.ofDescriptor(queueEnd);
        kernel = QueueSocket.ofDescriptor(kernelEnd);
    }

    /** Opens it. */
    public static LoopbackQueue open() {
        final NativeMemory ends = new NativeMemory(2 * Integer.BYTES);
        final int result = NativeLibraries.libC()
                .socketpair(CLayout.AF_UNIX, CLayout.SOCK_SEQPACKET | CLayout.SOCK_CLOEXEC, 0, ends.address());
        ends.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("make a pair of sockets", "");
        }
        return new LoopbackQueue(ends.bytes().getIntLE(0), ends.bytes().getIntLE(Integer.BYTES));
    }

    /** The end that a worker reads and answers. */
    public QueueSocket queue() {
        return queue;
    }

    /**
     * Puts a packet into the queue, as the kernel would. Only a few dozen may wait.
     *
     * @param packetLength bytes, at most {@link #PACKET_MAX_BYTES}
     * @throws org.amverdict.nfqueue.ffi.NativeException if it cannot be sent
     */
    public void deliver(
            final PacketMessageHeader header, final ByteBuf packet, final int packetOffset, final int packetLength) {
        final int length =
                PacketMessageWriter.write(message.bytes(), NUMBER, header, packet, packetOffset, packetLength);
        kernel.send(message.address(), length);
        message.keepReachable();
    }

    /** Discards the worker's answers. */
    public void discardAnswers() {
        while (kernel.receive(answers, 0) == ANSWERS) {
            // there may be more
        }
    }

    @Override
    public void close() {
        queue.close();
        kernel.close();
    }
}
