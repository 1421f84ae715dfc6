package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;

/**
 * Writes the configuration messages to send while packets can arrive, when libnetfilter_queue, which discards what it
 * reads before the acknowledgment, must not be used (NFQNL_MSG_CONFIG, linux/netfilter/nfnetlink_queue.h). Each method
 * writes one message at index 0 and returns its length. It requests no acknowledgment: the kernel has obeyed, or has
 * answered with NLMSG_ERROR, when {@code send} returns.
 */
public final class ConfigWriter {
    /** No message is longer. */
    public static final int MESSAGE_MAX_BYTES = 40;

    /** Every flag, so that the kernel's defaults do not matter. */
    public static final int FLAGS = NfqueueProtocol.FLAG_FAIL_OPEN
            | NfqueueProtocol.FLAG_GSO
            | NfqueueProtocol.FLAG_UID_GID
            | NfqueueProtocol.FLAG_SECCTX;

    private static final int ATTRIBUTE = NfqueueProtocol.NLMSG_HDRLEN + NfqueueProtocol.NFGENMSG_SIZE;
    private static final int VALUE = ATTRIBUTE + NfqueueProtocol.NLA_HDRLEN;

    private final ByteBuf buffer;

    /** @param buffer at least {@link #MESSAGE_MAX_BYTES} */
    public ConfigWriter(final ByteBuf buffer) {
        this.buffer = buffer;
    }

    /** How much of each packet is copied; packets arrive as soon as this is sent. */
    public int mode(final int queue, final int copyMode, final int copyRangeBytes) {
        final int length = header(queue, NfqueueProtocol.NFQA_CFG_PARAMS, NfqueueProtocol.CONFIG_PARAMS_SIZE);
        buffer.setInt(VALUE, copyRangeBytes);
        buffer.setInt(VALUE + 4, copyMode << 24); // one byte and padding
        return length;
    }

    /** How many packets the kernel holds at most; with 0 it takes no more. */
    public int maxLength(final int queue, final int packets) {
        final int length = header(queue, NfqueueProtocol.NFQA_CFG_QUEUE_MAXLEN, Integer.BYTES);
        buffer.setInt(VALUE, packets);
        return length;
    }

    /** Which flags of {@link #FLAGS} the queue has. */
    public int flags(final int queue, final int flags) {
        final int length = header(queue, NfqueueProtocol.NFQA_CFG_FLAGS, Integer.BYTES);
        final int second = ATTRIBUTE + NfqueueProtocol.NLA_HDRLEN + Integer.BYTES;
        buffer.setInt(VALUE, flags);
        NetlinkHeader.attribute(buffer, second, NfqueueProtocol.NFQA_CFG_MASK, Integer.BYTES);
        buffer.setInt(second + NfqueueProtocol.NLA_HDRLEN, FLAGS);
        final int both = length + NfqueueProtocol.NLA_HDRLEN + Integer.BYTES;
        buffer.setIntLE(0, both);
        return both;
    }

    /** Takes the queue from its socket; the kernel drops what it holds. */
    public int unbind(final int queue) {
        final int length = header(queue, NfqueueProtocol.NFQA_CFG_CMD, NfqueueProtocol.CONFIG_CMD_SIZE);
        buffer.setInt(VALUE, NfqueueProtocol.CMD_UNBIND << 24); // the command, padding and no protocol family
        return length;
    }

    private int header(final int queue, final int attribute, final int valueBytes) {
        final int length = VALUE + NfqueueProtocol.align(valueBytes);
        NetlinkHeader.write(buffer, 0, length, NfqueueProtocol.MSG_CONFIG, NfqueueProtocol.NLM_F_REQUEST, queue);
        NetlinkHeader.attribute(buffer, ATTRIBUTE, attribute, valueBytes);
        return length;
    }
}
