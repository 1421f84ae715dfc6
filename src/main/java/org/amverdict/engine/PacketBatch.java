package org.amverdict.engine;

import io.netty.buffer.ByteBuf;

/**
 * The packets of one receive as columns of primitives over one slab, without copying. One instance per worker, filled
 * by its {@link PacketSource}, read by its {@link VerdictEngine}; not thread-safe, and only valid until the next fill.
 */
public final class PacketBatch {
    /** The checksum is not computed yet (NFQA_SKB_CSUMNOTREADY): do not verify it. */
    public static final int CHECKSUM_NOT_READY = 1;
    /** From a capture taken on the sending host: a checksum over the pseudo header alone is right too. */
    public static final int CHECKSUM_MAY_BE_PARTIAL = 2;
    /** The kernel still has to cut it into several packets (NFQA_SKB_GSO): TCP segments, or UDP datagrams. */
    public static final int MERGED = 4;

    /** In place of the number of a netfilter hook. */
    public static final int HOOK_UNKNOWN = -1;

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
     * Appends a packet without bytes, hook, interfaces, flags, and mark; the setters fill in the last one.
     *
     * @param id packet id of the queue, unsigned
     */
    public PacketBatch add(final int id) {
        final int i = count;
        ids[i] = id;
        offsets[i] = 0;
        lengths[i] = 0;
        originalLengths[i] = 0;
        hooks[i] = HOOK_UNKNOWN;
        inInterfaces[i] = 0;
        outInterfaces[i] = 0;
        flags[i] = 0;
        marks[i] = 0;
        count = i + 1;
        return this;
    }

    /**
     * The bytes that are here; as many as on the wire, unless {@link #setOriginalLength} says otherwise.
     *
     * @param offset absolute index of the IP header in the slab
     * @param length how many
     */
    public PacketBatch setBytes(final int offset, final int length) {
        offsets[count - 1] = offset;
        lengths[count - 1] = length;
        originalLengths[count - 1] = length;
        return this;
    }

    /** Bytes of the packet on the wire, at least as many as are in the slab. */
    public PacketBatch setOriginalLength(final int bytes) {
        originalLengths[count - 1] = bytes;
        return this;
    }

    /** Number of the netfilter hook, or {@link #HOOK_UNKNOWN}. */
    public PacketBatch setHook(final int number) {
        hooks[count - 1] = number;
        return this;
    }

    /** Index of the interface it came in through, 0 if none. */
    public PacketBatch setInInterface(final int index) {
        inInterfaces[count - 1] = index;
        return this;
    }

    /** Index of the interface it goes out by, 0 if none. */
    public PacketBatch setOutInterface(final int index) {
        outInterfaces[count - 1] = index;
        return this;
    }

    /** Any of {@link #CHECKSUM_NOT_READY}, {@link #CHECKSUM_MAY_BE_PARTIAL}, and {@link #MERGED}. */
    public PacketBatch setFlags(final int bits) {
        flags[count - 1] = bits;
        return this;
    }

    /** Its mark, 32 bits. */
    public PacketBatch setMark(final int bits) {
        marks[count - 1] = bits;
        return this;
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
