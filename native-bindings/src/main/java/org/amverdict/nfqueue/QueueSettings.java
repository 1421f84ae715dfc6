package org.amverdict.nfqueue;

import org.amverdict.nfqueue.netlink.NfqueueProtocol;

/**
 * How a queue is opened. Immutable. Made by a {@link Builder}, which derives missing values at the end, so the order of
 * its calls does not matter; every error names the value and its limits.
 */
public final class QueueSettings {
    public static final int QUEUE_MAX = 65_535;
    /** The most the kernel copies: 65,531 bytes. */
    public static final int COPY_WHOLE_PACKET = NfqueueProtocol.COPY_RANGE_MAX;
    /** Our own limit: a million held packets are more than two gigabytes of kernel memory. */
    public static final int MAX_LENGTH_MAX = 1 << 20;
    /** Our own limit: more than 256 gains nothing, and 1024 verdicts still fit the default send buffer. */
    public static final int BATCH_SLOTS_MAX = 1024;

    // Netlink header and every attribute the kernel adds before the payload; 76 bytes were seen besides the payload,
    // and
    // bridged packets bring a link-layer header and a VLAN on top.
    private static final int MESSAGE_OVERHEAD_BYTES = 256;
    private static final int SLOT_ALIGNMENT = 64;
    private static final int RECEIVE_BUFFER_MIN = 4096;
    private static final int RECEIVE_BUFFER_MAX = 1 << 30;
    private static final int DEFAULT_COPY_RANGE = 1500;
    private static final int DEFAULT_MAX_LENGTH = 16_384;
    // More than 64 saves little; 256 small slots are still in the processor's cache when they are read, while 256 of
    // 64 KiB would be 16 MiB for each queue.
    private static final int BATCH_OF_SMALL_SLOTS = 256;
    private static final int BATCH_OF_LARGE_SLOTS = 64;
    private static final int SMALL_SLOT_BYTES = 2048;
    // Receive buffer for one held packet, without and with copies of 64 KiB packets; measured.
    private static final int BUFFER_PER_SMALL_PACKET = 2304;
    private static final int BUFFER_PER_LARGE_PACKET = 5632;
    // Cost of the smallest message in the requested buffer size, half of what the kernel counts; measured.
    private static final int BUFFER_PER_SMALLEST_PACKET = 416;
    // No message is charged less on a 64-bit kernel: 192 bytes for struct sk_buff, 320 for skb_shared_info.
    private static final int MESSAGE_COST_MIN = 512;
    // The kernel refuses a message once the buffer is exceeded, so one or two go beyond it.
    private static final int BEYOND_THE_BUFFER = 2;

    private final int queue;
    private final int copyRangeBytes;
    private final int maxLength;
    private final int receiveBufferBytes;
    private final boolean failOpen;
    private final boolean gso;
    private final int batchSlots;

    private QueueSettings(final Builder asked) {
        queue = require("queue", asked.queue, 0, QUEUE_MAX);
        copyRangeBytes = require("copyRangeBytes", asked.copyRangeBytes, 0, COPY_WHOLE_PACKET);
        maxLength = require("maxLength", asked.maxLength, 1, MAX_LENGTH_MAX);
        failOpen = asked.failOpen;
        gso = asked.gso;
        receiveBufferBytes = require(
                "receiveBufferBytes",
                asked.receiveBufferBytes == Builder.TO_FIT ? fittingBuffer() : asked.receiveBufferBytes,
                RECEIVE_BUFFER_MIN,
                RECEIVE_BUFFER_MAX);
        batchSlots = require(
                "batchSlots",
                asked.batchSlots == Builder.TO_FIT ? fittingBatch() : asked.batchSlots,
                1,
                BATCH_SLOTS_MAX);
    }

    /** 1500 bytes of each packet, 16384 packets, up to 256 a batch, with segmentation offload, failing closed. */
    public static QueueSettings of(final int queue) {
        return builder(queue).conclude();
    }

    /**
     * A builder with the settings of {@link #of}.
     *
     * @param queue queue number, 0 to 65535, as in {@code -j NFQUEUE --queue-num}
     */
    public static Builder builder(final int queue) {
        return new Builder(queue);
    }

    /** Receive buffer with which {@code maxLength} packets can be held. */
    static int receiveBufferFor(final int maxLength, final int copyRangeBytes) {
        final long perPacket = copyRangeBytes > DEFAULT_COPY_RANGE ? BUFFER_PER_LARGE_PACKET : BUFFER_PER_SMALL_PACKET;
        return (int) Math.max(RECEIVE_BUFFER_MIN, Math.min(RECEIVE_BUFFER_MAX, maxLength * perPacket));
    }

