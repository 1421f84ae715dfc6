package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Lines that CapturedPacketTest does not show. */
class PacketPrinterTest {
    private final PacketView view = new PacketView();

    private String line(final byte[] packet) {
        assertEquals("ok", Decoded.status(view, packet));
        final StringBuilder out = new StringBuilder();
        PacketPrinter.append(out, view);
        return out.toString();
    }

    @Test
    void shouldPrintPortsOfEveryAddressForm() {
        assertEquals(
                "tcp [::1]:0 > [::2]:9 FAEW len 3", line(PacketBuilder.tcp6("::1", 0, "::2", 9, 0xd1, new byte[3])));
        final byte[] similar = PacketBuilder.udp6("1::ffff:c000:201", 1, "2::", 2, new byte[0]);
        assertEquals("udp [1::ffff:c000:201]:1 > [2::]:2 len 0", line(similar));
    }

    @Test
    void shouldPrintProtocolsWithoutPorts() {
        final byte[] gre = PacketBuilder.ip("192.0.2.1", "192.0.2.2").payload(47, new byte[5]);
        assertEquals("proto-47 192.0.2.1 > 192.0.2.2 len 5", line(gre));
        final byte[] echo = PacketBuilder.ip("fe80::1", "ff02::1").icmp(128, 0, new byte[4]);
        assertEquals("icmp6 fe80::1 > ff02::1 type 128 code 0 len 12", line(echo));
        final byte[] later = PacketBuilder.fragments(echo, 56).get(1);
        assertEquals("icmp6 fe80::1 > ff02::1 len 4 frag 305419896 bytes 8-12", line(later));
    }

    @Test
    void shouldPrintWhatAnErrorQuotesIfThatWasDecoded() {
        final byte[] request = PacketBuilder.udp4("192.0.2.10", 844, "198.51.100.20", 10_080, new byte[2]);
        final byte[] error = PacketBuilder.icmpError("198.51.100.1", "192.0.2.10", 3, 4, request);
        assertEquals("icmp 198.51.100.1 > 192.0.2.10 type 3 code 4 len 38", line(error));
        assertEquals("ok", Decoded.status(view, error));
        assertEquals(DecodeStatus.OK, view.icmp().decodeQuoted());

        final StringBuilder out = new StringBuilder();
        PacketPrinter.append(out, view);

        assertEquals(
                "icmp 198.51.100.1 > 192.0.2.10 type 3 code 4 quotes udp 192.0.2.10:844 > 198.51.100.20:10080 len 38",
                out.toString());
    }
}
