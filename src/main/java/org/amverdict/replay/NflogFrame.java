package org.amverdict.replay;

import io.netty.buffer.ByteBuf;

/**
 * A packet as the kernel's NFLOG target logs it ({@code tcpdump -i nflog:N}): four bytes, then attributes in the byte
 * order of the machine that captured, one of which is the packet. Source: tcpdump.org/linktypes/LINKTYPE_NFLOG.html,
 * linux/netfilter/nfnetlink_log.h. Stateless.
 *
 * <pre>
 * family 1 | version 1, 0 | group 2
 * attribute: length 2, with these four bytes | type 2 | value, padded to 4
 * </pre>
 */
final class NflogFrame {
    private static final int HEADER_LENGTH = 4;
    private static final int ATTRIBUTE_HEADER_LENGTH = 4;
    /** NFULA_PAYLOAD. */
    private static final int PAYLOAD = 9;
    /** NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
    private static final int TYPE_MASK = 0x3fff;

    private NflogFrame() {}

    /** Absolute index of the IP packet, or {@link LinkLayer#NOT_IP}. */
    static int ipOffset(final ByteBuf buffer, final int offset, final int end) {
        if (offset + HEADER_LENGTH > end || buffer.getByte(offset + 1) != 0) {
            return LinkLayer.NOT_IP;
        }
        // Nothing in the frame names the byte order. A wrong one makes the first length or type impossible.
        final int little = payload(buffer, offset + HEADER_LENGTH, end, true);
        final int at = little == LinkLayer.NOT_IP ? payload(buffer, offset + HEADER_LENGTH, end, false) : little;
        return at != LinkLayer.NOT_IP && at < end && LinkLayer.isIp(buffer, at) ? at : LinkLayer.NOT_IP;
    }

    private static int payload(final ByteBuf buffer, final int first, final int end, final boolean littleEndian) {
        int at = first;
        while (at + ATTRIBUTE_HEADER_LENGTH <= end) {
            final int length = number(buffer, at, littleEndian);
            if (length < ATTRIBUTE_HEADER_LENGTH) {
                return LinkLayer.NOT_IP;
            }
            if ((number(buffer, at + 2, littleEndian) & TYPE_MASK) == PAYLOAD) {
                return at + ATTRIBUTE_HEADER_LENGTH;
            }
            at += (length + 3) & ~3;
        }
        return LinkLayer.NOT_IP;
    }

    private static int number(final ByteBuf buffer, final int at, final boolean littleEndian) {
        return littleEndian ? buffer.getUnsignedShortLE(at) : buffer.getUnsignedShort(at);
    }

    /** Where the packet at {@code ipOffset} ends: at the end of its attribute, or of what was captured of the frame. */
    static int end(final ByteBuf buffer, final int ipOffset, final int frameEnd) {
        final int header = ipOffset - ATTRIBUTE_HEADER_LENGTH;
        final boolean littleEndian = (buffer.getUnsignedShortLE(header + 2) & TYPE_MASK) == PAYLOAD;
        return Math.min(frameEnd, header + number(buffer, header, littleEndian));
    }
}
