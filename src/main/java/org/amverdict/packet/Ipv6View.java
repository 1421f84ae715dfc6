package org.amverdict.packet;

import io.netty.buffer.ByteBuf;

/**
 * Checked IPv6 header and its extension headers (RFC 8200), at most {@link #EXTENSIONS_MAX}. One per {@link PacketView}
 * or {@link IcmpView}; not thread-safe. The fields are copied out by {@link #wrap}, so the accessors never touch the
 * buffer. A header that is not understood (AH, ESP, none, unknown) ends the walk and becomes {@link #protocol()}.
 */
public final class Ipv6View {
    /** Fixed header, bytes. */
    public static final int HEADER_LENGTH = 40;
    /** Most extension headers that are walked. */
    public static final int EXTENSIONS_MAX = 8;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int NO_NEXT_HEADER = 59;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int EXTENSION_UNIT = 8;
    private static final int OPTION_PAD1 = 0;
    private static final int OPTION_JUMBO = 0xc2;
    /** RFC 6275 6.3: the receiver takes the address in it for the source. */
    private static final int OPTION_HOME_ADDRESS = 0xc9;

    private static final int ROUTING_TYPE = 2;
    private static final int ROUTING_SEGMENTS_LEFT = 3;
    private static final int JUMBO_PAYLOAD_MIN = 65_536;
    private static final long MAPPED_PREFIX = 0x0000_ffffL;

    private int payloadOffset;
    private int totalLength;
    private int protocol;
    private long jumboPayload;
    private boolean fragmentHeader;
    private int fragmentProtocol;
    private int fragmentedOffset;
    private int identification;
    private int fragmentOffsetBytes;
    private boolean moreFragments;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;

    /**
     * Checks the headers at {@code offset} and copies their fields.
     *
     * @param buffer absolute indexes, its reader index does not matter
     * @param offset of the IP header
     * @param available bytes present from {@code offset}
     * @param originalLength bytes on the wire, at least {@code available}
     * @return a {@link DecodeStatus}; the accessors are meaningful after OK only
     */
    public int wrap(final ByteBuf buffer, final int offset, final int available, final int originalLength) {
        if (available < HEADER_LENGTH) {
            return DecodeStatus.TRUNCATED;
        }
        if (buffer.getUnsignedByte(offset) >>> 4 != 6) {
            return DecodeStatus.BAD_VERSION;
        }
        final int declared = buffer.getUnsignedShort(offset + 4);
        protocol = buffer.getUnsignedByte(offset + 6);
        final boolean jumbo = declared == 0 && protocol == HOP_BY_HOP && originalLength >= JUMBO_PAYLOAD_MIN;
        if (declared == 0 && !jumbo && protocol != NO_NEXT_HEADER) {
            return DecodeStatus.BAD_TOTAL_LENGTH;
        }
        // The jumbo option, found later, must name this very length.
        totalLength = jumbo ? originalLength : HEADER_LENGTH + declared;
        if (totalLength > originalLength) {
            return DecodeStatus.BAD_TOTAL_LENGTH;
        }
        jumboPayload = 0;
        fragmentHeader = false;
        identification = 0;
        fragmentOffsetBytes = 0;
        moreFragments = false;
        final int status = copyAddresses(buffer, offset);
        if (status != DecodeStatus.OK) {
            return status;
        }
        final int walked = walk(buffer, offset, Math.min(available, totalLength));
        return walked == DecodeStatus.OK ? checkJumbo(jumbo) : walked;
    }

    /** Bytes from the IP header to the transport header, or to the data of a later fragment. */
    public int payloadOffset() {
        return payloadOffset;
    }

    /** Headers and payload on the wire, bytes; above 65575 for a jumbogram only. */
    public int totalLength() {
        return totalLength;
    }

    /** Transport protocol, or the header at which the walk ended, 0 to 255. */
    public int protocol() {
        return protocol;
    }

    /** Next header of the fragment header, the same in every fragment of a datagram; 0 without one. */
    public int fragmentProtocol() {
        return fragmentHeader ? fragmentProtocol : 0;
    }

    /**
     * Bytes from the IP header to the part that the sender fragmented, including extension headers after the fragment
     * header; 0 without one.
     */
    public int fragmentedOffset() {
        return fragmentHeader ? fragmentedOffset : 0;
    }

    /** Identification of the fragment header, 32 bits; 0 without one. */
    public int identification() {
        return identification;
    }

    /** Place of the first payload byte in the reassembled payload. */
    public int fragmentOffsetBytes() {
        return fragmentOffsetBytes;
    }

    /** Whether other fragments of the datagram follow this one. */
    public boolean moreFragments() {
        return moreFragments;
    }

    /** Upper half of the source address. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** Lower half of the source address. */
    public long sourceLow() {
        return sourceLow;
    }

    /** Upper half of the destination address. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** Lower half of the destination address. */
    public long destinationLow() {
        return destinationLow;
    }

    private int copyAddresses(final ByteBuf buffer, final int offset) {
        sourceHigh = buffer.getLong(offset + 8);
        sourceLow = buffer.getLong(offset + 16);
        destinationHigh = buffer.getLong(offset + 24);
        destinationLow = buffer.getLong(offset + 32);
        // Keys hold IPv4 addresses in this form, so an IPv6 packet must not be able to name an IPv4 flow.
        return isMapped(sourceHigh, sourceLow) || isMapped(destinationHigh, destinationLow)
                ? DecodeStatus.BAD_ADDRESS
                : DecodeStatus.OK;
    }

