package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.inputs.BadInput;
import org.junit.jupiter.api.Test;

/** ICMP errors and what they quote, bad input 48. */
class IcmpViewTest {
    private static final String A = "192.0.2.10";
    private static final String B = "198.51.100.20";
    private static final String C = "2001:db8::10";
    private static final String D = "2001:db8:1::20";
    private static final byte[] TCP4 = PacketBuilder.tcp4(A, 50_000, B, 11_001, 2);
    private static final byte[] TCP6 = PacketBuilder.tcp6(C, 50_000, D, 11_001, 2);

    private final PacketView view = new PacketView();

    private String quoted(final byte[] error) {
        assertEquals("ok", Decoded.status(view, error));
        return DecodeStatus.name(view.icmp().decodeQuoted());
    }

    @Test
    void shouldTellErrorsFromOtherMessages() {
        for (int type = 0; type < 256; type++) {
            assertEquals("ok", Decoded.status(view, PacketBuilder.icmpError(B, A, type, 9, TCP4)));
            assertEquals(type, view.icmp().type());
            assertEquals(9, view.icmp().code());
            assertEquals(type == 3 || type == 11 || type == 12, view.icmp().error(), "type " + type);
            assertEquals(
                    view.icmp().error() ? "ok" : "no-quote",
                    DecodeStatus.name(view.icmp().decodeQuoted()));

            assertEquals("ok", Decoded.status(view, PacketBuilder.icmpError(D, C, type, 9, TCP6)));
            assertEquals(type >= 1 && type <= 4, view.icmp().error(), "type " + type);
            assertEquals(
                    view.icmp().error() ? "ok" : "no-quote",
                    DecodeStatus.name(view.icmp().decodeQuoted()));
        }
    }

    @Test
    @BadInput(48)
    void shouldRead48AQuotedControlDatagram() {
        final byte[] request = PacketBuilder.udp4(A, 844, B, 10_080, new byte[500]);
        assertEquals("ok", quoted(PacketBuilder.icmpError(B, A, 3, 3, request, 28)));
        assertEquals(PacketView.PROTOCOL_UDP, view.icmp().quotedProtocol());
        assertEquals(844, view.icmp().quotedSourcePort());
        assertEquals(10_080, view.icmp().quotedDestinationPort());
        assertEquals(0, view.sourcePort() | view.destinationPort());
    }

    @Test
    void shouldReadAQuotedIpv6PacketWithExtensions() {
        final byte[] segment =
                PacketBuilder.ip(C, D).extension(60).fragment(0, true, 3).tcp(1, 2, 2, new byte[4]);
        assertEquals("ok", quoted(PacketBuilder.icmpError(D, C, 2, 0, segment, 64)));
        assertEquals(PacketView.PROTOCOL_TCP, view.icmp().quotedProtocol());
        assertEquals(0x2001_0db8_0000_0000L, view.icmp().quotedSourceHigh());
        assertEquals(0x10, view.icmp().quotedSourceLow());
        assertEquals(0x2001_0db8_0001_0000L, view.icmp().quotedDestinationHigh());
        assertEquals(0x20, view.icmp().quotedDestinationLow());
        assertEquals(1, view.icmp().quotedSourcePort());
        assertEquals(2, view.icmp().quotedDestinationPort());
    }

    @Test
    void shouldRefuseQuotationsThatNameNoFlow() {
        assertEquals("bad-version", quoted(PacketBuilder.icmpError(B, A, 3, 3, TCP6)));
        assertEquals("bad-version", quoted(PacketBuilder.icmpError(D, C, 1, 3, TCP4)));
        assertEquals("bad-header-length", quoted(PacketBuilder.icmpError(B, A, 3, 3, Decoded.with(TCP4, 0, 0x44))));
        assertEquals("bad-total-length", quoted(PacketBuilder.icmpError(B, A, 3, 3, Decoded.withShort(TCP4, 2, 19))));
        assertEquals("truncated", quoted(PacketBuilder.icmpError(B, A, 3, 3, Decoded.withShort(TCP4, 2, 27))));
        assertEquals("ok", quoted(PacketBuilder.icmpError(B, A, 3, 3, Decoded.withShort(TCP4, 2, 65_535))));
        final byte[] later = Decoded.withShort(PacketBuilder.ip(A, B).payload(17, new byte[24]), 6, 5);
        assertEquals("bad-fragment", quoted(PacketBuilder.icmpError(B, A, 3, 3, later)));
        assertEquals(0, view.icmp().quotedProtocol());
        assertEquals(0, view.icmp().quotedSourceLow());
    }

    @Test
    void shouldReadTheSequenceNumberOfTcpOnly() {
        final byte[] segment = PacketBuilder.ip(A, B).tcp(1, 2, 16, 0xfedc_ba98, 0, new byte[0], new byte[0]);
        assertEquals("ok", quoted(PacketBuilder.icmpError(B, A, 3, 4, segment, 28)));
        assertEquals(0xfedc_ba98, view.icmp().quotedSequence());
        assertEquals("truncated", quoted(PacketBuilder.icmpError(B, A, 3, 4, segment, 27)));
        assertEquals(0, view.icmp().quotedSequence());
        assertEquals(
                "ok", quoted(PacketBuilder.icmpError(B, A, 3, 3, PacketBuilder.udp4(A, 844, B, 10_080, new byte[9]))));
        assertEquals(0, view.icmp().quotedSequence());
    }

    /** RFC 4884: extensions follow at least 128 bytes of the quoted packet, padded with zeros. */
    @Test
    void shouldReadAQuotationThatExtensionsFollow() {
        final byte[] body = java.util.Arrays.copyOf(TCP4, 128 + 12);
        body[128] = 0x20;
        final byte[] error = PacketBuilder.ip(B, A).icmp(11, 0, body);
        error[20 + 5] = 32;
        assertEquals("ok", quoted(error));
        assertEquals(50_000, view.icmp().quotedSourcePort());
        assertEquals(11_001, view.icmp().quotedDestinationPort());
    }

    @Test
    void shouldReadNoPortsOfOtherProtocols() {
        final byte[] echo = PacketBuilder.ip(A, B).icmp(8, 0, new byte[8]);
        assertEquals("ok", quoted(PacketBuilder.icmpError(B, A, 3, 1, echo)));
        assertEquals(PacketView.PROTOCOL_ICMP, view.icmp().quotedProtocol());
        assertEquals(0, view.icmp().quotedSourcePort());
    }

    @Test
    void shouldRefuseAMessageShorterThanItsHeader() {
        for (int length = 0; length < 8; length++) {
            assertEquals(
                    "bad-length", Decoded.status(view, PacketBuilder.ip(A, B).payload(1, new byte[length])));
        }
        assertEquals("bad-length", Decoded.status(view, PacketBuilder.ip(C, D).payload(58, new byte[7])));
    }

    @Test
    void shouldForgetTheQuotationOfThePacketBefore() {
        assertEquals("ok", quoted(PacketBuilder.icmpError(B, A, 3, 3, TCP4)));
        assertTrue(view.icmp().quotedSourcePort() != 0);
        assertEquals("ok", Decoded.status(view, PacketBuilder.icmpError(B, A, 3, 3, TCP4)));
        assertEquals(0, view.icmp().quotedSourcePort());
        assertFalse(view.ipv6());
    }
}
