package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Read-only view of one netlink message (struct nlmsghdr, linux/netlink.h). After {@link #wrap} returned
 * {@link NetlinkStatus#OK} no accessor reads outside the bytes given. Reused for each message; one thread.
 *
 * <pre>
 *  0      4     6      8         12       16
 *  | len  | type| flags| sequence | port id | payload …
 * </pre>
 */
public final class NetlinkMessageView {
    private static final int TYPE = 4;
    private static final int FLAGS = 6;
    private static final int SEQUENCE = 8;
    private static final int PORT_ID = 12;
    private static final int ERROR_SIZE = 4;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int offset;
    private int end;
    private int limit;

    /**
     * Attaches the view to the message at {@code offset}.
     *
     * @param bytes where the datagram is
     * @param messageOffset absolute index of the header
     * @param available bytes from there to the end of the datagram
     * @return a {@link NetlinkStatus}; unless it is OK the view must not be used
     */
    public int wrap(final ByteBuf bytes, final int messageOffset, final int available) {
        if (available < NfqueueProtocol.NLMSG_HDRLEN) {
            return NetlinkStatus.TOO_SHORT;
        }
        // The length is unsigned: from 2^31 on it is beyond any datagram.
        final long length = bytes.getUnsignedIntLE(messageOffset);
        if (length < NfqueueProtocol.NLMSG_HDRLEN) {
            return NetlinkStatus.BAD_LENGTH;
        }
        if (length > available) {
            return NetlinkStatus.TRUNCATED;
        }
        buffer = bytes;
        offset = messageOffset;
        end = messageOffset + (int) length;
        limit = messageOffset + available;
        return NetlinkStatus.OK;
    }

    public ByteBuf buffer() {
        return buffer;
    }

    /** Upper byte: nfnetlink subsystem; below 16: control messages such as {@link NfqueueProtocol#NLMSG_ERROR}. */
    public int type() {
        return buffer.getUnsignedShortLE(offset + TYPE);
    }

    public int flags() {
        return buffer.getUnsignedShortLE(offset + FLAGS);
    }

    public int sequence() {
        return buffer.getIntLE(offset + SEQUENCE);
    }

    /** Port id in the header, which any sender may forge; only the socket address names the real sender. */
    public int portId() {
        return buffer.getIntLE(offset + PORT_ID);
    }

    /** Absolute index of the first byte after the header. */
    public int payloadOffset() {
        return offset + NfqueueProtocol.NLMSG_HDRLEN;
    }

    public int payloadLength() {
        return end - payloadOffset();
    }

    /** Absolute index of the next message; the end of the datagram, never beyond, if this is the last. */
    public int nextOffset() {
        // The last message of a datagram need not be padded; the kernel's own packets are not.
        return Math.min(offset + NfqueueProtocol.align(end - offset), limit);
    }

    /** Bytes of the datagram from {@link #nextOffset()} on. */
    public int remainingAfter() {
        return limit - nextOffset();
    }

    /**
     * Error number of a {@link NfqueueProtocol#NLMSG_ERROR}, positive; 0 for an acknowledgment; -1 if the message is
     * not one or is too short.
     */
    public int errorNumber() {
        if (type() != NfqueueProtocol.NLMSG_ERROR || payloadLength() < ERROR_SIZE) {
            return -1;
        }
        final int negative = buffer.getIntLE(payloadOffset());
        return negative > 0 || negative == Integer.MIN_VALUE ? -1 : -negative;
    }
}
