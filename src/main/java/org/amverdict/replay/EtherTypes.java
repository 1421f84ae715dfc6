package org.amverdict.replay;

import io.netty.buffer.ByteBuf;

/**
 * What follows an EtherType until the IP packet begins: VLAN tags, PPPoE, MPLS labels and LLC/SNAP, in any order.
 * Sources: IEEE 802.1Q, 802.1ad and 802.3, RFC 2516 (PPPoE), RFC 1661 (PPP), RFC 3032 (MPLS), RFC 1042 (SNAP). Stateless.
 */
final class EtherTypes {
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int VLAN = 0x8100;
    private static final int QINQ = 0x88a8;
    /** Three numbers that switches used for stacked tags before 802.1ad. */
    private static final int QINQ_OLD = 0x9100;

    private static final int QINQ_OLD_2 = 0x9200;
    private static final int QINQ_OLD_3 = 0x9300;
    private static final int MPLS = 0x8847;
    private static final int MPLS_MULTICAST = 0x8848;
    private static final int PPPOE_SESSION = 0x8864;
    /** A number up to this is the length of an 802.3 frame, and an LLC header follows. */
    private static final int LENGTH_MAX = 1500;

    private static final int TAG_LENGTH = 4;
    private static final int TAGS_MAX = 4;
    private static final int LABELS_MAX = 16;
    private static final int PPPOE_LENGTH = 6;
    /** DSAP, SSAP, control, and an organization code of zero before the EtherType. */
    private static final int SNAP_LENGTH = 8;

    private static final int PPP_IPV4 = 0x21;
    private static final int PPP_IPV6 = 0x57;
    /** Address and control of PPP in HDLC framing; RFC 1662. */
    private static final int PPP_HDLC = 0xff03;

    private EtherTypes() {}

    /**
     * Absolute index of the IP header, or {@link LinkLayer#NOT_IP}.
     *
     * @param typeAt index of the EtherType
     * @param payloadAt index of what it describes
     */
    static int ipOffset(final ByteBuf buffer, final int typeAt, final int payloadAt, final int end) {
        if (payloadAt > end) {
            return LinkLayer.NOT_IP;
        }
        int type = buffer.getUnsignedShort(typeAt);
        int at = payloadAt;
        for (int tags = 0; isVlan(type); tags++) {
            if (tags == TAGS_MAX || at + TAG_LENGTH > end) {
                return LinkLayer.NOT_IP;
            }
            type = buffer.getUnsignedShort(at + 2);
            at += TAG_LENGTH;
        }
        if (type <= LENGTH_MAX && isSnap(buffer, at, end)) {
            type = buffer.getUnsignedShort(at + SNAP_LENGTH - 2);
            at += SNAP_LENGTH;
        }
        return switch (type) {
            case IPV4, IPV6 -> at;
            case PPPOE_SESSION -> afterPppoe(buffer, at, end);
            case MPLS, MPLS_MULTICAST -> afterLabels(buffer, at, end);
            default -> LinkLayer.NOT_IP;
        };
    }

    private static boolean isVlan(final int type) {
        return switch (type) {
            case VLAN, QINQ, QINQ_OLD, QINQ_OLD_2, QINQ_OLD_3 -> true;
            default -> false;
        };
    }

    private static boolean isSnap(final ByteBuf buffer, final int at, final int end) {
        return at + SNAP_LENGTH <= end && buffer.getInt(at) == 0xaaaa0300 && buffer.getUnsignedShort(at + 4) == 0;
    }

    /** Version and type 1, code 0 (session data), session, length; then PPP. */
    static int afterPppoe(final ByteBuf buffer, final int at, final int end) {
        return at + PPPOE_LENGTH <= end && buffer.getUnsignedShort(at) == 0x1100
                ? afterPpp(buffer, at + PPPOE_LENGTH, end)
                : LinkLayer.NOT_IP;
    }

    /** The protocol takes two bytes, or one odd one if the peers agreed to compress it. */
    static int afterPpp(final ByteBuf buffer, final int start, final int end) {
        final int at = start + 2 <= end && buffer.getUnsignedShort(start) == PPP_HDLC ? start + 2 : start;
        if (at >= end) {
            return LinkLayer.NOT_IP;
        }
        final int first = buffer.getUnsignedByte(at);
        final boolean compressed = (first & 1) == 1;
        if (!compressed && at + 2 > end) {
            return LinkLayer.NOT_IP;
        }
        final int protocol = compressed ? first : buffer.getUnsignedShort(at);
        return protocol == PPP_IPV4 || protocol == PPP_IPV6 ? at + (compressed ? 1 : 2) : LinkLayer.NOT_IP;
    }

    /** The last label has the bottom-of-stack bit; only the packet itself says what it is. */
    private static int afterLabels(final ByteBuf buffer, final int start, final int end) {
        int at = start;
        for (int labels = 0; labels < LABELS_MAX && at + TAG_LENGTH < end; labels++) {
            final boolean bottom = (buffer.getByte(at + 2) & 1) == 1;
            at += TAG_LENGTH;
            if (bottom) {
                return LinkLayer.isIp(buffer, at) ? at : LinkLayer.NOT_IP;
            }
        }
        return LinkLayer.NOT_IP;
    }
}
