package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;

/** The headers every message to nfnetlink_queue begins with; linux/netlink.h, linux/netfilter/nfnetlink.h. */
final class NetlinkHeader {
    private NetlinkHeader() {}

    /** nlmsghdr and nfgenmsg; sequence and port id stay 0, the kernel knows the sender. */
    static void write(
            final ByteBuf buffer, final int at, final int bytes, final int type, final int flags, final int queue) {
        buffer.setIntLE(at, bytes);
        buffer.setShortLE(at + 4, type);
        buffer.setShortLE(at + 6, flags);
        buffer.setLong(at + 8, 0);
        buffer.setShort(at + 16, NfqueueProtocol.NFNETLINK_V0); // family AF_UNSPEC, version
        buffer.setShort(at + 18, queue);
    }

    static void attribute(final ByteBuf buffer, final int at, final int type, final int valueBytes) {
        buffer.setShortLE(at, NfqueueProtocol.NLA_HDRLEN + valueBytes);
        buffer.setShortLE(at + 2, type);
    }
}
