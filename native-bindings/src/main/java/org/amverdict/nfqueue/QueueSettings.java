package org.amverdict.nfqueue;

import org.amverdict.nfqueue.netlink.NfqueueProtocol;

/**
 * How a queue is opened. Immutable; checked when made, every fault named with its limits.
 *
 * @param queue queue number, 0 to 65535, as in {@code -j NFQUEUE --queue-num}
 * @param copyRangeBytes how much of each packet the kernel copies, 0 (none) to {@link #COPY_WHOLE_PACKET}
 * @param maxLength packets the kernel holds at most, 1 to {@link #MAX_LENGTH_MAX}; see {@link #kernelLength} for
 *     queues that fail open
 * @param receiveBufferBytes socket receive buffer to ask for, at least 4096; the kernel doubles the figure. About
 *     {@link #receiveBufferFor} lets the whole queue length be used
 * @param failOpen packets pass, instead of being dropped, while the receive buffer is full
 * @param gso take packets before segmentation, up to 64 KiB: four to five times the throughput of bulk data. For TCP only:
 *     UDP datagrams that somebody merged come as one packet with one header. Off, the kernel cuts both before it queues
 * @param batchSlots packets read by one system call, 1 to {@link #BATCH_SLOTS_MAX}
 * @param slotBytes bytes for each, at least {@link #slotBytesFor} the copy range, so that no message is truncated
 */
