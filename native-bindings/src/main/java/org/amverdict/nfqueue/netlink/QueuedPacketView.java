package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;

/**
 * Read-only view of a packet the kernel queued (NFQNL_MSG_PACKET, linux/netfilter/nfnetlink_queue.h). Reused for each
 * message; one thread; the payload stays where it was received.
 *
 * <p>Except {@link #packetIdKnown()}, the accessors are meaningful only after {@link #wrap} returned {@link
 * NetlinkStatus#OK}: the kernel also holds a packet with a malformed message, and it needs a verdict if its id is
 * known.
 */
public final class QueuedPacketView {
    private static final int WORD = 4;

    private final AttributeCursor attributes = new AttributeCursor();
    private boolean packetIdKnown;
    private int packetId;
    private int hwProtocol;
    private int hook;
    private int mark;
    private int inInterface;
    private int outInterface;
    private int physicalInInterface;
    private int physicalOutInterface;
    private int skbInfo;
    private int payloadOffset;
    private int payloadLength;
    private int capLength;
    private int seen;

    /**
     * Reads a message that {@link NetlinkMessageView#wrap} found OK.
     *
     * @param queue the queue the packet must belong to
     * @return a {@link NetlinkStatus}
     */
    public int wrap(final NetlinkMessageView message, final int queue) {
        return wrap(message.buffer(), message.type(), message.payloadOffset(), message.payloadLength(), queue);
    }

    /**
     * Reads the id from a truncated message, so that the packet can be answered. Afterward only {@link
     * #packetIdKnown()} and {@link #packetId()} are valid.
     *
     * @param available bytes received
     * @return {@link #packetIdKnown()}
     */
    public boolean wrapTruncated(final ByteBuf bytes, final int offset, final int available, final int queue) {
        clear();
        if (available >= NfqueueProtocol.NLMSG_HDRLEN) {
            final int type = bytes.getUnsignedShortLE(offset + 4);
            final int payload = available - NfqueueProtocol.NLMSG_HDRLEN;
            wrap(bytes, type, offset + NfqueueProtocol.NLMSG_HDRLEN, payload, queue);
        }
        return packetIdKnown;
    }

    private int wrap(final ByteBuf bytes, final int type, final int start, final int length, final int queue) {
        clear();
        if (type != NfqueueProtocol.MSG_PACKET) {
            return NetlinkStatus.NOT_A_PACKET;
        }
        if (length < NfqueueProtocol.NFGENMSG_SIZE) {
            return NetlinkStatus.NO_NFGENMSG;
        }
        if (bytes.getUnsignedShort(start + NfqueueProtocol.NFGENMSG_RES_ID) != queue) {
            return NetlinkStatus.WRONG_QUEUE;
        }
        payloadOffset = start + length;
        attributes.wrap(bytes, start + NfqueueProtocol.NFGENMSG_SIZE, start + length);
        int attribute = attributes.next();
        while (attribute >= 0) {
            final int status = read(bytes, attribute);
            if (status != NetlinkStatus.OK) {
                return status;
            }
            attribute = attributes.next();
        }
        return attribute == AttributeCursor.BAD ? NetlinkStatus.BAD_ATTRIBUTE : complete();
    }

    private int complete() {
        if (!packetIdKnown) {
            return NetlinkStatus.NO_PACKET_HEADER;
        }
        // The kernel sends NFQA_CAP_LEN only when it copied less than the whole packet.
        if ((seen & 1 << NfqueueProtocol.NFQA_CAP_LEN) == 0) {
            capLength = payloadLength;
        }
        return Integer.compareUnsigned(capLength, payloadLength) < 0 || capLength < 0
                ? NetlinkStatus.BAD_CAP_LENGTH
                : NetlinkStatus.OK;
    }

