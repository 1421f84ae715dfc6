package org.amverdict.packet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Read-only view of an IPv4 or IPv6 packet and its TCP, UDP or ICMP header. {@link #decode} is the only place that
 * checks lengths; it reads nothing outside the given bytes and never throws, whatever they are. The accessors never
 * fail and never touch the buffer; after a status other than OK they answer what was decoded before the failing check,
 * else 0.
 *
 * <p>One per worker, reused for each packet, not thread-safe. Nothing in it outlives the batch: lasting data is copied
 * into keys of primitives.
 *
 * <p>Sources: RFC 791, 768, 9293, 792, 8200, 4443, 1858, 2675, 5095, 6946, 7112.
 */
public final class PacketView {
    public static final int PROTOCOL_ICMP = 1;
    public static final int PROTOCOL_TCP = 6;
    public static final int PROTOCOL_UDP = 17;
    public static final int PROTOCOL_ICMPV6 = 58;

    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;
    private static final int IPV4_BROADCAST = 0xffff_ffff;

    private final Ipv4View ipv4View = new Ipv4View();
    private final Ipv6View ipv6View = new Ipv6View();
    private final UdpView udp = new UdpView();
    private final TcpView tcp = new TcpView();
    private final IcmpView icmp = new IcmpView();
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int offset;
    private int originalLength;
    private boolean ipv6;
    private int protocol;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private boolean unicastDestination;
    private boolean moreFragments;
    private int fragmentIdentification;
    private int fragmentOffsetBytes;
    private int totalLength;
    private int payloadOffset;
    private int sourcePort;
    private int destinationPort;

    /**
     * Checks the packet at {@code at} and attaches the view to it.
     *
     * @param packets absolute indexes, its reader and writer index do not matter
     * @param at absolute index of the IP header
     * @param available bytes present; {@code at} to {@code at + available} must lie within the buffer
     * @param length bytes on the wire, at least {@code available}; bytes beyond it are ignored
     * @return a {@link DecodeStatus}
     */
    public int decode(final ByteBuf packets, final int at, final int available, final int length) {
        clear();
        buffer = packets;
        offset = at;
        originalLength = length;
        final int held = Math.min(available, length);
        if (held < 1) {
            return DecodeStatus.TRUNCATED;
        }
        final int version = packets.getUnsignedByte(at) >>> 4;
        final int status;
        if (version == 4) {
            status = decodeIpv4(held);
        } else if (version == 6) {
            status = decodeIpv6(held);
        } else {
            return DecodeStatus.BAD_VERSION;
        }
        if (status != DecodeStatus.OK || laterFragment()) {
            return status;
        }
        return decodeTransport(Math.min(held, totalLength) - payloadOffset);
    }

    /** Version 6; IPv4 otherwise. */
    public boolean ipv6() {
        return ipv6;
    }

    /** Transport protocol after the extension headers, 0 to 255; the last header understood if the walk ended early. */
    public int protocol() {
        return protocol;
    }

    /** Upper half of the source address; an IPv4 address a.b.c.d is ::ffff:a.b.c.d, so this is 0. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** Lower half of the source address; for IPv4 0x0000ffffaabbccdd. */
    public long sourceLow() {
        return sourceLow;
    }

    /** Upper half of the destination address, as {@link #sourceHigh()}. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** Lower half of the destination address, as {@link #sourceLow()}. */
    public long destinationLow() {
        return destinationLow;
    }

    /**
     * False for a multicast, limited broadcast or unspecified destination; a subnet's broadcast cannot be recognized.
     */
    public boolean unicastDestination() {
        return unicastDestination;
    }

    /** Any part of a fragmented datagram; an atomic fragment is a whole datagram and does not count. */
    public boolean fragment() {
        return moreFragments || fragmentOffsetBytes != 0;
    }

    /** The part that holds the transport header. */
    public boolean firstFragment() {
        return moreFragments && fragmentOffsetBytes == 0;
    }

    /** A part without transport header: no ports, no transport view. */
    public boolean laterFragment() {
        return fragmentOffsetBytes != 0;
    }

    /** Identification: 16 bits of IPv4, 32 bits of the IPv6 fragment header (0 without one). */
    public int fragmentIdentification() {
        return fragmentIdentification;
    }

    /**
     * Protocol that every part of a datagram names: that of the IPv4 header, or of the IPv6 fragment header, which is
     * not {@link #protocol()} if extension headers follow it.
     */
    public int fragmentProtocol() {
        return isCutIpv6() ? ipv6View.fragmentProtocol() : protocol;
    }

    /** Place of this part's first byte in the reassembled payload, 0 to 65528. */
    public int fragmentOffsetBytes() {
        return fragmentOffsetBytes;
    }

    /**
     * Place after this part's last byte in the reassembled payload, which includes extension headers after the fragment
     * header; at most 65535 for a fragment.
     */
    public int fragmentEndBytes() {
        return fragmentOffsetBytes + totalLength - (isCutIpv6() ? ipv6View.fragmentedOffset() : payloadOffset);
    }

    /** Extension headers may follow the fragment header then, and are cut like the rest. */
    private boolean isCutIpv6() {
        return ipv6 && fragment();
    }

    /** Source port of TCP or UDP if the packet holds the transport header, else 0. */
    public int sourcePort() {
        return sourcePort;
    }

    /** Destination port of TCP or UDP if the packet holds the transport header, else 0. */
    public int destinationPort() {
        return destinationPort;
    }

    /** Bytes on the wire, as given to {@link #decode}. */
    public int originalLength() {
        return originalLength;
    }

    /** Bytes of the packet by its IP header, without trailing junk; at most {@link #originalLength()}. */
    public int totalLength() {
        return totalLength;
    }

    /** Absolute index of the IP header in {@link #buffer()}. */
    public int offset() {
        return offset;
    }

    /** Where the packet is; the view holds no reference count. */
    public ByteBuf buffer() {
        return buffer;
    }

    /** Valid if {@link #protocol()} is UDP and this is no {@link #laterFragment()}. */
    public UdpView udp() {
        return udp;
    }

    /** Valid if {@link #protocol()} is TCP and this is no {@link #laterFragment()}. */
    public TcpView tcp() {
        return tcp;
    }

    /** Valid if {@link #protocol()} is ICMP (IPv4) or ICMPV6 (IPv6) and this is no {@link #laterFragment()}. */
    public IcmpView icmp() {
        return icmp;
    }

    /** Lower half of the IPv6 form of an IPv4 address. */
    static long mapped(final int ipv4Address) {
        return MAPPED_PREFIX | (ipv4Address & 0xffff_ffffL);
    }

    private void clear() {
        ipv6 = false;
        protocol = 0;
        sourceHigh = 0;
        sourceLow = 0;
        destinationHigh = 0;
        destinationLow = 0;
        unicastDestination = false;
        moreFragments = false;
        fragmentIdentification = 0;
        fragmentOffsetBytes = 0;
        totalLength = 0;
        payloadOffset = 0;
        sourcePort = 0;
        destinationPort = 0;
    }

    private int decodeIpv4(final int held) {
        final int status = ipv4View.wrap(buffer, offset, held, originalLength);
        if (status != DecodeStatus.OK) {
            return status;
        }
        protocol = ipv4View.protocol();
        totalLength = ipv4View.totalLength();
        payloadOffset = ipv4View.headerLength();
        moreFragments = ipv4View.moreFragments();
        fragmentOffsetBytes = ipv4View.fragmentOffsetBytes();
        fragmentIdentification = ipv4View.identification();
        final int source = ipv4View.source();
        final int destination = ipv4View.destination();
        sourceLow = mapped(source);
        destinationLow = mapped(destination);
        unicastDestination = isUnicast(destination);
        return isUnicast(source) && destination != 0 ? DecodeStatus.OK : DecodeStatus.BAD_ADDRESS;
    }

    private static boolean isUnicast(final int ipv4Address) {
        return ipv4Address != 0 && ipv4Address != IPV4_BROADCAST && ipv4Address >>> 28 != 0xe;
    }

    private int decodeIpv6(final int held) {
        ipv6 = true;
        final int status = ipv6View.wrap(buffer, offset, held, originalLength);
        if (status != DecodeStatus.OK) {
            return status;
        }
        protocol = ipv6View.protocol();
        totalLength = ipv6View.totalLength();
        payloadOffset = ipv6View.payloadOffset();
        moreFragments = ipv6View.moreFragments();
        fragmentOffsetBytes = ipv6View.fragmentOffsetBytes();
        fragmentIdentification = ipv6View.identification();
        sourceHigh = ipv6View.sourceHigh();
        sourceLow = ipv6View.sourceLow();
        destinationHigh = ipv6View.destinationHigh();
        destinationLow = ipv6View.destinationLow();
        unicastDestination = isUnicast(destinationHigh, destinationLow);
        return isUnicast(sourceHigh, sourceLow) && (destinationHigh | destinationLow) != 0
                ? DecodeStatus.OK
                : DecodeStatus.BAD_ADDRESS;
    }

    private static boolean isUnicast(final long high, final long low) {
        return (high | low) != 0 && high >>> 56 != 0xff;
    }

    private int decodeTransport(final int available) {
        final int at = offset + payloadOffset;
        final int length = totalLength - payloadOffset;
        return switch (protocol) {
            case PROTOCOL_UDP -> decodeUdp(at, available, length);
            case PROTOCOL_TCP -> decodeTcp(at, available, length);
            case PROTOCOL_ICMP, PROTOCOL_ICMPV6 ->
                ipv6 == (protocol == PROTOCOL_ICMPV6)
                        ? icmp.wrap(buffer, at, available, length, ipv6, firstFragment())
                        : DecodeStatus.OK;
            default -> DecodeStatus.OK;
        };
    }

    private int decodeUdp(final int at, final int available, final int length) {
        final int status = udp.wrap(buffer, at, available, length, ipv6, firstFragment());
        return status == DecodeStatus.OK ? checkPorts(udp.sourcePort(), udp.destinationPort()) : status;
    }

    private int decodeTcp(final int at, final int available, final int length) {
        final int status = tcp.wrap(buffer, at, available, length, firstFragment());
        return status == DecodeStatus.OK ? checkPorts(tcp.sourcePort(), tcp.destinationPort()) : status;
    }

    private int checkPorts(final int source, final int destination) {
        sourcePort = source;
        destinationPort = destination;
        // LAND: a packet from a socket to itself, which no router ever has to carry.
        return source == destination && sourceHigh == destinationHigh && sourceLow == destinationLow
                ? DecodeStatus.BAD_ADDRESS
                : DecodeStatus.OK;
    }
}