    private static boolean isMapped(final long high, final long low) {
        return high == 0 && low >>> 32 == MAPPED_PREFIX;
    }

    private static boolean isExtension(final int header) {
        return header == HOP_BY_HOP || header == ROUTING || header == FRAGMENT || header == DESTINATION_OPTIONS;
    }

    /** Leaves {@code payloadOffset} and {@code protocol} at the end of the last extension header. */
    private int walk(final ByteBuf buffer, final int offset, final int available) {
        int at = HEADER_LENGTH;
        for (int count = 0; isExtension(protocol); count++) {
            if (count == EXTENSIONS_MAX || (protocol == HOP_BY_HOP && count != 0)) {
                return DecodeStatus.BAD_EXTENSION;
            }
            if (totalLength - at < EXTENSION_UNIT) {
                return cutByLength();
            }
            if (available - at < EXTENSION_UNIT) {
                return DecodeStatus.TRUNCATED;
            }
            final int length = protocol == FRAGMENT
                    ? EXTENSION_UNIT
                    : (buffer.getUnsignedByte(offset + at + 1) + 1) * EXTENSION_UNIT;
            if (totalLength - at < length) {
                return cutByLength();
            }
            if (available - at < length) {
                return DecodeStatus.TRUNCATED;
            }
            final int status = checkExtension(buffer, offset + at, length, totalLength - at - length);
            if (status != DecodeStatus.OK) {
                return status;
            }
            final int next = buffer.getUnsignedByte(offset + at);
            at += length;
            if (protocol == FRAGMENT) {
                fragmentProtocol = next;
                fragmentedOffset = at;
            }
            protocol = next;
            if (fragmentOffsetBytes != 0) {
                break; // the bytes of a later fragment are not headers
            }
        }
        payloadOffset = at;
        return DecodeStatus.OK;
    }

    /** RFC 7112: the first fragment holds the whole header chain. */
    private int cutByLength() {
        return moreFragments ? DecodeStatus.BAD_FRAGMENT : DecodeStatus.BAD_EXTENSION;
    }

    private int checkExtension(final ByteBuf buffer, final int index, final int length, final int behind) {
        return switch (protocol) {
            case ROUTING -> checkRouting(buffer, index);
            case FRAGMENT -> checkFragment(buffer, index, behind);
            default -> checkOptions(buffer, index, length);
        };
    }

    /**
     * With segments left the destination is only the next stop: the packet ends at an address that is not judged here.
     * Type 0 is refused always (RFC 5095).
     */
    private static int checkRouting(final ByteBuf buffer, final int index) {
        return buffer.getUnsignedByte(index + ROUTING_TYPE) == 0
                        || buffer.getUnsignedByte(index + ROUTING_SEGMENTS_LEFT) != 0
                ? DecodeStatus.BAD_EXTENSION
                : DecodeStatus.OK;
    }

    private int checkFragment(final ByteBuf buffer, final int index, final int behind) {
        if (fragmentHeader || jumboPayload != 0) {
            return DecodeStatus.BAD_EXTENSION; // RFC 2675 3: a jumbogram is not fragmented
        }
        fragmentHeader = true;
        final int place = buffer.getUnsignedShort(index + 2);
        fragmentOffsetBytes = place & 0xfff8;
        moreFragments = (place & 1) != 0;
        identification = buffer.getInt(index + 4);
        if (fragmentOffsetBytes == 0 && !moreFragments) {
            return DecodeStatus.OK; // atomic fragment (RFC 6946): a whole datagram
        }
        final int next = buffer.getUnsignedByte(index);
        if (next == PacketView.PROTOCOL_TCP && fragmentOffsetBytes != 0 && fragmentOffsetBytes < 20) {
            return DecodeStatus.BAD_FRAGMENT; // starts inside the TCP header
        }
        return Fragments.check(fragmentOffsetBytes, moreFragments, behind);
    }

    /** Options of a hop-by-hop or destination options header; at most 2046 steps, its length is 8 bits of 8 bytes. */
    private int checkOptions(final ByteBuf buffer, final int index, final int length) {
        int at = 2;
        while (at < length) {
            final int type = buffer.getUnsignedByte(index + at);
            if (type == OPTION_PAD1) {
                at++;
                continue;
            }
            if (at + 1 >= length) {
                return DecodeStatus.BAD_OPTION;
            }
            final int data = buffer.getUnsignedByte(index + at + 1);
            if (at + 2 + data > length || type == OPTION_HOME_ADDRESS) {
                return DecodeStatus.BAD_OPTION;
            }
            if (type == OPTION_JUMBO) {
                if (protocol != HOP_BY_HOP || data != 4 || jumboPayload != 0) {
                    return DecodeStatus.BAD_OPTION;
                }
                jumboPayload = buffer.getUnsignedInt(index + at + 2);
                if (jumboPayload < JUMBO_PAYLOAD_MIN) {
                    return DecodeStatus.BAD_OPTION;
                }
            }
            at += 2 + data;
        }
        return DecodeStatus.OK;
    }

    /** A jumbogram (RFC 2675) is only accepted as the kernel makes it for BIG TCP: TCP, length exactly the packet's. */
    private int checkJumbo(final boolean jumbo) {
        if (!jumbo) {
            return jumboPayload == 0 ? DecodeStatus.OK : DecodeStatus.BAD_OPTION;
        }
        return jumboPayload == totalLength - HEADER_LENGTH && protocol == PacketView.PROTOCOL_TCP
                ? DecodeStatus.OK
                : DecodeStatus.BAD_TOTAL_LENGTH;
    }
}