    private int read(final ByteBuf bytes, final int attribute) {
        final int needed = bytesNeeded(attribute);
        if (needed < 0) {
            return NetlinkStatus.OK; // one that we do not use, or one of a later kernel
        }
        if (attributes.valueLength() < needed) {
            return NetlinkStatus.SHORT_ATTRIBUTE;
        }
        if ((seen & 1 << attribute) != 0) {
            return NetlinkStatus.DUPLICATE_ATTRIBUTE;
        }
        seen |= 1 << attribute;
        final int value = attributes.valueOffset();
        switch (attribute) {
            case NfqueueProtocol.NFQA_PACKET_HDR -> {
                packetId = bytes.getInt(value);
                hwProtocol = bytes.getUnsignedShort(value + NfqueueProtocol.PACKET_HDR_PROTOCOL);
                hook = bytes.getUnsignedByte(value + NfqueueProtocol.PACKET_HDR_HOOK);
                packetIdKnown = true;
            }
            case NfqueueProtocol.NFQA_PAYLOAD -> {
                payloadOffset = value;
                payloadLength = attributes.valueLength();
            }
            case NfqueueProtocol.NFQA_MARK -> mark = bytes.getInt(value);
            case NfqueueProtocol.NFQA_IFINDEX_INDEV -> inInterface = bytes.getInt(value);
            case NfqueueProtocol.NFQA_IFINDEX_OUTDEV -> outInterface = bytes.getInt(value);
            case NfqueueProtocol.NFQA_IFINDEX_PHYSINDEV -> physicalInInterface = bytes.getInt(value);
            case NfqueueProtocol.NFQA_IFINDEX_PHYSOUTDEV -> physicalOutInterface = bytes.getInt(value);
            case NfqueueProtocol.NFQA_CAP_LEN -> capLength = bytes.getInt(value);
            default -> skbInfo = bytes.getInt(value);
        }
        return NetlinkStatus.OK;
    }

    /** Least length of an attribute we read, or -1 for one we do not. */
    private static int bytesNeeded(final int attribute) {
        return switch (attribute) {
            case NfqueueProtocol.NFQA_PACKET_HDR -> NfqueueProtocol.PACKET_HDR_SIZE;
            case NfqueueProtocol.NFQA_PAYLOAD -> 0;
            case NfqueueProtocol.NFQA_MARK,
                    NfqueueProtocol.NFQA_IFINDEX_INDEV,
                    NfqueueProtocol.NFQA_IFINDEX_OUTDEV,
                    NfqueueProtocol.NFQA_IFINDEX_PHYSINDEV,
                    NfqueueProtocol.NFQA_IFINDEX_PHYSOUTDEV,
                    NfqueueProtocol.NFQA_CAP_LEN,
                    NfqueueProtocol.NFQA_SKB_INFO -> WORD;
            default -> -1;
        };
    }

    private void clear() {
        packetIdKnown = false;
        packetId = 0;
        hwProtocol = 0;
        hook = 0;
        mark = 0;
        inInterface = 0;
        outInterface = 0;
        physicalInInterface = 0;
        physicalOutInterface = 0;
        skbInfo = 0;
        payloadOffset = 0;
        payloadLength = 0;
        capLength = 0;
        seen = 0;
    }

    /** Whether {@link #packetId()} was read; also true for some messages that are not OK. */
    public boolean packetIdKnown() {
        return packetIdKnown;
    }

    /** Id to answer with, unsigned; wraps from 0xffffffff to 0. */
    public int packetId() {
        return packetId;
    }

    /** EtherType, e.g. 0x0800. */
    public int hwProtocol() {
        return hwProtocol;
    }

    /** Netfilter hook: 0 PREROUTING, 1 INPUT, 2 FORWARD, 3 OUTPUT, 4 POSTROUTING. */
    public int hook() {
        return hook;
    }

    /** The packet's mark, 0 if none. */
    public int mark() {
        return mark;
    }

    /** Interface index, 0 if none. */
    public int inInterface() {
        return inInterface;
    }

    /** Interface index, 0 if none. */
    public int outInterface() {
        return outInterface;
    }

    /** Bridge port the packet came in by, 0 if none. */
    public int physicalInInterface() {
        return physicalInInterface;
    }

    /** Bridge port the packet leaves by, 0 if none. */
    public int physicalOutInterface() {
        return physicalOutInterface;
    }

    /** Bits {@link NfqueueProtocol#SKB_CSUM_NOT_READY}, {@code SKB_GSO}, {@code SKB_CSUM_NOT_VERIFIED}. */
    public int skbInfo() {
        return skbInfo;
    }

    /** Absolute index of the IP header; the end of the message if the queue copies no payload. */
    public int payloadOffset() {
        return payloadOffset;
    }

    /** Bytes of the packet that were copied; 0 if none. */
    public int payloadLength() {
        return payloadLength;
    }

    /** Bytes the packet has, at least {@link #payloadLength()}. */
    public int capLength() {
        return capLength;
    }
}
