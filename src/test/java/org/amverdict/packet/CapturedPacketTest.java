package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Bytes that Linux sent between 192.0.2.10 and .20, 2001:db8::10 and ::20: known bytes to fields, to text, to builder. */
class CapturedPacketTest {
    private static final String UDP4 =
            "4500003ae10d40004011d586c000020ac0000214034c27600026a2fb416d616e646120322e36205245512048"
                    + "414e444c4520312053455120320a";
    private static final String UDP6 =
            "60094cc60026114020010db800000000000000000000001020010db8000000000000000000000020034c2760"
                    + "0026cb78416d616e646120322e36205245512048414e444c4520312053455120320a";
    private static final String SYN4 =
            "4500003c0d2940004006a974c000020ac0000214c3512af9c0d1ecd200000000a002faf0a36200000204"
                    + "05b40402080a121d777e000000000103030a";
    private static final String RST6 =
            "6001c7530014064020010db800000000000000000000002020010db80000000000000000000000102af9c3"
                    + "51000000005a2e68eb50140000a2c90000";
    private static final String UNREACHABLE4 =
            "45c00056a1e50000400153e3c0000214c000020a03038153000000004500003ae10d40004011"
                    + "d586c000020ac0000214034c27600026a2fb416d616e646120322e36205245512048414e444c4520312053455120320a";
    private static final String LAST_FRAGMENT4 =
            "45000054e13b00b940111486c000020ac0000214c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1"
                    + "d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
    private static final byte[] REQUEST = "Amanda 2.6 REQ HANDLE 1 SEQ 2\n".getBytes(StandardCharsets.US_ASCII);

    private final PacketView view = new PacketView();

    private String decode(final byte[] bytes, final int originalLength) {
        final int status = view.decode(Unpooled.wrappedBuffer(bytes), 0, bytes.length, originalLength);
        assertEquals("ok", DecodeStatus.name(status));
        final StringBuilder line = new StringBuilder();
        PacketPrinter.append(line, view);
        return line.toString();
    }

    private String decode(final String hex) {
        final byte[] bytes = bytes(hex);
        return decode(bytes, bytes.length);
    }

