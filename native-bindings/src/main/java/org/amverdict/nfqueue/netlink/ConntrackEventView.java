package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Read-only view of what the kernel's connection tracking says about one TCP connection: an event (groups
 * NFNLGRP_CONNTRACK_UPDATE and _DESTROY, linux/netfilter/nfnetlink_conntrack.h) or the answer to {@link #writeQuery}.
 * Reused for each message; one thread; nothing of the message is kept.
 *
 * <p>The accessors are meaningful only after {@link #wrap} returned {@link #TCP}. An IPv4 address a.b.c.d is
 * ::ffff:a.b.c.d.
 */
public final class ConntrackEventView {
    /** An event about a TCP connection, or an answer. */
    public static final int TCP = 0;
    /** About something else: another protocol, another message. */
    public static final int OTHER = 1;
    /** Contradictory lengths, or a part missing that every message of the kernel has. */
    public static final int MALFORMED = 2;
    /** A number that the message does not have. */
    public static final int ABSENT = -1;

    /** The most that {@link #writeQuery} writes. */
    public static final int QUERY_MAX_BYTES = 256;

    private static final int IPPROTO_TCP = 6;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;
    private static final int TUPLE_WHOLE = 0b1111;

    private final AttributeCursor attributes = new AttributeCursor();
    private final AttributeCursor nested = new AttributeCursor();
    private final AttributeCursor innermost = new AttributeCursor();
    private final Tuple original = new Tuple();
    private final Tuple reply = new Tuple();
    private final Counters originalCounters = new Counters();
    private final Counters replyCounters = new Counters();
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int family;
    private boolean destroyed;
    private boolean answer;
    private int seen;
    private int status;
    private int tcpState;
    private int id;
    private int tupleOffset;
    private int tupleLength;
    private int zoneOffset;

    /** One direction of a connection, as seen where it comes in. */
    private static final class Tuple {
        private long sourceHigh;
        private long sourceLow;
        private int sourcePort;
        private int protocol;
        private int seen;

        private void clear() {
            sourceHigh = 0;
            sourceLow = 0;
            sourcePort = 0;
            protocol = ABSENT;
            seen = 0;
        }
    }

    private static final class Counters {
        private long packets;
        private long bytes;

        private void clear() {
            packets = ABSENT;
            bytes = ABSENT;
        }
    }

    /**
     * Reads a message that {@link NetlinkMessageView#wrap} found OK.
     *
     * @return {@link #TCP}, {@link #OTHER} or {@link #MALFORMED}
     */
    public int wrap(final NetlinkMessageView message) {
        clear();
        buffer = message.buffer();
        final int kind = message.type() & 0xff;
        if (message.type() >>> 8 != ConntrackProtocol.NFNL_SUBSYS_CTNETLINK
                || (kind != ConntrackProtocol.IPCTNL_MSG_CT_NEW && kind != ConntrackProtocol.IPCTNL_MSG_CT_DELETE)) {
            return OTHER;
        }
        if (message.payloadLength() < NfqueueProtocol.NFGENMSG_SIZE) {
            return MALFORMED;
        }
        destroyed = kind == ConntrackProtocol.IPCTNL_MSG_CT_DELETE;
        answer = message.sequence() != 0;
        family = buffer.getUnsignedByte(message.payloadOffset());
        final int start = message.payloadOffset() + NfqueueProtocol.NFGENMSG_SIZE;
        attributes.wrap(buffer, start, message.payloadOffset() + message.payloadLength());
        int attribute = attributes.next();
        while (attribute >= 0) {
            final int outcome = read(attribute);
            if (outcome != TCP) {
                return outcome;
            }
            attribute = attributes.next();
        }
        return attribute == AttributeCursor.BAD || !whole() ? MALFORMED : TCP;
    }

    private void clear() {
        original.clear();
        reply.clear();
        originalCounters.clear();
        replyCounters.clear();
        destroyed = false;
        answer = false;
        seen = 0;
        status = 0;
        tcpState = ABSENT;
        id = 0;
        tupleLength = 0;
        zoneOffset = ABSENT;
    }

    private boolean whole() {
        final int needed = 1 << ConntrackProtocol.CTA_TUPLE_ORIG
                | 1 << ConntrackProtocol.CTA_TUPLE_REPLY
                | 1 << ConntrackProtocol.CTA_ID;
        return (seen & needed) == needed;
    }

    /** One attribute of the outermost level. */
    private int read(final int attribute) {
        if (attribute >= Integer.SIZE || !isKnown(attribute)) {
            return TCP;
        }
        if ((seen & 1 << attribute) != 0) {
            return MALFORMED;
        }
        seen |= 1 << attribute;
        return switch (attribute) {
            case ConntrackProtocol.CTA_TUPLE_ORIG -> {
                tupleOffset = attributes.valueOffset() - NfqueueProtocol.NLA_HDRLEN;
                tupleLength = attributes.valueLength() + NfqueueProtocol.NLA_HDRLEN;
                yield readTuple(original);
            }
            case ConntrackProtocol.CTA_TUPLE_REPLY -> readTuple(reply);
            case ConntrackProtocol.CTA_PROTOINFO -> readProtocolInfo();
            case ConntrackProtocol.CTA_COUNTERS_ORIG -> readCounters(originalCounters);
            case ConntrackProtocol.CTA_COUNTERS_REPLY -> readCounters(replyCounters);
            default -> readNumber(attribute);
        };
    }

    private static boolean isKnown(final int attribute) {
        return switch (attribute) {
            case ConntrackProtocol.CTA_TUPLE_ORIG,
                    ConntrackProtocol.CTA_TUPLE_REPLY,
                    ConntrackProtocol.CTA_STATUS,
                    ConntrackProtocol.CTA_PROTOINFO,
                    ConntrackProtocol.CTA_COUNTERS_ORIG,
                    ConntrackProtocol.CTA_COUNTERS_REPLY,
                    ConntrackProtocol.CTA_ID,
                    ConntrackProtocol.CTA_ZONE -> true;
            default -> false;
        };
    }

    private int readNumber(final int attribute) {
        final int needed = attribute == ConntrackProtocol.CTA_ZONE ? Short.BYTES : Integer.BYTES;
        if (attributes.valueLength() < needed) {
            return MALFORMED;
        }
        final int value = attributes.valueOffset();
        switch (attribute) {
            case ConntrackProtocol.CTA_STATUS -> status = buffer.getInt(value);
            case ConntrackProtocol.CTA_ID -> id = buffer.getInt(value);
            default -> zoneOffset = value;
        }
        return TCP;
    }

    private void enter(final AttributeCursor inner, final AttributeCursor outer) {
        inner.wrap(buffer, outer.valueOffset(), outer.valueOffset() + outer.valueLength());
    }

    private int readTuple(final Tuple tuple) {
        enter(nested, attributes);
        int attribute = nested.next();
        while (attribute >= 0) {
            final boolean good = switch (attribute) {
                case ConntrackProtocol.CTA_TUPLE_IP -> readAddresses(tuple);
                case ConntrackProtocol.CTA_TUPLE_PROTO -> readPorts(tuple);
                default -> true;
            };
            if (!good) {
                return MALFORMED;
            }
            attribute = nested.next();
        }
        if (attribute == AttributeCursor.BAD || tuple.protocol == ABSENT) {
            return MALFORMED;
        }
        if (tuple.protocol != IPPROTO_TCP) {
            return OTHER;
        }
        return tuple.seen == TUPLE_WHOLE ? TCP : MALFORMED;
    }

    private boolean readAddresses(final Tuple tuple) {
        enter(innermost, nested);
        int attribute = innermost.next();
        while (attribute >= 0) {
            final boolean ipv4 =
                    attribute == ConntrackProtocol.CTA_IP_V4_SRC || attribute == ConntrackProtocol.CTA_IP_V4_DST;
            final boolean source =
                    attribute == ConntrackProtocol.CTA_IP_V4_SRC || attribute == ConntrackProtocol.CTA_IP_V6_SRC;
            if (attribute <= ConntrackProtocol.CTA_IP_V6_DST
                    && attribute != 0
                    && (innermost.valueLength() != (ipv4 ? IPV4_BYTES : IPV6_BYTES) || !mark(tuple, source ? 1 : 2))) {
                return false;
            }
            if (source) {
                final int value = innermost.valueOffset();
                tuple.sourceHigh = ipv4 ? 0 : buffer.getLong(value);
                tuple.sourceLow =
                        ipv4 ? MAPPED_PREFIX | buffer.getUnsignedInt(value) : buffer.getLong(value + Long.BYTES);
            }
            attribute = innermost.next();
        }
        return attribute == AttributeCursor.END;
    }

    private boolean readPorts(final Tuple tuple) {
        enter(innermost, nested);
        int attribute = innermost.next();
        while (attribute >= 0) {
            final int value = innermost.valueOffset();
            final int length = innermost.valueLength();
            switch (attribute) {
                case ConntrackProtocol.CTA_PROTO_NUM -> {
                    if (length < 1 || tuple.protocol != ABSENT) {
                        return false;
                    }
                    tuple.protocol = buffer.getUnsignedByte(value);
                }
                case ConntrackProtocol.CTA_PROTO_SRC_PORT -> {
                    if (length < Short.BYTES || !mark(tuple, 4)) {
                        return false;
                    }
                    tuple.sourcePort = buffer.getUnsignedShort(value);
                }
                case ConntrackProtocol.CTA_PROTO_DST_PORT -> {
                    if (length < Short.BYTES || !mark(tuple, 8)) {
                        return false;
                    }
                }
                default -> {
                    // another protocol, or a later kernel
                }
            }
            attribute = innermost.next();
        }
        return attribute == AttributeCursor.END;
    }

    /** False if that part of the tuple was there already. */
    private static boolean mark(final Tuple tuple, final int bit) {
        final boolean first = (tuple.seen & bit) == 0;
        tuple.seen |= bit;
        return first;
    }

    private int readProtocolInfo() {
        enter(nested, attributes);
        int attribute = nested.next();
        while (attribute >= 0) {
            if (attribute == ConntrackProtocol.CTA_PROTOINFO_TCP) {
                enter(innermost, nested);
                int inner = innermost.next();
                while (inner >= 0) {
                    if (inner == ConntrackProtocol.CTA_PROTOINFO_TCP_STATE) {
                        if (innermost.valueLength() < 1) {
                            return MALFORMED;
                        }
                        tcpState = buffer.getUnsignedByte(innermost.valueOffset());
                    }
                    inner = innermost.next();
                }
                if (inner == AttributeCursor.BAD) {
                    return MALFORMED;
                }
            }
            attribute = nested.next();
        }
        return attribute == AttributeCursor.BAD ? MALFORMED : TCP;
    }

    private int readCounters(final Counters counters) {
        enter(nested, attributes);
        int attribute = nested.next();
        while (attribute >= 0) {
            if (attribute == ConntrackProtocol.CTA_COUNTERS_PACKETS
                    || attribute == ConntrackProtocol.CTA_COUNTERS_BYTES) {
                if (nested.valueLength() < Long.BYTES) {
                    return MALFORMED;
                }
                final long value = buffer.getLong(nested.valueOffset()) & Long.MAX_VALUE;
                if (attribute == ConntrackProtocol.CTA_COUNTERS_PACKETS) {
                    counters.packets = value;
                } else {
                    counters.bytes = value;
                }
            }
            attribute = nested.next();
        }
        return attribute == AttributeCursor.BAD ? MALFORMED : TCP;
    }

    /**
     * Asks for the current state of this view's connection: IPCTNL_MSG_CT_GET with the same first tuple and zone.
     *
     * @param out written from index 0
     * @param sequence not 0; the answer has it
     * @return bytes written; 0 if the message's tuple is longer than any that the kernel writes
     */
    public int writeQuery(final ByteBuf out, final int sequence) {
        int at = NfqueueProtocol.NLMSG_HDRLEN + NfqueueProtocol.NFGENMSG_SIZE;
        final int zoneBytes =
                zoneOffset == ABSENT ? 0 : NfqueueProtocol.NLA_HDRLEN + NfqueueProtocol.align(Short.BYTES);
        if (at + NfqueueProtocol.align(tupleLength) + zoneBytes > QUERY_MAX_BYTES) {
            return 0;
        }
        out.setBytes(at, buffer, tupleOffset, tupleLength);
        at += NfqueueProtocol.align(tupleLength);
        if (zoneBytes > 0) {
            out.setInt(at + NfqueueProtocol.NLA_HDRLEN, 0);
            out.setShort(at + NfqueueProtocol.NLA_HDRLEN, buffer.getShort(zoneOffset));
            NetlinkHeader.attribute(out, at, ConntrackProtocol.CTA_ZONE, Short.BYTES);
            at += zoneBytes;
        }
        final int type = ConntrackProtocol.NFNL_SUBSYS_CTNETLINK << 8 | ConntrackProtocol.IPCTNL_MSG_CT_GET;
        NetlinkHeader.write(out, 0, at, type, NfqueueProtocol.NLM_F_REQUEST, 0);
        out.setIntLE(8, sequence);
        out.setByte(NfqueueProtocol.NLMSG_HDRLEN, family);
        return at;
    }

    /** The kernel has forgotten the connection: the last event about it. */
    public boolean destroyed() {
        return destroyed;
    }

    /** Not an event, but the answer to a query. */
    public boolean answer() {
        return answer;
    }

    /** The kernel's number for the connection; later reused for another one. */
    public int id() {
        return id;
    }

    /** Bits of enum ip_conntrack_status, such as {@link ConntrackProtocol#IPS_SEEN_REPLY}. */
    public int status() {
        return status;
    }

    /** State of enum tcp_conntrack; {@link #ABSENT} if this message does not say it. */
    public int tcpState() {
        return tcpState;
    }

    /** Host that connects, upper half; as it was before any translation. */
    public long originatorHigh() {
        return original.sourceHigh;
    }

    /** Host that connects, lower half. */
    public long originatorLow() {
        return original.sourceLow;
    }

    /** Port from which it connects, before any translation. */
    public int originatorPort() {
        return original.sourcePort;
    }

    /** Host that listens, upper half; the one after translation. */
    public long responderHigh() {
        return reply.sourceHigh;
    }

    /** Host that listens, lower half. */
    public long responderLow() {
        return reply.sourceLow;
    }

    /** Port on which it listens, after translation. */
    public int responderPort() {
        return reply.sourcePort;
    }

    /** Packets toward the host that listens; {@link #ABSENT} without nf_conntrack_acct, and in an update. */
    public long originalPackets() {
        return originalCounters.packets;
    }

    /** IP bytes toward the host that listens; as {@link #originalPackets()}. */
    public long originalBytes() {
        return originalCounters.bytes;
    }

    /** Packets toward the host that connects; as {@link #originalPackets()}. */
    public long replyPackets() {
        return replyCounters.packets;
    }

    /** IP bytes toward the host that connects; as {@link #originalPackets()}. */
    public long replyBytes() {
        return replyCounters.bytes;
    }
}
