package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Walks netlink attributes (struct nlattr, linux/netlink.h) from first to last. Every step moves at least four bytes
 * on, so a walk of n bytes ends after n/4 steps. Reused for each message; one thread.
 */
public final class AttributeCursor {
    /** All attributes have been seen. */
    public static final int END = -1;
    /** An attribute's length is impossible, or fewer bytes than an attribute's header are left over. */
    public static final int BAD = -2;

    private static final int TYPE = 2;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int position;
    private int limit;
    private int valueOffset;
    private int valueLength;

    /** Starts over, on the bytes from absolute index {@code start} to before {@code end}. */
    public void wrap(final ByteBuf bytes, final int start, final int end) {
        buffer = bytes;
        position = start;
        limit = end;
    }

    /**
     * Moves to the next attribute.
     *
     * @return its number without the NLA_F_NESTED and NLA_F_NET_BYTEORDER bits, or {@link #END}, or {@link #BAD}
     */
    public int next() {
        final int available = limit - position;
        if (available < NfqueueProtocol.NLA_HDRLEN) {
            return available <= 0 ? END : BAD;
        }
        final int length = buffer.getUnsignedShortLE(position);
        if (length < NfqueueProtocol.NLA_HDRLEN || length > available) {
            return BAD;
        }
        final int type = buffer.getUnsignedShortLE(position + TYPE) & NfqueueProtocol.NLA_TYPE_MASK;
        valueOffset = position + NfqueueProtocol.NLA_HDRLEN;
        valueLength = length - NfqueueProtocol.NLA_HDRLEN;
        // The padding of the last attribute may be missing: nlmsg_len of a 1501-byte packet is not a multiple of four.
        position += NfqueueProtocol.align(length);
        return type;
    }

    /** Absolute index of the value of the attribute that {@link #next} has just returned. */
    public int valueOffset() {
        return valueOffset;
    }

    public int valueLength() {
        return valueLength;
    }
}
