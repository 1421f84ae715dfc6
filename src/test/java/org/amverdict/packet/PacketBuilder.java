package org.amverdict.packet;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds correct IPv4 and IPv6 packets with right checksums for the tests of every package; what is wrong in a test
 * packet the test itself spoils. Shares no code with the views, so that the two check each other.
 */
public final class PacketBuilder {
    private static final byte[] NOTHING = {};
    private static final int FRAGMENT = 44;

    private final byte[] source;
    private final byte[] destination;
    private final List<byte[]> extensions = new ArrayList<>();
    private final List<Integer> extensionTypes = new ArrayList<>();
    private byte[] options = NOTHING;
    private int identification = 0x1234;

    private PacketBuilder(final String source, final String destination) {
        this.source = address(source);
        this.destination = address(destination);
        if (this.source.length != this.destination.length) {
            throw new IllegalArgumentException("two families: " + source + " " + destination);
        }
    }

    /** A packet between two textual addresses of one family. */
    public static PacketBuilder ip(final String source, final String destination) {
        return new PacketBuilder(source, destination);
    }

    public static byte[] udp4(
            final String source, final int sourcePort, final String target, final int port, final byte[] payload) {
        return ip(source, target).udp(sourcePort, port, payload);
    }

    public static byte[] udp6(
            final String source, final int sourcePort, final String target, final int port, final byte[] payload) {
        return ip(source, target).udp(sourcePort, port, payload);
    }

    public static byte[] tcp4(
            final String source, final int sourcePort, final String target, final int port, final int flags) {
        return ip(source, target).tcp(sourcePort, port, flags, NOTHING);
    }

    public static byte[] tcp4(
            final String source,
            final int sourcePort,
            final String target,
            final int port,
            final int flags,
            final byte[] payload) {
        return ip(source, target).tcp(sourcePort, port, flags, payload);
    }

    public static byte[] tcp6(
            final String source, final int sourcePort, final String target, final int port, final int flags) {
        return ip(source, target).tcp(sourcePort, port, flags, NOTHING);
    }

    public static byte[] tcp6(
            final String source,
            final int sourcePort,
            final String target,
            final int port,
            final int flags,
            final byte[] payload) {
        return ip(source, target).tcp(sourcePort, port, flags, payload);
    }

    /** ICMP or ICMPv6 error of {@code router} to {@code target} that quotes the first {@code quotedBytes} of a packet. */
    public static byte[] icmpError(
            final String router,
            final String target,
            final int type,
            final int code,
            final byte[] quoted,
            final int quotedBytes) {
        return ip(router, target).icmp(type, code, Arrays.copyOf(quoted, Math.min(quotedBytes, quoted.length)));
    }

    /** As above, quoting all of it. */
    public static byte[] icmpError(
            final String router, final String target, final int type, final int code, final byte[] quoted) {
        return icmpError(router, target, type, code, quoted, quoted.length);
    }

    /** Cuts a packet into fragments of at most {@code mtu} bytes each, as a router or host does. */
    public static List<byte[]> fragments(final byte[] packet, final int mtu) {
        return packet[0] >>> 4 == 4 ? fragments4(packet, mtu) : fragments6(packet, mtu, 0x1234_5678);
    }

    /** IPv4 options; padded with zeros to a multiple of four. */
    public PacketBuilder options(final int... bytes) {
        options = Arrays.copyOf(bytes(bytes), (bytes.length + 3) / 4 * 4);
        return this;
    }

    /** IPv4 identification. */
    public PacketBuilder identification(final int value) {
        identification = value;
        return this;
    }

    /** IPv6 extension header: the bytes behind its length field, padded with zeros to a multiple of eight. */
    public PacketBuilder extension(final int type, final int... data) {
        final byte[] header = new byte[(data.length + 2 + 7) / 8 * 8];
        header[1] = (byte) (header.length / 8 - 1);
        System.arraycopy(bytes(data), 0, header, 2, data.length);
        extensions.add(header);
        extensionTypes.add(type);
        return this;
    }

    /** IPv6 fragment header; the payload that is given later is this fragment's alone. */
    public PacketBuilder fragment(final int offsetBytes, final boolean more, final int id) {
        final int place = offsetBytes | (more ? 1 : 0);
        return extension(FRAGMENT, place >> 8, place, id >>> 24, id >>> 16, id >>> 8, id);
    }

    public byte[] udp(final int sourcePort, final int destinationPort, final byte[] payload) {
        final byte[] datagram = new byte[8 + payload.length];
        putShort(datagram, 0, sourcePort);
        putShort(datagram, 2, destinationPort);
        putShort(datagram, 4, datagram.length);
        System.arraycopy(payload, 0, datagram, 8, payload.length);
        final int sum = transportSum(17, datagram);
        putShort(datagram, 6, sum == 0 ? 0xffff : sum);
        return payload(17, datagram);
    }

    public byte[] tcp(final int sourcePort, final int destinationPort, final int flags, final byte[] payload) {
        return tcp(sourcePort, destinationPort, flags, 1000, (flags & 0x10) != 0 ? 2000 : 0, NOTHING, payload);
    }

    /** All of TCP; options padded with zeros to a multiple of four. */
    public byte[] tcp(
            final int sourcePort,
            final int destinationPort,
            final int flags,
            final int sequence,
            final int acknowledgement,
            final byte[] tcpOptions,
            final byte[] payload) {
        final int header = 20 + (tcpOptions.length + 3) / 4 * 4;
        final byte[] segment = new byte[header + payload.length];
        putShort(segment, 0, sourcePort);
        putShort(segment, 2, destinationPort);
        putInt(segment, 4, sequence);
        putInt(segment, 8, acknowledgement);
        segment[12] = (byte) ((header / 4) << 4);
        segment[13] = (byte) flags;
        putShort(segment, 14, 64_240);
        System.arraycopy(tcpOptions, 0, segment, 20, tcpOptions.length);
        System.arraycopy(payload, 0, segment, header, payload.length);
        putShort(segment, 16, transportSum(6, segment));
        return payload(6, segment);
    }

