package org.amverdict.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.UdpView;

/**
 * Splits a captured UDP packet that was several control datagrams: the sender or a network card had merged them, and a
 * capture is taken before the kernel splits them (decision 029). All but the last have the same length, and each begins
 * with one of Amanda's header lines. Not thread-safe.
 */
final class MergedDatagrams {
    /** The kernel does not merge more (UDP_MAX_SEGMENTS). */
    static final int PARTS_MAX = 128;

    /** Start of a header line; no other line of Amanda begins with all of it. */
    private static final String NAME = "Amanda ";

    private static final String HEADER = "(?s)Amanda [0-9]+\\.[0-9]+ (REQ|REP|ACK|NAK|PREP) HANDLE .*";
    private static final int HEADER_MIN = 32;
    private static final int IPV4_TOTAL_LENGTH = 2;
    private static final int IPV6_PAYLOAD_LENGTH = 4;
    private static final int IPV6_HEADER = 40;
    private static final int UDP_LENGTH = 4;
    private static final int UDP_CHECKSUM = 6;
    /** IPv6 requires one. It is not verified. */
    private static final int SOME_CHECKSUM = 0xffff;

    private final PacketView view = new PacketView();
    private ByteBuf packet = Unpooled.EMPTY_BUFFER;
    private String text = "";
    private int headers;
    private int payload;
    private int partPayload;

    /**
     * Examines a packet, which must stay unchanged until the last part has been made.
     *
     * @return how many datagrams it is; 1 if it was not merged
     */
    int look(final ByteBuf buffer, final int offset, final int length, final int originalLength) {
        final int status = view.decode(buffer, offset, length, originalLength);
        if (status != DecodeStatus.OK
                || view.protocol() != PacketView.PROTOCOL_UDP
                || view.fragment()
                || !view.udp().complete()) {
            return 1;
        }
        packet = buffer;
        payload = view.udp().payloadLength();
        headers = view.udp().payloadOffset() - offset;
        text = buffer.toString(view.udp().payloadOffset(), payload, StandardCharsets.ISO_8859_1);
        for (int next = text.indexOf(NAME, HEADER_MIN); next > 0; next = text.indexOf(NAME, next + 1)) {
            final int parts = (payload + next - 1) / next;
            if (parts <= PARTS_MAX && eachBegins(next)) {
                partPayload = next;
                return parts;
            }
        }
        return 1;
    }

    private boolean eachBegins(final int distance) {
        for (int at = 0; at < payload; at += distance) {
            final int end = Math.min(payload, at + HEADER_MIN);
            if (!text.substring(at, end).matches(HEADER)) {
                return false;
            }
        }
        return true;
    }

    /** One of the datagrams, as the kernel splits it; its checksum is still to be computed. */
    ByteBuf part(final int number) {
        final int from = number * partPayload;
        final int length = Math.min(partPayload, payload - from);
        final ByteBuf part = Unpooled.buffer(headers + length);
        part.writeBytes(packet, view.offset(), headers);
        part.writeBytes(packet, view.udp().payloadOffset() + from, length);
        if (view.ipv6()) {
            part.setShort(IPV6_PAYLOAD_LENGTH, headers + length - IPV6_HEADER);
        } else {
            part.setShort(IPV4_TOTAL_LENGTH, headers + length);
        }
        final int udp = headers - UdpView.HEADER_LENGTH;
        part.setShort(udp + UDP_LENGTH, UdpView.HEADER_LENGTH + length);
        part.setShort(udp + UDP_CHECKSUM, SOME_CHECKSUM);
        return part;
    }
}
