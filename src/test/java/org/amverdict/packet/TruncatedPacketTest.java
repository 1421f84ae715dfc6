package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Every length of a copy, for each kind of packet. */
class TruncatedPacketTest {
    private static final String A = "192.0.2.10";
    private static final String B = "198.51.100.20";
    private static final String C = "2001:db8::10";
    private static final String D = "2001:db8:1::20";

    private final PacketView view = new PacketView();

    /** Copies shorter than {@code headers} are truncated, longer ones not; a packet of that length is never right. */
    private void check(final byte[] packet, final int headers) {
        for (int length = 0; length <= packet.length; length++) {
            final byte[] copy = Arrays.copyOf(packet, length);
            final String expected = length < headers ? "truncated" : "ok";
            assertEquals(expected, Decoded.status(view, copy, packet.length), "copy of " + length);
            if (length < packet.length) {
                assertNotEquals("ok", Decoded.status(view, copy), "packet of " + length);
            }
        }
    }

    @Test
    void shouldNeedTheUdpHeader() {
        check(PacketBuilder.udp4(A, 844, B, 10_080, new byte[31]), 28);
        check(PacketBuilder.ip(A, B).options(7, 7, 4, 0, 0, 0, 0).udp(844, 10_080, new byte[31]), 36);
        check(PacketBuilder.udp6(C, 844, D, 10_080, new byte[31]), 48);
        check(PacketBuilder.ip(C, D).extension(0).extension(60, 1, 0).udp(844, 10_080, new byte[31]), 64);
        check(PacketBuilder.ip(C, D).extension(60, new int[22]).udp(844, 10_080, new byte[31]), 72);
    }

    @Test
    void shouldNeedTheTcpHeaderWithItsOptions() {
        final byte[] options = {2, 4, 5, (byte) 0xb4};
        check(PacketBuilder.ip(A, B).tcp(50_000, 11_001, 2, 1, 0, options, new byte[0]), 44);
        check(PacketBuilder.ip(A, B).tcp(50_000, 11_001, 0x18, 1, 2, new byte[0], new byte[100]), 40);
        check(PacketBuilder.ip(C, D).tcp(50_000, 11_001, 0x18, 1, 2, options, new byte[100]), 64);
    }

    @Test
    void shouldNeedTheIcmpHeader() {
        final byte[] quoted = PacketBuilder.udp4(A, 844, B, 10_080, new byte[31]);
        check(PacketBuilder.icmpError(B, A, 3, 3, quoted), 28);
        final byte[] quoted6 = PacketBuilder.udp6(C, 844, D, 10_080, new byte[31]);
        check(PacketBuilder.icmpError(D, C, 1, 4, quoted6), 48);
    }

    @Test
    void shouldNeedTheFragmentHeaderOfALaterFragment() {
        final byte[] whole = PacketBuilder.udp4(A, 844, B, 10_080, new byte[3000]);
        check(PacketBuilder.fragments(whole, 1500).get(1), 20);
        final byte[] whole6 = PacketBuilder.udp6(C, 844, D, 10_080, new byte[3000]);
        check(PacketBuilder.fragments(whole6, 1500).get(1), 48);
    }

    @Test
    void shouldTakeLengthsOfTheWireFromATruncatedCopy() {
        final byte[] udp = PacketBuilder.udp4(A, 844, B, 10_080, new byte[100]);
        assertEquals("ok", Decoded.status(view, Arrays.copyOf(udp, 50), udp.length));
        assertEquals(100, view.udp().payloadLength());
        assertEquals(22, view.udp().availablePayload());
        assertFalse(view.udp().complete());
        assertFalse(view.udp().verifyChecksum(view));
        assertFalse(view.udp().verifyChecksum(view, true));

        final byte[] tcp = PacketBuilder.tcp6(C, 50_000, D, 11_001, 0x18, new byte[1000]);
        assertEquals("ok", Decoded.status(view, Arrays.copyOf(tcp, 128), tcp.length));
        assertEquals(1000, view.tcp().payloadLength());
        assertEquals(68, view.tcp().availablePayload());
        assertEquals(1060, view.originalLength());
    }

    @Test
    void shouldSayHowMuchOfAQuotationIsMissing() {
        final byte[] quoted = PacketBuilder.udp4(A, 844, B, 10_080, new byte[31]);
        final byte[] quoted6 = PacketBuilder.ip(C, D).extension(60).udp(844, 10_080, new byte[31]);
        for (int length = 0; length <= 70; length++) {
            assertEquals("ok", Decoded.status(view, PacketBuilder.icmpError(B, A, 3, 3, quoted, length)));
            assertEquals(
                    length < 28 ? "truncated" : "ok",
                    DecodeStatus.name(view.icmp().decodeQuoted()));
            assertEquals(length < 28 ? 0 : 844, view.icmp().quotedSourcePort());

            assertEquals("ok", Decoded.status(view, PacketBuilder.icmpError(D, C, 1, 4, quoted6, length)));
            assertEquals(
                    length < 56 ? "truncated" : "ok",
                    DecodeStatus.name(view.icmp().decodeQuoted()));
            assertEquals(length < 56 ? 0 : 10_080, view.icmp().quotedDestinationPort());
        }
    }
}