    /**
     * A queue that fails open gets a receive buffer small enough that {@code maxLength} of the smallest packets fill
     * it, since the buffer then limits the queue, see {@link #kernelLength}.
     */
    private int fittingBuffer() {
        return failOpen
                ? Math.max(RECEIVE_BUFFER_MIN, maxLength * BUFFER_PER_SMALLEST_PACKET)
                : receiveBufferFor(maxLength, copyRangeBytes);
    }

    private int fittingBatch() {
        return slotBytes() <= SMALL_SLOT_BYTES ? BATCH_OF_SMALL_SLOTS : BATCH_OF_LARGE_SLOTS;
    }

    public int queue() {
        return queue;
    }

    /** How much of each packet the kernel copies, 0 (none) to {@link #COPY_WHOLE_PACKET}. */
    public int copyRangeBytes() {
        return copyRangeBytes;
    }

    /** Packets that may wait for a verdict; see {@link #kernelLength} for queues that fail open. */
    public int maxLength() {
        return maxLength;
    }

    /** Socket receive buffer to ask for, at least 4096; the kernel doubles the figure. */
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /** Packets pass, instead of being dropped, while the receive buffer is full. */
    public boolean failOpen() {
        return failOpen;
    }

    /** Packets are taken before segmentation. */
    public boolean gso() {
        return gso;
    }

    /** Packets read by one system call. */
    public int batchSlots() {
        return batchSlots;
    }

    /** Bytes per packet: a slot holds any message with this copy range, so that none is truncated. */
    public int slotBytes() {
        return (copyRangeBytes + MESSAGE_OVERHEAD_BYTES + SLOT_ALIGNMENT - 1) & -SLOT_ALIGNMENT;
    }

    /**
     * The length for the kernel. A packet that passes because the queue is full gets no id and nothing counts it; one
     * that passes because the receive buffer is full uses up an id, and the gap shows it. So a queue that fails open is
     * long enough for its buffer to fill up first, and no packet passes uncounted.
     */
    public int kernelLength() {
        // The kernel doubles the requested size, and may grant less.
        final long unread = 2L * receiveBufferBytes / MESSAGE_COST_MIN + BEYOND_THE_BUFFER;
        return failOpen ? (int) Math.max(maxLength, unread + batchSlots) : maxLength;
    }

    @Override
    public String toString() {
        return "queue " + queue + ": copies " + copyRangeBytes + " bytes, holds " + maxLength + " packets"
                + (failOpen ? ", fails open" : "") + (gso ? ", gso" : "") + ", receive buffer " + receiveBufferBytes
                + " bytes, " + batchSlots + " slots of " + slotBytes() + " bytes";
    }

    private static int require(final String name, final int value, final int least, final int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", want " + least + " to " + most);
        }
        return value;
    }

    /** The requested values; for one thread. */
    public static final class Builder {
        private static final int TO_FIT = -1;

        private final int queue;
        private int copyRangeBytes = DEFAULT_COPY_RANGE;
        private int maxLength = DEFAULT_MAX_LENGTH;
        private int receiveBufferBytes = TO_FIT;
        private boolean failOpen;
        private boolean gso = true;
        private int batchSlots = TO_FIT;

        private Builder(final int queue) {
            this.queue = queue;
        }

        /** How much of each packet the kernel copies, 0 (none) to {@link #COPY_WHOLE_PACKET}. */
        public Builder copyRangeBytes(final int bytes) {
            copyRangeBytes = bytes;
            return this;
        }

        /** Packets the kernel holds at most, 1 to {@link #MAX_LENGTH_MAX}. */
        public Builder maxLength(final int packets) {
            maxLength = packets;
            return this;
        }

        /** Socket receive buffer, at least 4096 bytes; by default, the whole queue length fits. */
        public Builder receiveBufferBytes(final int bytes) {
            receiveBufferBytes = bytes;
            return this;
        }

        /** Let packets pass, instead of dropping them, while the receive buffer is full. */
        public Builder failOpen(final boolean open) {
            failOpen = open;
            return this;
        }

        /**
         * Take packets before segmentation, up to 64 KiB: four to five times the throughput of bulk data. For TCP only:
         * UDP datagrams merged on the way arrive as one packet with one header. When off, the kernel splits both before
         * it queues them.
         */
        public Builder gso(final boolean unsegmented) {
            gso = unsegmented;
            return this;
        }

        /** Packets read by one system call, 1 to {@link #BATCH_SLOTS_MAX}; by default, what stays in the cache. */
        public Builder batchSlots(final int slots) {
            batchSlots = slots;
            return this;
        }

        /**
         * The settings, with missing values derived from the given ones.
         *
         * @throws IllegalArgumentException naming the value that is out of its limits
         */
        public QueueSettings conclude() {
            return new QueueSettings(this);
        }
    }
}
