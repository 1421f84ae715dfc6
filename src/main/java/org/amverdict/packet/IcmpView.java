package org.amverdict.packet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Checked ICMP (RFC 792) or ICMPv6 (RFC 4443) header and, on demand, the packet that an error quotes. One per
 * {@link PacketView}, reused for each packet, not thread-safe; valid until the next decode. The accessors never touch
 * the buffer; only {@link #decodeQuoted} does, while the buffer holds the packet.
 */
public final class IcmpView {
    /** Bytes, including the four with a meaning that depends on the type. */
    public static final int HEADER_LENGTH = 8;

    private static final int DESTINATION_UNREACHABLE = 3;
    private static final int TIME_EXCEEDED = 11;
    private static final int PARAMETER_PROBLEM = 12;
    private static final int V6_ERROR_MIN = 1;
    private static final int V6_ERROR_MAX = 4;

    /** Ports and what follows them: the least that RFC 792 makes an error quote. */
    private static final int QUOTED_TRANSPORT = 8;
    /** The quoted packet was longer than the quotation; these limits take any length field, but no jumbogram. */
    private static final int QUOTED_V4_MAX = 65_535;

    private static final int QUOTED_V6_MAX = Ipv6View.HEADER_LENGTH + 65_535;

    private final Ipv4View quotedIpv4 = new Ipv4View();
    private final Ipv6View quotedIpv6 = new Ipv6View();
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private boolean ipv6;
    private int offset;
    private int available;
    private int type;
    private int code;
    private int quotedProtocol;
    private long quotedSourceHigh;
    private long quotedSourceLow;
    private long quotedDestinationHigh;
    private long quotedDestinationLow;
    private int quotedSourcePort;
    private int quotedDestinationPort;
    private int quotedSequence;

    /**
     * Checks the header at {@code headerOffset} and copies its fields.
     *
     * @param source absolute indexes
     * @param headerOffset of the ICMP header
     * @param present bytes present from there, at most {@code ipPayload}
     * @param ipPayload bytes that the IP length leaves for ICMP in this packet
     * @param version6 whether it is ICMPv6
     * @param firstFragment whether a header that the packet cuts is a fragment trick
     * @return a {@link DecodeStatus}; the accessors are meaningful after OK only
     */
    public int wrap(
            final ByteBuf source,
            final int headerOffset,
            final int present,
            final int ipPayload,
            final boolean version6,
            final boolean firstFragment) {
        available = 0;
        clearQuoted();
        if (ipPayload < HEADER_LENGTH) {
            return firstFragment ? DecodeStatus.BAD_FRAGMENT : DecodeStatus.BAD_LENGTH;
        }
        if (present < HEADER_LENGTH) {
            return DecodeStatus.TRUNCATED;
        }
        buffer = source;
        offset = headerOffset;
        available = present;
        ipv6 = version6;
        type = source.getUnsignedByte(headerOffset);
        code = source.getUnsignedByte(headerOffset + 1);
        return DecodeStatus.OK;
    }

    /** 0 to 255. */
    public int type() {
        return type;
    }

    /** 0 to 255. */
    public int code() {
        return code;
    }

    /**
     * Whether it reports a problem with a packet that it quotes: IPv4 types 3, 11 and 12 (not source quench, RFC 6633,
     * nor redirect), IPv6 types 1 to 4.
     */
    public boolean error() {
        return ipv6
                ? type >= V6_ERROR_MIN && type <= V6_ERROR_MAX
                : type == DESTINATION_UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
    }

    /**
     * Decodes the quoted packet: IP header, protocol and, for TCP and UDP, the ports and TCP's sequence number; eight
     * bytes of transport suffice and its length fields may exceed the quotation. What RFC 4884 lets follow the
     * quotation is ignored: at least 128 bytes of the packet come before it. Call it before the buffer is reused.
     *
     * @return a {@link DecodeStatus}; the quoted accessors are meaningful after OK only and 0 otherwise
     */
    public int decodeQuoted() {
        clearQuoted();
        if (available < HEADER_LENGTH || !error()) {
            return DecodeStatus.NO_QUOTE;
        }
        final int at = offset + HEADER_LENGTH;
        final int held = available - HEADER_LENGTH;
        final int status = ipv6 ? decodeQuotedIpv6(at, held) : decodeQuotedIpv4(at, held);
        if (status != DecodeStatus.OK) {
            clearQuoted();
        }
        return status;
    }

    /** Transport protocol of the quoted packet, 0 to 255. */
    public int quotedProtocol() {
        return quotedProtocol;
    }

    /** Upper half of the quoted source address, see {@link PacketView#sourceHigh}. */
    public long quotedSourceHigh() {
        return quotedSourceHigh;
    }

    /** Lower half of the quoted source address. */
    public long quotedSourceLow() {
        return quotedSourceLow;
    }

    /** Upper half of the quoted destination address. */
    public long quotedDestinationHigh() {
        return quotedDestinationHigh;
    }

    /** Lower half of the quoted destination address. */
    public long quotedDestinationLow() {
        return quotedDestinationLow;
    }

    /** Source port of the quoted packet; 0 unless it is TCP or UDP. */
    public int quotedSourcePort() {
        return quotedSourcePort;
    }

    /** Destination port of the quoted packet; 0 unless it is TCP or UDP. */
    public int quotedDestinationPort() {
        return quotedDestinationPort;
    }

    /** Sequence number of the quoted segment, 32 bits unsigned in an int; 0 if it is not TCP. */
    public int quotedSequence() {
        return quotedSequence;
    }

    private void clearQuoted() {
        quotedProtocol = 0;
        quotedSourceHigh = 0;
        quotedSourceLow = 0;
        quotedDestinationHigh = 0;
        quotedDestinationLow = 0;
        quotedSourcePort = 0;
        quotedDestinationPort = 0;
        quotedSequence = 0;
    }

    private int decodeQuotedIpv4(final int at, final int held) {
        final int status = quotedIpv4.wrap(buffer, at, held, QUOTED_V4_MAX);
        if (status != DecodeStatus.OK) {
            return status;
        }
        quotedProtocol = quotedIpv4.protocol();
        quotedSourceLow = PacketView.mapped(quotedIpv4.source());
        quotedDestinationLow = PacketView.mapped(quotedIpv4.destination());
        final int header = quotedIpv4.headerLength();
        final int present = Math.min(held, quotedIpv4.totalLength()) - header;
        return decodeQuotedPorts(at + header, present, quotedIpv4.fragmentOffsetBytes());
    }

    private int decodeQuotedIpv6(final int at, final int held) {
        final int status = quotedIpv6.wrap(buffer, at, held, QUOTED_V6_MAX);
        if (status != DecodeStatus.OK) {
            return status;
        }
        quotedProtocol = quotedIpv6.protocol();
        quotedSourceHigh = quotedIpv6.sourceHigh();
        quotedSourceLow = quotedIpv6.sourceLow();
        quotedDestinationHigh = quotedIpv6.destinationHigh();
        quotedDestinationLow = quotedIpv6.destinationLow();
        final int header = quotedIpv6.payloadOffset();
        final int present = Math.min(held, quotedIpv6.totalLength()) - header;
        return decodeQuotedPorts(at + header, present, quotedIpv6.fragmentOffsetBytes());
    }

    private int decodeQuotedPorts(final int at, final int present, final int fragmentOffsetBytes) {
        if (quotedProtocol != PacketView.PROTOCOL_TCP && quotedProtocol != PacketView.PROTOCOL_UDP) {
            return DecodeStatus.OK;
        }
        if (fragmentOffsetBytes != 0) {
            return DecodeStatus.BAD_FRAGMENT; // names no ports, so it cannot be matched
        }
        if (present < QUOTED_TRANSPORT) {
            return DecodeStatus.TRUNCATED;
        }
        quotedSourcePort = buffer.getUnsignedShort(at);
        quotedDestinationPort = buffer.getUnsignedShort(at + 2);
        quotedSequence = quotedProtocol == PacketView.PROTOCOL_TCP ? buffer.getInt(at + 4) : 0;
        return DecodeStatus.OK;
    }
}
