package org.amverdict.engine;

import io.netty.buffer.ByteBuf;

/**
 * The packets of one receive as columns of primitives over one slab; nothing is copied. One instance per worker, filled
 * by its {@link PacketSource}, read by its {@link VerdictEngine}; not thread-safe, and only valid until the next fill.
 */
public final class PacketBatch {
    /** The checksum is not computed yet (NFQA_SKB_CSUMNOTREADY): do not verify it. */
    public static final int CHECKSUM_NOT_READY = 1;
    /** From a capture taken on the sending host: a checksum that only covers the pseudo header is right too. */
    public static final int CHECKSUM_MAY_BE_PARTIAL = 2;
    /** The kernel still has to cut it into several packets (NFQA_SKB_GSO): TCP segments, or UDP datagrams. */
    public static final int MERGED = 4;

    private final int[] ids;
    private final int[] offsets;
    private final int[] lengths;
    private final int[] originalLengths;
    private final int[] hooks;
    private final int[] inInterfaces;
    private final int[] outInterfaces;
    private final int[] flags;
    private final int[] marks;
    private ByteBuf slab;
    private int count;

    /**
     * @param capacity most packets in one batch
     * @param slab where the bytes are; {@link #reset} can name another
     */
    public PacketBatch(final int capacity, final ByteBuf slab) {
        this.slab = slab;
        ids = new int[capacity];
        offsets = new int[capacity];
        lengths = new int[capacity];
        originalLengths = new int[capacity];
        hooks = new int[capacity];
        inInterfaces = new int[capacity];
        outInterfaces = new int[capacity];
        flags = new int[capacity];
        marks = new int[capacity];
    }

    /** Empties the batch; the offsets added from now on are absolute indexes into {@code newSlab}. */
    public void reset(final ByteBuf newSlab) {
        slab = newSlab;
        count = 0;
    }

    /**
     * Appends a packet.
     *
     * @param id packet id of the queue, unsigned
     * @param offset absolute index of the IP header in the slab
     * @param length bytes present
     * @param originalLength bytes the packet has on the wire, at least {@code length}
     * @param hook netfilter hook number, or -1 if unknown
     * @param inInterface index of the incoming interface, 0 if none
     * @param outInterface index of the outgoing interface, 0 if none
     * @param packetFlags {@link #CHECKSUM_NOT_READY}, {@link #CHECKSUM_MAY_BE_PARTIAL}, {@link #MERGED}
     * @param mark the packet's mark
     */
    public void add(
            final int id,
            final int offset,
            final int length,
            final int originalLength,
            final int hook,
            final int inInterface,
            final int outInterface,
            final int packetFlags,
            final int mark) {
        final int i = count;
        ids[i] = id;
        offsets[i] = offset;
        lengths[i] = length;
        originalLengths[i] = originalLength;
        hooks[i] = hook;
        inInterfaces[i] = inInterface;
        outInterfaces[i] = outInterface;
        flags[i] = packetFlags;
        marks[i] = mark;
        count = i + 1;
    }

    public ByteBuf slab() {
        return slab;
    }

    public int capacity() {
        return ids.length;
    }

    public int count() {
        return count;
    }

    public int id(final int i) {
        return ids[i];
    }

    public int offset(final int i) {
        return offsets[i];
    }

    public int length(final int i) {
        return lengths[i];
    }

    public int originalLength(final int i) {
        return originalLengths[i];
    }

    public int hook(final int i) {
        return hooks[i];
    }

    public int inInterface(final int i) {
        return inInterfaces[i];
    }

    public int outInterface(final int i) {
        return outInterfaces[i];
    }

    public int flags(final int i) {
        return flags[i];
    }

    public int mark(final int i) {
        return marks[i];
    }
}
