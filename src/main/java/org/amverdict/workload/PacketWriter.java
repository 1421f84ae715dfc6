package org.amverdict.workload;

import io.netty.buffer.ByteBuf;
import org.amverdict.engine.PacketBatch;
import org.amverdict.packet.TcpView;

/**
 * Writes whole packets (RFC 791, RFC 8200, RFC 768, RFC 9293) one after another into a slab and enters them in a batch:
 * IPv4 with the UDP checksum left 0, meaning none, or as set by {@link #form}. One thread.
 */
public final class PacketWriter {
    public static final int SYN = 0x02;
    public static final int ACK = 0x10;
    public static final int FIN = 0x01;

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int IPV6_VERSION = 0x60;
    /** 2001:db8::, RFC 3849; the last 32 bits are the address. */
    private static final long IPV6_PREFIX = 0x20010db8_00000000L;

    private static final int UDP_HEADER = 8;
    private static final int TCP_HEADER = 20;
    private static final int UDP = 17;
    private static final int TCP = 6;
    private static final int VERSION_AND_LENGTH = 0x45;
    private static final int TIME_TO_LIVE = 64;
    private static final int TCP_DATA_OFFSET = 5 << 4;

    private static final byte[] HEX_DIGITS = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };
    private static final int HEX_BITS = 4;
    private static final int HEX_MASK = 0xf;
    private static final int TEN = 10;
    private static final long UNSIGNED = 0xffff_ffffL;
    private static final int ALL_ONES = 0xffff;
    /** NF_INET_FORWARD. */
    private static final int FORWARD = 2;

    private final ByteBuf slab;
    private final PacketBatch batch;
    private int ipHeader = IPV4_HEADER;
    private boolean checksums;
    private int at;
    private int source;
    private int sourcePort;
    private int destination;
    private int destinationPort;
    private int payload;
    private int end;
    private int nextId = 1;

    /**
     * @param slab written from index 0; large enough for all packets of a batch
     * @param batch large enough too
     */
    public PacketWriter(final ByteBuf slab, final PacketBatch batch) {
        this.slab = slab;
        this.batch = batch;
    }

    /**
     * Sets how packets are written from now on.
     *
     * @param ipv6 addresses are those of 2001:db8::/96 that end with the 32 bits
     * @param withChecksums of UDP; IPv6 always has them
     */
    public void form(final boolean ipv6, final boolean withChecksums) {
        ipHeader = ipv6 ? IPV6_HEADER : IPV4_HEADER;
        checksums = ipv6 || withChecksums;
    }

    /** Empties the batch; the next packet is written at the start of the slab. */
    public void begin() {
        batch.reset(slab);
        at = 0;
    }

    /** Sets the sender of the next packets; the address as a 32-bit number. */
    public PacketWriter from(final int address, final int port) {
        source = address;
        sourcePort = port;
        return this;
    }

    /** Sets the receiver of the next packets. */
    public PacketWriter to(final int address, final int port) {
        destination = address;
        destinationPort = port;
        return this;
    }

    /** Begins a datagram. Everything written until {@link #endUdp} is its payload. */
    public PacketWriter beginUdp() {
        payload = at + ipHeader + UDP_HEADER;
        end = payload;
        slab.setShort(payload - UDP_HEADER, sourcePort);
        slab.setShort(payload - UDP_HEADER + 2, destinationPort);
        return this;
    }

    /** Adds text to the payload. */
    public PacketWriter text(final byte[] ascii) {
        slab.setBytes(end, ascii);
        end += ascii.length;
        return this;
    }

    /** Adds a number to the payload, in eight hexadecimal digits. */
    public PacketWriter hexadecimal(final int number) {
        for (int shift = Integer.SIZE - HEX_BITS; shift >= 0; shift -= HEX_BITS) {
            slab.setByte(end, HEX_DIGITS[(number >>> shift) & HEX_MASK]);
            end++;
        }
        return this;
    }

    /** Adds a number to the payload; not a negative one. */
    public PacketWriter decimal(final int number) {
        int digits = 1;
        for (int rest = number / TEN; rest > 0; rest /= TEN) {
            digits++;
        }
        int rest = number;
        for (int i = digits - 1; i >= 0; i--) {
            slab.setByte(end + i, HEX_DIGITS[rest % TEN]);
            rest /= TEN;
        }
        end += digits;
        return this;
    }

    /** Ends the datagram and enters it. */
    public void endUdp() {
        final int udp = payload - UDP_HEADER;
        ip(UDP, end - at);
        slab.setShort(udp + 4, end - udp);
        slab.setShort(udp + 6, 0);
        if (checksums) {
            slab.setShort(udp + 6, checksum(udp, end - udp, UDP));
        }
        enter(end - at);
    }

    /** Adds a segment with these flags and a payload of zeros. */
    public void tcp(final int flags, final int payloadLength) {
        final int length = ipHeader + TCP_HEADER + payloadLength;
        ip(TCP, length);
        final int tcp = at + ipHeader;
        slab.setZero(tcp, TCP_HEADER + payloadLength);
        slab.setShort(tcp, sourcePort);
        slab.setShort(tcp + 2, destinationPort);
        // Both sides start at sequence number 0 and have sent nothing since.
        slab.setInt(tcp + 4, (flags & TcpView.SYN) == 0 ? 1 : 0);
        slab.setInt(tcp + 8, (flags & TcpView.ACK) == 0 ? 0 : 1);
        slab.setByte(tcp + 12, TCP_DATA_OFFSET);
        slab.setByte(tcp + 13, flags);
        enter(length);
    }

    private void ip(final int protocol, final int length) {
        slab.setZero(at, ipHeader);
        if (ipHeader == IPV6_HEADER) {
            slab.setByte(at, IPV6_VERSION);
            slab.setShort(at + 4, length - IPV6_HEADER);
            slab.setByte(at + 6, protocol);
            slab.setByte(at + 7, TIME_TO_LIVE);
            slab.setLong(at + 8, IPV6_PREFIX);
            slab.setLong(at + 16, source & UNSIGNED);
            slab.setLong(at + 24, IPV6_PREFIX);
            slab.setLong(at + 32, destination & UNSIGNED);
            return;
        }
        slab.setByte(at, VERSION_AND_LENGTH);
        slab.setShort(at + 2, length);
        slab.setByte(at + 8, TIME_TO_LIVE);
        slab.setByte(at + 9, protocol);
        slab.setInt(at + 12, source);
        slab.setInt(at + 16, destination);
    }

    /** The internet checksum (RFC 1071) over pseudo header, header and payload; its field must be 0. */
    private int checksum(final int from, final int length, final int protocol) {
        long sum = (long) protocol + length;
        final int addresses = ipHeader == IPV6_HEADER ? at + 8 : at + 12;
        for (int i = addresses; i < at + ipHeader; i += Short.BYTES) {
            sum += slab.getUnsignedShort(i);
        }
        for (int i = from; i < from + length - 1; i += Short.BYTES) {
            sum += slab.getUnsignedShort(i);
        }
        if ((length & 1) != 0) {
            sum += slab.getUnsignedByte(from + length - 1) << Byte.SIZE;
        }
        while (sum >>> Short.SIZE != 0) {
            sum = (sum & ALL_ONES) + (sum >>> Short.SIZE);
        }
        final int checksum = (int) ~sum & ALL_ONES;
        return checksum == 0 ? ALL_ONES : checksum;
    }

    private void enter(final int length) {
        batch.add(nextId)
                .setBytes(at, length)
                .setHook(FORWARD)
                .setInInterface(interfaceOf(source))
                .setOutInterface(interfaceOf(destination));
        nextId++;
        at += length;
    }

    /** Hosts with different address endings are behind different interfaces. */
    private static int interfaceOf(final int address) {
        return 1 + (address & 0x7f);
    }
}
