package org.amverdict.replay;

import io.netty.buffer.ByteBuf;

/**
 * Where the IP packet begins in a captured frame, by link type. Numbers and layouts: tcpdump.org/linktypes.html,
 * IEEE 802.3, 802.1Q.
 */
final class LinkLayer {
    /** The frame holds no IP packet (ARP, LLDP, ...), or is too short to tell. */
    static final int NOT_IP = -1;
    /** Result of {@link #declaredLength} when the header gives no length. */
    static final int UNKNOWN_LENGTH = -1;

    /** For messages. */
    static final String SUPPORTED = "Ethernet, Linux cooked v1 and v2, raw IP, null/loopback, PPP, PPPoE, NFLOG";

    private static final int NULL = 0;
    private static final int ETHERNET = 1;
    private static final int PPP = 9;
    /** DLT_RAW on most systems, on OpenBSD, and the number meant for files. */
    private static final int RAW_MOST = 12;

    private static final int RAW_OPENBSD = 14;
    private static final int PPP_HDLC = 50;
    private static final int PPP_ETHER = 51;
    private static final int RAW = 101;
    private static final int LOOP = 108;
    private static final int LINUX_SLL = 113;
    private static final int IPV4 = 228;
    private static final int IPV6 = 229;
    private static final int NFLOG = 239;
    private static final int LINUX_SLL2 = 276;

    private static final int IPV4_HEADER_LENGTH = 20;
    private static final int IPV6_HEADER_LENGTH = 40;

    private LinkLayer() {}

    static boolean supports(final int linkType) {
        return switch (linkType) {
            case NULL,
                    ETHERNET,
                    PPP,
                    RAW_MOST,
                    RAW_OPENBSD,
                    PPP_HDLC,
                    PPP_ETHER,
                    RAW,
                    LOOP,
                    LINUX_SLL,
                    IPV4,
                    IPV6,
                    NFLOG,
                    LINUX_SLL2 -> true;
            default -> false;
        };
    }

    /** Absolute index of the IP header of the frame at {@code offset}, or {@link #NOT_IP}. */
    static int ipOffset(final int linkType, final ByteBuf buffer, final int offset, final int length) {
        final int end = offset + length;
        return switch (linkType) {
            case ETHERNET -> EtherTypes.ipOffset(buffer, offset + 12, offset + 14, end);
            case LINUX_SLL -> EtherTypes.ipOffset(buffer, offset + 14, offset + 16, end);
            case LINUX_SLL2 -> EtherTypes.ipOffset(buffer, offset, offset + 20, end);
            case NULL, LOOP -> afterFamily(buffer, offset, length);
            case PPP, PPP_HDLC -> EtherTypes.afterPpp(buffer, offset, end);
            case PPP_ETHER -> EtherTypes.afterPppoe(buffer, offset, end);
            case NFLOG -> NflogFrame.ipOffset(buffer, offset, end);
            case RAW_MOST, RAW_OPENBSD, RAW, IPV4, IPV6 -> offset;
            default -> NOT_IP;
        };
    }

    /** Where the packet that begins at {@code ipOffset} ends, with padding of the link layer. */
    static int end(final int linkType, final ByteBuf buffer, final int ipOffset, final int frameEnd) {
        return linkType == NFLOG ? NflogFrame.end(buffer, ipOffset, frameEnd) : frameEnd;
    }

    /**
     * Whether the capturing side cuts packets before the frame is made, so that the frame's own length does not say how
     * long the packet was.
     */
    static boolean cutsPackets(final int linkType) {
        return linkType == NFLOG;
    }

    /** Whether the version number of an IP header is at that index. */
    static boolean isIp(final ByteBuf buffer, final int at) {
        final int version = buffer.getUnsignedByte(at) >>> 4;
        return version == 4 || version == 6;
    }

    /** The family is in the byte order of the machine that captured (NULL) or the network's (LOOP); both are tried. */
    private static int afterFamily(final ByteBuf buffer, final int offset, final int length) {
        if (length < 4) {
            return NOT_IP;
        }
        return isIpFamily(buffer.getInt(offset)) || isIpFamily(buffer.getIntLE(offset)) ? offset + 4 : NOT_IP;
    }

    /** AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 23 Windows, 24 NetBSD and OpenBSD, 28 FreeBSD, 30 Darwin. */
    private static boolean isIpFamily(final int family) {
        return switch (family) {
            case 2, 10, 23, 24, 28, 30 -> true;
            default -> false;
        };
    }

    /**
     * Length of the packet by its own header, or {@link #UNKNOWN_LENGTH}. What follows it in the frame is padding or a
     * checksum, which the kernel cuts off before any queue sees the packet (ip_rcv_core, ip6_rcv_core).
     */
    static int declaredLength(final ByteBuf buffer, final int offset, final int length) {
        if (length < IPV4_HEADER_LENGTH) {
            return UNKNOWN_LENGTH;
        }
        final int version = buffer.getUnsignedByte(offset) >>> 4;
        if (version == 4) {
            final int totalLength = buffer.getUnsignedShort(offset + 2);
            return totalLength < IPV4_HEADER_LENGTH ? UNKNOWN_LENGTH : totalLength;
        }
        if (version == 6 && length >= IPV6_HEADER_LENGTH) {
            final int payloadLength = buffer.getUnsignedShort(offset + 4);
            // Payload length 0 before a hop-by-hop header is a jumbogram: the length is in an option.
            final boolean jumbo = payloadLength == 0 && buffer.getByte(offset + 6) == 0;
            return jumbo ? UNKNOWN_LENGTH : IPV6_HEADER_LENGTH + payloadLength;
        }
        return UNKNOWN_LENGTH;
    }
}
