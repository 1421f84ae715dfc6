package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;

/**
 * Writes verdict messages one after another into a fixed buffer, to be sent in one {@code send} (NFQNL_MSG_VERDICT and
 * NFQNL_MSG_VERDICT_BATCH, linux/netfilter/nfnetlink_queue.h). One thread.
 *
 * <pre>
 *  nlmsghdr 16 | nfgenmsg 4 | nlattr 4, verdict 4, id 4 | nlattr 4, mark 4 (if any)
 * </pre>
 *
 * <p>NLM_F_REQUEST is always set: the kernel ignores a verdict without it and says nothing. It requests no
 * acknowledgment; an error comes back as NLMSG_ERROR among the packets.
 */
public final class VerdictWriter {
    /** Leave the packet's mark as it is. */
    public static final long NO_MARK = -1L;
    /** Bytes of a message without mark. */
    public static final int MESSAGE_BYTES = 32;
    /** Bytes of a message with mark: no message is longer. */
    public static final int MARKED_MESSAGE_BYTES = 40;

    private static final int VERDICT_ATTRIBUTE = NfqueueProtocol.NLMSG_HDRLEN + NfqueueProtocol.NFGENMSG_SIZE;
    private static final int VERDICT_VALUE = VERDICT_ATTRIBUTE + NfqueueProtocol.NLA_HDRLEN;
    private static final int MARK_ATTRIBUTE = VERDICT_VALUE + NfqueueProtocol.VERDICT_HDR_SIZE;
    private static final int MARK_VALUE = MARK_ATTRIBUTE + NfqueueProtocol.NLA_HDRLEN;

    private final ByteBuf buffer;
    private final int capacity;
    private int length;

    /** @param buffer written from index 0 to its capacity; its reader and writer index are not used */
    public VerdictWriter(final ByteBuf buffer) {
        this.buffer = buffer;
        this.capacity = buffer.capacity();
    }

    /** Forgets what was written. */
    public void begin() {
        length = 0;
    }

    /** Bytes written since {@link #begin()}. */
    public int length() {
        return length;
    }

    /** Bytes that are free. */
    public int remaining() {
        return capacity - length;
    }

    /** Messages that certainly fit. */
    public int remainingMessages() {
        return remaining() / MARKED_MESSAGE_BYTES;
    }

    /**
     * Writes the verdict on one packet.
     *
     * @param queue queue number, 0 to 65535
     * @param id packet id
     * @param verdict {@link NfqueueProtocol#NF_DROP}, {@code NF_ACCEPT}, …
     * @param mark new mark, 0 to 2^32-1, or {@link #NO_MARK}
     * @return false, with nothing written, if the message does not fit
     */
    public boolean verdict(final int queue, final int id, final int verdict, final long mark) {
        return write(NfqueueProtocol.MSG_VERDICT, queue, id, verdict, mark);
    }

    /**
     * Writes one verdict on <em>every</em> packet the kernel still holds with an id up to {@code maxId}, including
     * those not read yet: never name an id beyond the last one read. Parameters and result as {@link #verdict}.
     */
    public boolean verdictBatch(final int queue, final int maxId, final int verdict, final long mark) {
        return write(NfqueueProtocol.MSG_VERDICT_BATCH, queue, maxId, verdict, mark);
    }

    private boolean write(final int type, final int queue, final int id, final int verdict, final long mark) {
        final boolean marked = mark != NO_MARK;
        final int bytes = marked ? MARKED_MESSAGE_BYTES : MESSAGE_BYTES;
        if (bytes > capacity - length) {
            return false;
        }
        final int at = length;
        NetlinkHeader.write(buffer, at, bytes, type, NfqueueProtocol.NLM_F_REQUEST, queue);
        NetlinkHeader.attribute(
                buffer, at + VERDICT_ATTRIBUTE, NfqueueProtocol.NFQA_VERDICT_HDR, NfqueueProtocol.VERDICT_HDR_SIZE);
        buffer.setInt(at + VERDICT_VALUE, verdict);
        buffer.setInt(at + VERDICT_VALUE + NfqueueProtocol.VERDICT_HDR_ID, id);
        if (marked) {
            NetlinkHeader.attribute(buffer, at + MARK_ATTRIBUTE, NfqueueProtocol.NFQA_MARK, Integer.BYTES);
            buffer.setInt(at + MARK_VALUE, (int) mark);
        }
        length = at + bytes;
        return true;
    }
}
