package org.amverdict.nfqueue;

import io.netty.buffer.ByteBuf;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.NativeMemory;

/**
 * The datagrams of one receive, in one slab outside the heap that is laid out once. {@link QueueSocket#receive} fills
 * it and overwrites the old contents. One thread.
 */
public final class ReceiveBatch {
    private final int slots;
    private final int slotBytes;
    private final NativeMemory slab;
    private final NativeMemory table;
    private final ByteBuf entries;
    private int count;

    /**
     * @param slots datagrams in one receive at most, 1 to {@link QueueSettings#BATCH_SLOTS_MAX}
     * @param slotBytes bytes for each; a longer datagram is cut, see {@link #truncated}
     */
    public ReceiveBatch(final int slots, final int slotBytes) {
        if (slots < 1 || slots > QueueSettings.BATCH_SLOTS_MAX || slotBytes < 1) {
            throw new IllegalArgumentException("slots is " + slots + ", want 1 to " + QueueSettings.BATCH_SLOTS_MAX
                    + "; slotBytes is " + slotBytes + ", want at least 1");
        }
        this.slots = slots;
        this.slotBytes = slotBytes;
        slab = new NativeMemory(Math.multiplyExact(slots, slotBytes));
        // One block: struct mmsghdr[slots], struct iovec[slots]. No room for the sender's address, which costs time for
        // each datagram (decision 017) and is known, see QueueSocket.hearTheKernelOnly.
        final int vectors = slots * CLayout.MMSGHDR_SIZE;
        table = new NativeMemory(vectors + slots * CLayout.IOVEC_SIZE);
        entries = table.bytes();
        for (int i = 0; i < slots; i++) {
            final int header = i * CLayout.MMSGHDR_SIZE;
            final int vector = vectors + i * CLayout.IOVEC_SIZE;
            entries.setLongLE(vector + CLayout.IOVEC_BASE, slab.address() + (long) i * slotBytes);
            entries.setLongLE(vector + CLayout.IOVEC_LEN, slotBytes);
            entries.setLongLE(header + CLayout.MSGHDR_IOV, table.address() + vector);
            entries.setLongLE(header + CLayout.MSGHDR_IOVLEN, 1);
        }
    }

    /** A batch with the sizes of the settings. */
    public static ReceiveBatch of(final QueueSettings settings) {
        return new ReceiveBatch(settings.batchSlots(), settings.slotBytes());
    }

    /** Datagrams received. */
    public int count() {
        return count;
    }

    /** Datagrams that fit. */
    public int capacity() {
        return slots;
    }

    /** The bytes of all datagrams. */
    public ByteBuf slab() {
        return slab.bytes();
    }

    /** Absolute index in the slab of datagram {@code i}. */
    public int offset(final int i) {
        return i * slotBytes;
    }

    /** Bytes of datagram {@code i} in the slab, never more than a slot. */
    public int length(final int i) {
        return entries.getIntLE(i * CLayout.MMSGHDR_SIZE + CLayout.MMSGHDR_MSG_LEN);
    }

    /** Whether datagram {@code i} was longer than a slot and lost its end. */
    public boolean truncated(final int i) {
        final int flags = entries.getIntLE(i * CLayout.MMSGHDR_SIZE + CLayout.MSGHDR_FLAGS);
        return (flags & CLayout.MSG_TRUNC) != 0;
    }

    long headersAddress() {
        return table.address();
    }

    void received(final int datagrams) {
        count = datagrams;
        table.keepReachable();
        slab.keepReachable();
    }
}