    /** ICMP or ICMPv6 by the family, with four zero bytes before the body. */
    public byte[] icmp(final int type, final int code, final byte[] body) {
        final byte[] message = new byte[8 + body.length];
        message[0] = (byte) type;
        message[1] = (byte) code;
        System.arraycopy(body, 0, message, 8, body.length);
        final boolean v4 = source.length == 4;
        putShort(message, 2, v4 ? fold(sum(message, 0, message.length)) : transportSum(58, message));
        return payload(v4 ? 1 : 58, message);
    }

    /** Any protocol with these bytes as IP payload. */
    public byte[] payload(final int protocol, final byte[] payload) {
        return source.length == 4 ? ipv4(protocol, payload) : ipv6(protocol, payload);
    }

    private byte[] ipv4(final int protocol, final byte[] payload) {
        final int header = 20 + options.length;
        final byte[] packet = new byte[header + payload.length];
        packet[0] = (byte) (0x40 | header / 4);
        putShort(packet, 2, packet.length);
        putShort(packet, 4, identification);
        packet[8] = 64;
        packet[9] = (byte) protocol;
        System.arraycopy(source, 0, packet, 12, 4);
        System.arraycopy(destination, 0, packet, 16, 4);
        System.arraycopy(options, 0, packet, 20, options.length);
        System.arraycopy(payload, 0, packet, header, payload.length);
        putShort(packet, 10, fold(sum(packet, 0, header)));
        return packet;
    }

    private byte[] ipv6(final int protocol, final byte[] payload) {
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int i = 0; i < extensions.size(); i++) {
            final byte[] header = extensions.get(i).clone();
            header[0] = (byte) (i + 1 < extensions.size() ? extensionTypes.get(i + 1) : protocol);
            body.writeBytes(header);
        }
        body.writeBytes(payload);
        final byte[] packet = new byte[40 + body.size()];
        packet[0] = 0x60;
        putShort(packet, 4, body.size());
        packet[6] = (byte) (extensions.isEmpty() ? protocol : extensionTypes.get(0));
        packet[7] = 64;
        System.arraycopy(source, 0, packet, 8, 16);
        System.arraycopy(destination, 0, packet, 24, 16);
        System.arraycopy(body.toByteArray(), 0, packet, 40, body.size());
        return packet;
    }

    private int transportSum(final int protocol, final byte[] segment) {
        return fold(sum(source, 0, source.length)
                + sum(destination, 0, destination.length)
                + protocol
                + segment.length
                + sum(segment, 0, segment.length));
    }

    private static List<byte[]> fragments4(final byte[] packet, final int mtu) {
        final int header = (packet[0] & 0xf) * 4;
        final int step = (mtu - header) / 8 * 8;
        final List<byte[]> parts = new ArrayList<>();
        for (int at = header; at < packet.length; at += step) {
            final int end = Math.min(at + step, packet.length);
            final byte[] part = Arrays.copyOf(packet, header + end - at);
            System.arraycopy(packet, at, part, header, end - at);
            putShort(part, 2, part.length);
            putShort(part, 6, (at - header) / 8 | (end < packet.length ? 0x2000 : 0));
            putShort(part, 10, 0);
            putShort(part, 10, fold(sum(part, 0, header)));
            parts.add(part);
        }
        return parts;
    }

    private static List<byte[]> fragments6(final byte[] packet, final int mtu, final int id) {
        int nextAt = 6;
        int header = 40;
        while (packet[nextAt] == 0 || packet[nextAt] == 43 || packet[nextAt] == 60) {
            nextAt = header;
            header += ((packet[header + 1] & 0xff) + 1) * 8;
        }
        final int step = (mtu - header - 8) / 8 * 8;
        final List<byte[]> parts = new ArrayList<>();
        for (int at = header; at < packet.length; at += step) {
            final int end = Math.min(at + step, packet.length);
            final byte[] part = Arrays.copyOf(packet, header + 8 + end - at);
            part[header] = packet[nextAt];
            part[header + 1] = 0;
            part[nextAt] = FRAGMENT;
            putShort(part, header + 2, at - header | (end < packet.length ? 1 : 0));
            putInt(part, header + 4, id);
            System.arraycopy(packet, at, part, header + 8, end - at);
            putShort(part, 4, part.length - 40);
            parts.add(part);
        }
        return parts;
    }

    /** Writes two bytes, for tests that spoil a field. */
    public static void putShort(final byte[] bytes, final int at, final int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    /** Writes four bytes, for tests that spoil a field. */
    public static void putInt(final byte[] bytes, final int at, final int value) {
        putShort(bytes, at, value >>> 16);
        putShort(bytes, at + 2, value);
    }

    private static byte[] bytes(final int... values) {
        final byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** The JDK's parser, not ours: it never asks DNS for text that starts with a digit or holds a colon. */
    private static byte[] address(final String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static long sum(final byte[] bytes, final int start, final int end) {
        long sum = 0;
        for (int i = start; i < end; i++) {
            sum += (long) (bytes[i] & 0xff) << ((i - start) % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(final long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded >>> 16) + (folded & 0xffff);
        }
        return (int) ~folded & 0xffff;
    }
}