    private static byte[] bytes(final String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @Test
    void shouldReadUdpOverIpv4() {
        assertEquals("udp 192.0.2.10:844 > 192.0.2.20:10080 len 30", decode(UDP4));

        assertFalse(view.ipv6());
        assertEquals(0, view.sourceHigh());
        assertEquals(0x0000_ffff_c000_020aL, view.sourceLow());
        assertEquals(0, view.destinationHigh());
        assertEquals(0x0000_ffff_c000_0214L, view.destinationLow());
        assertTrue(view.unicastDestination());
        assertEquals(0xe10d, view.fragmentIdentification());
        assertEquals(58, view.originalLength());
        assertEquals(58, view.totalLength());
        assertEquals(38, view.udp().length());
        assertEquals(0xa2fb, view.udp().checksum());
        assertEquals(28, view.udp().payloadOffset());
        assertEquals(30, view.udp().availablePayload());
        assertTrue(view.udp().complete());
        assertTrue(view.udp().verifyChecksum(view));
    }

    @Test
    void shouldReadUdpOverIpv6() {
        assertEquals("udp [2001:db8::10]:844 > [2001:db8::20]:10080 len 30", decode(UDP6));

        assertTrue(view.ipv6());
        assertEquals(0x2001_0db8_0000_0000L, view.sourceHigh());
        assertEquals(0x10, view.sourceLow());
        assertEquals(0x2001_0db8_0000_0000L, view.destinationHigh());
        assertEquals(0x20, view.destinationLow());
        assertEquals(48, view.udp().payloadOffset());
        assertTrue(view.udp().verifyChecksum(view));
    }

    @Test
    void shouldReadTcp() {
        assertEquals("tcp 192.0.2.10:50001 > 192.0.2.20:11001 S len 0", decode(SYN4));
        assertEquals(0xc0d1ecd2, view.tcp().sequence());
        assertEquals(0, view.tcp().acknowledgement());
        assertEquals(64_240, view.tcp().window());
        assertEquals(40, view.tcp().dataOffset());
        assertEquals(60, view.tcp().payloadOffset());
        assertTrue(view.tcp().plainSyn());
        assertTrue(view.tcp().syn());
        assertFalse(view.tcp().ack() || view.tcp().rst() || view.tcp().fin());

        assertEquals("tcp [2001:db8::20]:11001 > [2001:db8::10]:50001 RA len 0", decode(RST6));
        assertEquals(0x5a2e68eb, view.tcp().acknowledgement());
        assertEquals(TcpView.RST | TcpView.ACK, view.tcp().flags());
        assertTrue(view.tcp().rst() && view.tcp().ack());
        assertFalse(view.tcp().syn() || view.tcp().plainSyn());
    }

    @Test
    void shouldReadAnIcmpErrorAndWhatItQuotes() {
        assertEquals("icmp 192.0.2.20 > 192.0.2.10 type 3 code 3 len 66", decode(UNREACHABLE4));

        assertTrue(view.icmp().error());
        assertEquals(DecodeStatus.OK, view.icmp().decodeQuoted());
        assertEquals(PacketView.PROTOCOL_UDP, view.icmp().quotedProtocol());
        assertEquals(0, view.icmp().quotedSourceHigh());
        assertEquals(0x0000_ffff_c000_020aL, view.icmp().quotedSourceLow());
        assertEquals(0, view.icmp().quotedDestinationHigh());
        assertEquals(0x0000_ffff_c000_0214L, view.icmp().quotedDestinationLow());
        assertEquals(844, view.icmp().quotedSourcePort());
        assertEquals(10_080, view.icmp().quotedDestinationPort());
    }

    @Test
    void shouldReadFragments() {
        assertEquals("udp 192.0.2.10 > 192.0.2.20 len 64 frag 57659 bytes 1480-1544", decode(LAST_FRAGMENT4));
        assertTrue(view.fragment() && view.laterFragment());
        assertFalse(view.firstFragment());
        assertEquals(0, view.sourcePort() | view.destinationPort());

        final byte[] first = bytes("450005dce13b20004011efb6c000020ac0000214034d27600608c393" + "00".repeat(72));
        assertEquals("udp 192.0.2.10:845 > 192.0.2.20:10080 len 1536 frag 57659 bytes 0-1480", decode(first, 1500));
        assertTrue(view.fragment() && view.firstFragment());
        assertFalse(view.laterFragment() || view.udp().complete());
        assertFalse(view.udp().verifyChecksum(view));

        final byte[] sixth =
                bytes("600f7fc905b02c4020010db800000000000000000000001020010db80000000000000000000000201100"
                        + "0001ddada2d1034d27600608ec10" + "00".repeat(20));
        assertEquals(
                "udp [2001:db8::10]:845 > [2001:db8::20]:10080 len 1536 frag 3719144145 bytes 0-1448",
                decode(sixth, 1496));

        final byte[] last = bytes("600f7fc900682c4020010db800000000000000000000001020010db8000000000000000000000020"
                + "110005a8ddada2d1" + "a0".repeat(96));
        assertEquals("udp 2001:db8::10 > 2001:db8::20 len 96 frag 3719144145 bytes 1448-1544", decode(last, 144));
    }

    @Test
    void shouldBuildWhatTheKernelSends() {
        final byte[] four = PacketBuilder.ip("192.0.2.10", "192.0.2.20")
                .identification(0xe10d)
                .udp(844, 10_080, REQUEST);
        four[6] = 0x40; // do not fragment: and with it the header checksum
        PacketBuilder.putShort(four, 10, 0xd586);
        assertEquals(UDP4, HexFormat.of().formatHex(four));

        final byte[] six = PacketBuilder.udp6("2001:db8::10", 844, "2001:db8::20", 10_080, REQUEST);
        PacketBuilder.putInt(six, 0, 0x60094cc6); // flow label
        assertEquals(UDP6, HexFormat.of().formatHex(six));

        final byte[] rst = PacketBuilder.ip("2001:db8::20", "2001:db8::10")
                .tcp(11_001, 50_001, 0x14, 0, 0x5a2e68eb, new byte[0], new byte[0]);
        PacketBuilder.putInt(rst, 0, 0x6001c753);
        PacketBuilder.putShort(rst, 54, 0); // the builder announces a window of 64240
        PacketBuilder.putShort(rst, 56, 0xa2c9);
        assertEquals(RST6, HexFormat.of().formatHex(rst));
    }
}
