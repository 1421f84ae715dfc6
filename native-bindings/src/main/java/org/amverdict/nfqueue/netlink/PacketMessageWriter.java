package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;

/**
 * Writes an NFQNL_MSG_PACKET message as the kernel does for a queued packet: struct nlmsghdr, struct nfgenmsg and the
 * attributes NFQA_PACKET_HDR, NFQA_IFINDEX_INDEV, NFQA_IFINDEX_OUTDEV, those of the form, and NFQA_PAYLOAD
 * (linux/netfilter/nfnetlink_queue.h), in the kernel's order. For warm-ups: in operation only the kernel writes one.
 * Stateless.
 */
public final class PacketMessageWriter {
    /** Bytes of a message besides those of the packet, at most. */
    public static final int OVERHEAD_BYTES = 160;
    /** The packet has a mark. */
    public static final int MARK = 1;
    /** It came in over a device with hardware addresses, and has an arrival time. */
    public static final int HARDWARE_ADDRESS = 2;
    /** The checksum is still to be computed, or the packet to be segmented. */
    public static final int SKB_INFO = 4;

    /** All forms together. */
    public static final int FORMS = 8;

    private static final int HARDWARE_ADDRESS_SIZE = 12;
    private static final int TIMESTAMP_SIZE = 16;

    private PacketMessageWriter() {}

    /**
     * Writes one.
     *
     * @param out written from index 0; holds the packet and {@link #OVERHEAD_BYTES}
     * @return length of the message
     */
    public static int write(
            final ByteBuf out,
            final int queue,
            final PacketMessageHeader header,
            final ByteBuf packet,
            final int packetOffset,
            final int packetLength) {
        int at = NfqueueProtocol.NLMSG_HDRLEN;
        out.setInt(at, 0);
        out.setShort(at + NfqueueProtocol.NFGENMSG_RES_ID, queue);
        at += NfqueueProtocol.NFGENMSG_SIZE;
        out.setLong(at + NfqueueProtocol.NLA_HDRLEN, 0);
        out.setInt(at + NfqueueProtocol.NLA_HDRLEN, header.packetId);
        out.setByte(at + NfqueueProtocol.NLA_HDRLEN + NfqueueProtocol.PACKET_HDR_HOOK, header.hook);
        at = attribute(out, at, NfqueueProtocol.NFQA_PACKET_HDR, NfqueueProtocol.PACKET_HDR_SIZE);
        out.setInt(at + NfqueueProtocol.NLA_HDRLEN, header.inInterface);
        at = attribute(out, at, NfqueueProtocol.NFQA_IFINDEX_INDEV, Integer.BYTES);
        out.setInt(at + NfqueueProtocol.NLA_HDRLEN, header.outInterface);
        at = attribute(out, at, NfqueueProtocol.NFQA_IFINDEX_OUTDEV, Integer.BYTES);
        if ((header.form & MARK) != 0) {
            out.setInt(at + NfqueueProtocol.NLA_HDRLEN, header.packetId);
            at = attribute(out, at, NfqueueProtocol.NFQA_MARK, Integer.BYTES);
        }
        if ((header.form & HARDWARE_ADDRESS) != 0) {
            at = attribute(out, at, NfqueueProtocol.NFQA_HWADDR, HARDWARE_ADDRESS_SIZE);
            at = attribute(out, at, NfqueueProtocol.NFQA_TIMESTAMP, TIMESTAMP_SIZE);
        }
        if ((header.form & SKB_INFO) != 0) {
            out.setInt(at + NfqueueProtocol.NLA_HDRLEN, NfqueueProtocol.SKB_CSUM_NOT_READY);
            at = attribute(out, at, NfqueueProtocol.NFQA_SKB_INFO, Integer.BYTES);
        }
        out.setBytes(at + NfqueueProtocol.NLA_HDRLEN, packet, packetOffset, packetLength);
        attribute(out, at, NfqueueProtocol.NFQA_PAYLOAD, packetLength);
        // The kernel does not pad the last attribute.
        at += NfqueueProtocol.NLA_HDRLEN + packetLength;
        out.setIntLE(0, at);
        out.setShortLE(4, NfqueueProtocol.MSG_PACKET);
        out.setShortLE(6, 0);
        out.setLongLE(8, 0);
        return at;
    }

    private static int attribute(final ByteBuf out, final int at, final int type, final int length) {
        out.setShortLE(at, NfqueueProtocol.NLA_HDRLEN + length);
        out.setShortLE(at + 2, type);
        return at + NfqueueProtocol.NLA_HDRLEN + NfqueueProtocol.align(length);
    }
}