public record QueueSettings(
        int queue,
        int copyRangeBytes,
        int maxLength,
        int receiveBufferBytes,
        boolean failOpen,
        boolean gso,
        int batchSlots,
        int slotBytes) {
    public static final int QUEUE_MAX = 65_535;
    /** The most the kernel copies: 65,531 bytes. */
    public static final int COPY_WHOLE_PACKET = NfqueueProtocol.COPY_RANGE_MAX;
    /** A limit of ours: a million held packets are more than two gigabytes of kernel memory. */
    public static final int MAX_LENGTH_MAX = 1 << 20;
    /** A limit of ours: beyond 256 nothing is gained, and 1024 verdicts still fit the default send buffer. */
    public static final int BATCH_SLOTS_MAX = 1024;

    // Netlink header and every attribute the kernel adds before the payload; 76 bytes were seen beside the payload, and
    // bridged packets bring a link-layer header and a VLAN on top.
    private static final int MESSAGE_OVERHEAD_BYTES = 256;
    private static final int SLOT_ALIGNMENT = 64;
    private static final int SLOT_BYTES_MAX = 128 * 1024;
    private static final int RECEIVE_BUFFER_MIN = 4096;
    private static final int RECEIVE_BUFFER_MAX = 1 << 30;
    private static final int DEFAULT_COPY_RANGE = 1500;
    private static final int DEFAULT_MAX_LENGTH = 16_384;
    // More than 64 saves little; 256 small slots are still in the processor's cache when they are read, while 256 of
    // 64 KiB would be 16 MiB for each queue.
    private static final int BATCH_OF_SMALL_SLOTS = 256;
    private static final int BATCH_OF_LARGE_SLOTS = 64;
    private static final int SMALL_SLOT_BYTES = 2048;
    // Receive buffer that one held packet costs, without and with copies of 64 KiB packets; measured.
    private static final int BUFFER_PER_SMALL_PACKET = 2304;
    private static final int BUFFER_PER_LARGE_PACKET = 5632;
    // What the smallest message costs of the buffer as it is asked for, half of what the kernel counts; measured.
    private static final int BUFFER_PER_SMALLEST_PACKET = 416;
    // No message is charged less on a 64-bit kernel: 192 bytes for struct sk_buff, 320 for skb_shared_info.
    private static final int MESSAGE_COST_MIN = 512;
    // The kernel refuses a message once the buffer is exceeded, so one or two go beyond it.
    private static final int BEYOND_THE_BUFFER = 2;

    public QueueSettings {
        require("queue", queue, 0, QUEUE_MAX);
        require("copyRangeBytes", copyRangeBytes, 0, COPY_WHOLE_PACKET);
        require("maxLength", maxLength, 1, MAX_LENGTH_MAX);
        require("receiveBufferBytes", receiveBufferBytes, RECEIVE_BUFFER_MIN, RECEIVE_BUFFER_MAX);
        require("batchSlots", batchSlots, 1, BATCH_SLOTS_MAX);
        require("slotBytes", slotBytes, slotBytesFor(copyRangeBytes), SLOT_BYTES_MAX);
    }

    /** 1500 bytes of each packet, 16384 packets, up to 256 a batch, with segmentation offload, failing closed. */
    public static QueueSettings of(final int queue) {
        return new QueueSettings(
                queue,
                DEFAULT_COPY_RANGE,
                DEFAULT_MAX_LENGTH,
                receiveBufferFor(DEFAULT_MAX_LENGTH, DEFAULT_COPY_RANGE),
                false,
                true,
                BATCH_OF_SMALL_SLOTS,
                slotBytesFor(DEFAULT_COPY_RANGE));
    }

    /** Slot that holds any message with this copy range. */
    public static int slotBytesFor(final int copyRangeBytes) {
        return (copyRangeBytes + MESSAGE_OVERHEAD_BYTES + SLOT_ALIGNMENT - 1) & -SLOT_ALIGNMENT;
    }

    /** Receive buffer with which {@code maxLength} packets can be held. */
    public static int receiveBufferFor(final int maxLength, final int copyRangeBytes) {
        final long perPacket = copyRangeBytes > DEFAULT_COPY_RANGE ? BUFFER_PER_LARGE_PACKET : BUFFER_PER_SMALL_PACKET;
        return (int) Math.max(RECEIVE_BUFFER_MIN, Math.min(RECEIVE_BUFFER_MAX, maxLength * perPacket));
    }

    /** The same with another copy range, and slots, batch and receive buffer to fit. */
    public QueueSettings withCopyRangeBytes(final int bytes) {
        final int slot = slotBytesFor(bytes);
        return new QueueSettings(
                queue,
                bytes,
                maxLength,
                receiveBufferFor(maxLength, bytes),
                failOpen,
                gso,
                slot <= SMALL_SLOT_BYTES ? BATCH_OF_SMALL_SLOTS : BATCH_OF_LARGE_SLOTS,
                slot);
    }

    /** The same with another queue length, and a receive buffer to fit. */
    public QueueSettings withMaxLength(final int packets) {
        return new QueueSettings(
                queue,
                copyRangeBytes,
                packets,
                receiveBufferFor(packets, copyRangeBytes),
                failOpen,
                gso,
                batchSlots,
                slotBytes);
    }

    public QueueSettings withReceiveBufferBytes(final int bytes) {
        return new QueueSettings(queue, copyRangeBytes, maxLength, bytes, failOpen, gso, batchSlots, slotBytes);
    }

    /**
     * The same failing open or closed. Open, the receive buffer becomes so small that {@code maxLength} of the smallest
     * packets fill it, since it is then what limits the queue, see {@link #kernelLength}.
     */
    public QueueSettings withFailOpen(final boolean open) {
        final int buffer = open
                ? Math.max(RECEIVE_BUFFER_MIN, maxLength * BUFFER_PER_SMALLEST_PACKET)
                : receiveBufferFor(maxLength, copyRangeBytes);
        return new QueueSettings(queue, copyRangeBytes, maxLength, buffer, open, gso, batchSlots, slotBytes);
    }

    /**
     * The length to tell the kernel. A packet that passes because the queue is full gets no id and nothing counts it; one
     * that passes because the receive buffer is full has used up an id, and the gap shows it. So a queue that fails open
     * is made too long to become full before its buffer is, and no packet passes uncounted.
     */
    public int kernelLength() {
        // The kernel doubles what is asked for, and may grant less.
        final long unread = 2L * receiveBufferBytes / MESSAGE_COST_MIN + BEYOND_THE_BUFFER;
        return failOpen ? (int) Math.max(maxLength, unread + batchSlots) : maxLength;
    }

    public QueueSettings withGso(final boolean unsegmented) {
        return new QueueSettings(
                queue, copyRangeBytes, maxLength, receiveBufferBytes, failOpen, unsegmented, batchSlots, slotBytes);
    }

    public QueueSettings withBatchSlots(final int slots) {
        return new QueueSettings(queue, copyRangeBytes, maxLength, receiveBufferBytes, failOpen, gso, slots, slotBytes);
    }

    private static void require(final String name, final int value, final int least, final int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", want " + least + " to " + most);
        }
    }
}
