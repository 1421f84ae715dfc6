package org.amverdict.simulation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.amverdict.engine.EngineFixture;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;

/** A packet as its sender means it; the engine gets the bytes only. */
sealed interface Packet permits Packet.Segment, Packet.Datagram, Packet.Raw {
    Way way();

    byte[] bytes();

    /** How many of its bytes the kernel does not hand over. */
    default int cutOff() {
        return 0;
    }

    /** TCP; {@code payload} zeros, or this text of that length. */
    record Segment(Way way, int flags, int sequence, int acknowledgement, int payload, String text) implements Packet {
        private static final byte[] NOTHING = {};

        Segment(final Way way, final int flags, final int sequence, final int acknowledgement, final int payload) {
            this(way, flags, sequence, acknowledgement, payload, "");
        }

        boolean has(final int flag) {
            return (flags & flag) != 0;
        }

        /** A SYN that begins a connection. */
        boolean begins() {
            return (flags & (TcpView.SYN | TcpView.ACK | TcpView.RST | TcpView.FIN)) == TcpView.SYN;
        }

        /** Sequence numbers that it uses up. */
        int length() {
            return payload + (has(TcpView.SYN) ? 1 : 0) + (has(TcpView.FIN) ? 1 : 0);
        }

        @Override
        public byte[] bytes() {
            return PacketBuilder.ip(way.source(), way.target())
                    .tcp(way.sourcePort(), way.port(), flags, sequence, acknowledgement, NOTHING, data());
        }

        private byte[] data() {
            if (text.isEmpty()) {
                return payload == 0 ? NOTHING : new byte[payload];
            }
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public String toString() {
            final StringBuilder line = new StringBuilder("TCP ").append(way).append(' ');
            for (int i = 0; i < 6; i++) {
                line.append((flags >> i & 1) == 0 ? "" : "FSRPAU".charAt(i));
            }
            return line.append(" seq ")
                    .append(Integer.toUnsignedString(sequence))
                    .append(" ack ")
                    .append(Integer.toUnsignedString(acknowledgement))
                    .append(payload == 0 ? "" : " data " + payload + (text.isEmpty() ? "" : ": " + text.strip()))
                    .toString();
        }
    }

    /** A control datagram; {@code way} is that of the datagram, and the ports are those of its CONNECT line. */
    record Datagram(Way way, String type, String handle, String number, String body, List<Integer> ports)
            implements Packet {
        Datagram(final Way way, final String type, final String handle, final String number, final String body) {
            this(way, type, handle, number, body, List.of());
        }

        @Override
        public byte[] bytes() {
            return EngineFixture.udp(
                    way.source(),
                    way.sourcePort(),
                    way.target(),
                    way.port(),
                    EngineFixture.message(type, handle, number, body));
        }

        /** The first service word of a REQ. */
        String service() {
            final int at = body.indexOf("SERVICE ") + 8;
            return at < 8 ? "" : body.substring(at, body.indexOf('\n', at));
        }

        @Override
        public String toString() {
            return "UDP " + way + " " + type + " " + handle + " " + number
                    + (type.equals("REQ") ? " " + service() : ports.isEmpty() ? "" : " CONNECT " + ports);
        }
    }

    /** Anything else: fragments, ICMP errors, and packets that are not handed over whole. */
    final class Raw implements Packet {
        private final Way way;
        private final byte[] bytes;
        private final String text;
        private final int cutOff;

        Raw(final Way way, final byte[] bytes, final String text) {
            this(way, bytes, text, 0);
        }

        private Raw(final Way way, final byte[] bytes, final String text, final int cutOff) {
            this.way = way;
            this.bytes = bytes;
            this.text = text;
            this.cutOff = cutOff;
        }

        /** That packet, of which only the first bytes are handed over. */
        static Raw cut(final Packet packet, final int kept) {
            final byte[] whole = packet.bytes();
            return new Raw(
                    packet.way(),
                    Arrays.copyOf(whole, kept),
                    "the first " + kept + " bytes of " + packet,
                    whole.length - kept);
        }

        @Override
        public int cutOff() {
            return cutOff;
        }

        @Override
        public Way way() {
            return way;
        }

        @Override
        public byte[] bytes() {
            return bytes.clone();
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
