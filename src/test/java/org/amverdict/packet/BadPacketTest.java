package org.amverdict.packet;

import static org.amverdict.packet.Decoded.with;
import static org.amverdict.packet.Decoded.withShort;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.amverdict.inputs.BadInput;
import org.junit.jupiter.api.Test;

/** The bad inputs 31 to 53 and 72 of the list of threats, by their numbers; IP and UDP. TCP's are in TcpViewTest. */
class BadPacketTest {
    private static final String A = "192.0.2.10";
    private static final String B = "198.51.100.20";
    private static final String C = "2001:db8::10";
    private static final String D = "2001:db8:1::20";
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int DESTINATION = 60;
    private static final byte[] TEXT = "Amanda 2.6 ACK HANDLE 1 SEQ 2\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UDP4 = PacketBuilder.udp4(A, 844, B, 10_080, TEXT);
    private static final byte[] UDP6 = PacketBuilder.udp6(C, 844, D, 10_080, TEXT);

    private final PacketView view = new PacketView();

    private void expect(final String status, final byte[] packet) {
        assertEquals(status, Decoded.status(view, packet));
    }

    private static PacketBuilder four() {
        return PacketBuilder.ip(A, B);
    }

    private static PacketBuilder six() {
        return PacketBuilder.ip(C, D);
    }

    @Test
    @BadInput(31)
    void shouldRefuse31OtherVersions() {
        expect("bad-version", with(UDP4, 0, 0x05));
        expect("bad-version", with(UDP4, 0, 0x55));
        expect("bad-version", with(UDP4, 0, 0xf5));
    }

    @Test
    @BadInput({32, 33})
    void shouldRefuse32And33HeaderLengthsThatCannotBe() {
        for (int words = 0; words < 5; words++) {
            expect("bad-header-length", with(UDP4, 0, 0x40 | words));
        }
        expect("bad-header-length", with(Arrays.copyOf(UDP4, 59), 0, 0x4f));
        final byte[] cut = withShort(with(UDP4, 0, 0x4f), 2, 60);
        assertEquals("truncated", Decoded.status(view, Arrays.copyOf(cut, 40), 60));
    }

    @Test
    @BadInput({34, 35})
    void shouldRefuse34And35TotalLengthsThatCannotBe() {
        expect("bad-total-length", withShort(UDP4, 2, 0));
        expect("bad-total-length", withShort(UDP4, 2, 19));
        expect("bad-total-length", withShort(UDP4, 2, UDP4.length + 1));
        expect("bad-total-length", withShort(UDP4, 2, 65_535));
        expect("bad-total-length", withShort(UDP6, 4, UDP6.length - 39));
    }

    @Test
    @BadInput(36)
    void shouldIgnore36JunkBehindTheTotalLength() {
        final byte[] junk = Arrays.copyOf(UDP4, UDP4.length + 18);
        expect("ok", junk);
        assertEquals(UDP4.length, view.totalLength());
        assertEquals(UDP4.length + 18, view.originalLength());
        assertTrue(view.udp().complete());
        // UDP must not reach into the junk.
        expect("bad-length", withShort(junk, 24, TEXT.length + 8 + 18));

        expect("ok", Arrays.copyOf(UDP6, UDP6.length + 3));
        assertEquals(TEXT.length, view.udp().payloadLength());

        final byte[] syn = Arrays.copyOf(PacketBuilder.tcp4(A, 50_000, B, 11_001, 2), 46);
        expect("ok", syn);
        assertEquals(0, view.tcp().payloadLength());
        assertTrue(view.tcp().plainSyn());
    }

    @Test
    @BadInput(37)
    void shouldCheck37Fragments() {
        final byte[] first = PacketBuilder.fragments(PacketBuilder.udp4(A, 844, B, 10_080, new byte[3000]), 1500)
                .get(0);
        expect("ok", first);
        assertEquals(3000, view.udp().payloadLength());
        assertFalse(view.udp().complete());

        expect("bad-fragment", withShort(first, 2, 1499)); // more follow, length no multiple of eight
        expect("bad-fragment", withShort(first, 2, 20)); // nothing in it
        expect("bad-fragment", withShort(withShort(four().payload(17, new byte[16]), 6, 0x1fff), 2, 36));
        expect("ok", withShort(four().payload(17, new byte[7]), 6, 0x1fff)); // 65528 + 7
        assertEquals(65_535, view.fragmentEndBytes());
        expect("bad-fragment", withShort(four().payload(17, new byte[8]), 6, 0x1fff));
        expect("bad-fragment", withShort(four().payload(17, new byte[0]), 6, 1)); // nothing in it
    }

    @Test
    @BadInput(37)
    void shouldRefuse37FirstFragmentsWithoutTheWholeTransportHeader() {
        final byte[] segment = Arrays.copyOfRange(PacketBuilder.tcp4(A, 50_000, B, 11_001, 2, new byte[20]), 20, 60);
        expect("bad-fragment", withShort(four().payload(6, Arrays.copyOf(segment, 8)), 6, 0x2000));
        expect("bad-fragment", withShort(four().payload(6, Arrays.copyOf(segment, 16)), 6, 0x2000));
        expect("ok", withShort(four().payload(6, Arrays.copyOf(segment, 24)), 6, 0x2000));
        segment[12] = 0x70; // 28 bytes of header, 24 in this fragment
        expect("bad-fragment", withShort(four().payload(6, Arrays.copyOf(segment, 24)), 6, 0x2000));
        expect("bad-fragment", six().fragment(0, true, 7).payload(6, Arrays.copyOf(segment, 16)));
        expect("bad-fragment", six().fragment(0, true, 7).payload(17, new byte[0]));
        // RFC 7112: the extension headers belong into the first fragment too.
        expect("bad-fragment", six().fragment(0, true, 7).payload(DESTINATION, new byte[] {17, 1, 1, 4, 0, 0, 0, 0}));
    }

    @Test
    @BadInput(37)
    void shouldRefuse37LaterFragmentsInsideTheTcpHeader() {
        expect("bad-fragment", withShort(four().payload(6, new byte[24]), 6, 1));
        expect("bad-fragment", withShort(four().payload(6, new byte[24]), 6, 2));
        expect("ok", withShort(four().payload(6, new byte[24]), 6, 3));
        expect("ok", withShort(four().payload(17, new byte[24]), 6, 1));
        expect("bad-fragment", six().fragment(16, false, 7).payload(6, new byte[24]));
        expect("ok", six().fragment(24, false, 7).payload(6, new byte[24]));
    }

    @Test
    @BadInput(38)
    void shouldCheck38Ipv4Options() {
        expect("ok", four().options(1, 7, 7, 4, 0, 0, 0, 0).udp(844, 10_080, TEXT)); // NOP, record route
        assertEquals(36, view.udp().payloadOffset());
        expect("ok", four().options(0, 131).udp(844, 10_080, TEXT)); // nothing counts behind the end of options
        expect("bad-option", four().options(131, 7, 4, 0, 0, 0, 0).udp(844, 10_080, TEXT));
        expect("bad-option", four().options(1, 137, 7, 4, 0, 0, 0, 0).udp(844, 10_080, TEXT));
        expect("bad-option", four().options(7, 0).udp(844, 10_080, TEXT));
        expect("bad-option", four().options(7, 1).udp(844, 10_080, TEXT));
        expect("bad-option", four().options(7, 5, 0, 0).udp(844, 10_080, TEXT));
        expect("bad-option", four().options(1, 1, 1, 7).udp(844, 10_080, TEXT));
        expect("bad-option", four().options(1, 1, 1, 7).payload(253, new byte[0])); // nothing left to read
        expect("ok", four().options(222, 2, 222, 2).udp(844, 10_080, TEXT)); // unknown, without data
    }

    @Test
    @BadInput(39)
    void shouldRefuse39UdpWithLessThanAHeader() {
        for (int length = 0; length < 8; length++) {
            expect("bad-length", four().payload(17, new byte[length]));
            expect(length == 0 ? "bad-total-length" : "bad-length", six().payload(17, new byte[length]));
        }
    }

    @Test
    @BadInput(40)
    void shouldRefuse40Ipv6WithoutPayloadLength() {
        expect("bad-total-length", withShort(UDP6, 4, 0));
        final byte[] hop = six().extension(HOP_BY_HOP, 0xc2, 4, 0, 1, 0, 0).udp(844, 10_080, TEXT);
        expect("bad-option", hop); // jumbo option and a payload length
        expect("bad-total-length", withShort(hop, 4, 0));
    }

    @Test
    void shouldAcceptBigTcpOnly() {
        final byte[] four = withShort(PacketBuilder.tcp4(A, 50_000, B, 11_001, 0x10), 2, 0);
        assertEquals("ok", Decoded.status(view, four, 70_000));
        assertEquals(69_960, view.tcp().payloadLength());
        assertEquals("bad-total-length", Decoded.status(view, four, 65_535));
        assertEquals("bad-total-length", Decoded.status(view, withShort(four, 6, 0x2000), 70_000));
        assertEquals("bad-total-length", Decoded.status(view, withShort(UDP4, 2, 0), 70_000));

        final int payload = 70_000 - 40;
        final PacketBuilder jumbo =
                six().extension(HOP_BY_HOP, 0xc2, 4, payload >>> 24, payload >>> 16, payload >>> 8, payload);
        final byte[] six = withShort(jumbo.tcp(50_000, 11_001, 0x10, new byte[0]), 4, 0);
        assertEquals("ok", Decoded.status(view, six, 70_000));
        assertEquals(70_000 - 68, view.tcp().payloadLength());
        assertEquals("bad-total-length", Decoded.status(view, six, 70_001));
        assertEquals("bad-total-length", Decoded.status(view, six, 69_999));
        assertEquals("bad-option", Decoded.status(view, with(six, 45, 0), 70_000)); // 4464: no jumbogram
        assertEquals("bad-option", Decoded.status(view, with(six, 43, 3), 70_000)); // option of three bytes
        final int[] longOption = {0xc2, 12, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        final byte[] twelve = six().extension(HOP_BY_HOP, longOption).tcp(1, 2, 0x10, new byte[0]);
        assertEquals("bad-option", Decoded.status(view, withShort(twelve, 4, 0), 65_576));
        final byte[] least = six().extension(HOP_BY_HOP, 0xc2, 4, 0, 1, 0, 0).tcp(1, 2, 0x10, new byte[0]);
        assertEquals("ok", Decoded.status(view, withShort(least, 4, 0), 65_576));
        final byte[] twice = six().extension(HOP_BY_HOP, 0xc2, 4, 0, 1, 0, 0, 0xc2, 4, 0, 1, 0, 0)
                .tcp(1, 2, 0x10, new byte[0]);
        assertEquals("bad-option", Decoded.status(view, withShort(twice, 4, 0), 65_576));
        final byte[] udp = withShort(jumbo.udp(844, 10_080, TEXT), 4, 0);
        assertEquals("bad-total-length", Decoded.status(view, udp, 70_000));
        final byte[] fragment = withShort(jumbo.fragment(0, true, 7).tcp(1, 2, 0x10, new byte[0]), 4, 0);
        assertEquals("bad-extension", Decoded.status(view, fragment, 70_000));
    }

    @Test
    @BadInput(41)
    void shouldRefuse41LongExtensionChains() {
        final PacketBuilder chain = six().extension(HOP_BY_HOP);
        for (int i = 1; i < Ipv6View.EXTENSIONS_MAX; i++) {
            chain.extension(DESTINATION);
        }
        expect("ok", chain.udp(844, 10_080, TEXT));
        assertEquals(844, view.sourcePort());
        expect("bad-extension", chain.extension(DESTINATION).udp(844, 10_080, TEXT));
        expect(
                "bad-extension",
                six().extension(DESTINATION).extension(HOP_BY_HOP).udp(844, 10_080, TEXT));
    }

    @Test
    @BadInput(41)
    void shouldRefuse41ExtensionsThatDoNotFit() {
        final byte[] packet = six().extension(DESTINATION, 1, 4).udp(844, 10_080, TEXT);
        expect("bad-extension", with(packet, 41, 0xff));
        expect("bad-extension", six().payload(DESTINATION, new byte[7]));
        expect("bad-option", with(packet, 43, 5));
        expect("bad-option", six().extension(DESTINATION, 1, 2, 0, 0, 0, 1).udp(844, 10_080, TEXT));
        expect("bad-option", six().extension(DESTINATION, 0xc2, 4, 0, 1, 0, 0).udp(844, 10_080, TEXT));
        final int[] jumbo = {0xc2, 4, 0, 1, 0, 0, 0xc2, 4, 0, 1, 0, 0};
        expect("bad-option", six().extension(HOP_BY_HOP, jumbo).udp(844, 10_080, TEXT));
        expect("bad-option", six().extension(DESTINATION, 1, 2, 0, 0, 0, 1).payload(253, new byte[0]));
    }

    @Test
    @BadInput(42)
    void shouldTell42FragmentHeadersApart() {
        expect("ok", six().fragment(0, false, 0x89abcdef).udp(844, 10_080, TEXT));
        assertFalse(view.fragment() || view.firstFragment() || view.laterFragment());
        assertEquals(10_080, view.destinationPort());
        assertTrue(view.udp().complete() && view.udp().verifyChecksum(view));

        expect("ok", six().fragment(1448, true, 0x89abcdef).payload(17, new byte[1448]));
        assertTrue(view.fragment() && view.laterFragment());
        assertEquals(0x89abcdef, view.fragmentIdentification());
        assertEquals(1448, view.fragmentOffsetBytes());
        assertEquals(2896, view.fragmentEndBytes());
        assertEquals(0, view.destinationPort());

        expect("bad-fragment", six().fragment(8, false, 1).payload(17, new byte[0]));
        expect("bad-fragment", six().fragment(65_520, false, 1).payload(17, new byte[16]));
        expect("ok", six().fragment(65_520, false, 1).payload(17, new byte[15]));
        assertEquals(65_535, view.fragmentEndBytes());
        expect("bad-fragment", six().fragment(8, true, 1).payload(17, new byte[9]));
        expect("bad-fragment", six().fragment(65_528, false, 1).payload(17, new byte[8]));
        expect(
                "bad-extension",
                six().fragment(0, false, 1).fragment(8, false, 1).payload(17, new byte[8]));
    }

    @Test
    @BadInput(42)
    void shouldCount42ExtensionHeadersBehindTheFragmentHeaderAsFragmented() {
        final byte[] options = {17, 0, 1, 4, 0, 0, 0, 0};
        final byte[] data = Arrays.copyOf(options, 64);
        PacketBuilder.putShort(data, 8, 844);
        PacketBuilder.putShort(data, 10, 10_080);
        PacketBuilder.putShort(data, 12, 500);
        PacketBuilder.putShort(data, 14, 1);
        expect("ok", six().extension(DESTINATION).fragment(0, true, 7).payload(DESTINATION, data));
        assertEquals(10_080, view.destinationPort());
        assertEquals(17, view.protocol());
        assertEquals(64, view.fragmentEndBytes());
        assertEquals(DESTINATION, view.fragmentProtocol());

        expect("ok", six().extension(DESTINATION).fragment(64, false, 7).payload(DESTINATION, new byte[64]));
        assertEquals(64, view.fragmentOffsetBytes());
        assertEquals(128, view.fragmentEndBytes());
        assertEquals(DESTINATION, view.fragmentProtocol());

        expect("ok", four().options(7, 7, 4, 0, 0, 0, 0).udp(844, 10_080, TEXT));
        assertEquals(17, view.fragmentProtocol());
        assertEquals(TEXT.length + 8, view.fragmentEndBytes());
    }

    @Test
    void shouldNotTakeTheDataOfALaterFragmentForHeaders() {
        expect("ok", six().fragment(8, false, 1).payload(DESTINATION, new byte[] {17, (byte) 0xff, 0, 0, 0, 0, 0, 0}));
        assertEquals(DESTINATION, view.protocol());
    }

    @Test
    @BadInput(43)
    void shouldRefuse43RoutingHeaderTypeZero() {
        expect("bad-extension", six().extension(ROUTING, 0, 1).udp(844, 10_080, TEXT));
        expect("bad-extension", six().extension(ROUTING, 0, 0).udp(844, 10_080, TEXT));
        expect("ok", six().extension(ROUTING, 4, 0).udp(844, 10_080, TEXT));
    }

    @Test
    @BadInput(43)
    void shouldRefuse43RoutingHeadersWithSegmentsLeft() {
        for (int type = 0; type < 256; type++) {
            for (final int segmentsLeft : new int[] {1, 2, 127, 128, 255}) {
                expect(
                        "bad-extension",
                        six().extension(ROUTING, type, segmentsLeft).udp(844, 10_080, TEXT));
            }
        }
        // Also where it is part of what is cut into fragments, and in front of any part.
        final byte[] routed = {17, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        expect("bad-extension", six().fragment(0, true, 7).payload(ROUTING, routed));
        expect(
                "bad-extension",
                six().extension(ROUTING, 4, 1).fragment(8, false, 7).payload(17, TEXT));
    }

    @Test
    @BadInput(43)
    void shouldRefuse43AHomeAddressThatTakesThePlaceOfTheSource() {
        final int[] home = {201, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        expect("bad-option", six().extension(DESTINATION, home).udp(844, 10_080, TEXT));
    }

    @Test
    @BadInput(44)
    void shouldStop44AtAHeaderItDoesNotKnow() {
        for (final int header : new int[] {59, 50, 51, 135, 253}) {
            expect("ok", six().extension(DESTINATION).payload(header, TEXT));
            assertEquals(header, view.protocol());
            assertEquals(0, view.destinationPort());
        }
        expect("ok", six().payload(59, new byte[0]));
        expect("ok", four().payload(PacketView.PROTOCOL_ICMPV6, new byte[0])); // of the other family: no ICMP
        expect("ok", six().payload(PacketView.PROTOCOL_ICMP, new byte[1]));
    }

    @Test
    @BadInput(45)
    void shouldRefuse45MappedAddresses() {
        final byte[] mapped = UDP6.clone();
        Arrays.fill(mapped, 8, 18, (byte) 0);
        Arrays.fill(mapped, 18, 20, (byte) 0xff);
        expect("bad-address", mapped);
        final byte[] target = UDP6.clone();
        System.arraycopy(mapped, 8, target, 24, 16);
        expect("bad-address", target);

        expect("ok", PacketBuilder.udp6("2001:db8::ffff:c000:20a", 844, "::5:c000:20a", 10_080, TEXT)); // only alike

        expect("ok", PacketBuilder.icmpError(D, C, 1, 4, target));
        assertEquals("bad-address", DecodeStatus.name(view.icmp().decodeQuoted()));
        assertEquals(0, view.icmp().quotedSourcePort());
    }

    @Test
    @BadInput(46)
    void shouldRefuse46AddressesThatCannotBe() {
        for (final String bad : new String[] {"0.0.0.0", "224.0.0.1", "239.255.255.255", "255.255.255.255"}) {
            expect("bad-address", PacketBuilder.udp4(bad, 844, B, 10_080, TEXT));
        }
        expect("bad-address", PacketBuilder.udp4(A, 844, "0.0.0.0", 10_080, TEXT));
        expect("bad-address", PacketBuilder.udp6("::", 844, D, 10_080, TEXT));
        expect("bad-address", PacketBuilder.udp6("ff02::1", 844, D, 10_080, TEXT));
        expect("bad-address", PacketBuilder.udp6(C, 844, "::", 10_080, TEXT));
    }

    @Test
    @BadInput(46)
    void shouldMark46DestinationsThatAreNoHost() {
        for (final String group : new String[] {"224.0.0.1", "239.255.255.255", "255.255.255.255"}) {
            expect("ok", PacketBuilder.udp4(A, 844, group, 10_080, TEXT));
            assertFalse(view.unicastDestination(), group);
        }
        expect("ok", PacketBuilder.udp6(C, 844, "ff02::1", 10_080, TEXT));
        assertFalse(view.unicastDestination());
        expect("ok", PacketBuilder.udp4(A, 844, "223.255.255.255", 10_080, TEXT));
        assertTrue(view.unicastDestination());
        expect("ok", PacketBuilder.udp6(C, 844, "fe80::1", 10_080, TEXT));
        assertTrue(view.unicastDestination());
    }

    @Test
    @BadInput(46)
    void shouldRefuse46Land() {
        expect("bad-address", PacketBuilder.udp4(A, 10_080, A, 10_080, TEXT));
        expect("bad-address", PacketBuilder.tcp6(C, 11_001, C, 11_001, 2));
        expect("ok", PacketBuilder.udp4(A, 844, A, 10_080, TEXT)); // a host that backs itself up
        expect("ok", PacketBuilder.udp4(A, 10_080, B, 10_080, TEXT)); // 55
    }

    @Test
    @BadInput(47)
    void shouldGoBy47TheBytes() {
        expect("ok", UDP4);
        assertFalse(view.ipv6());
        expect("ok", UDP6);
        assertTrue(view.ipv6());
        expect("bad-version", with(UDP6, 0, 0x00));
        assertFalse(view.ipv6());
    }

    @Test
    @BadInput({49, 50})
    void shouldRefuse49And50UdpLengthsThatCannotBe() {
        for (int length = 0; length < 8; length++) {
            expect("bad-length", withShort(UDP4, 24, length));
            expect("bad-length", withShort(UDP6, 44, length));
        }
        expect("bad-length", withShort(UDP4, 24, TEXT.length + 9));
        expect("bad-length", withShort(UDP6, 44, TEXT.length + 9));
        expect("bad-length", withShort(UDP4, 24, 65_535));
    }

    @Test
    void shouldNotCallADatagramCompleteThatFailedACheck() {
        expect("ok", UDP4);
        assertTrue(view.udp().complete());
        expect("bad-length", withShort(UDP4, 24, 7));
        assertFalse(view.udp().complete() || view.udp().verifyChecksum(view));
    }

    @Test
    @BadInput(51)
    void shouldCut51ThePayloadAtTheUdpLength() {
        final byte[] slack = withShort(UDP4, 24, 8 + 10);
        expect("ok", slack);
        assertEquals(10, view.udp().payloadLength());
        assertEquals(10, view.udp().availablePayload());
        assertTrue(view.udp().complete());
        assertFalse(view.udp().verifyChecksum(view));
        assertEquals("ok", Decoded.status(view, Arrays.copyOf(slack, 38), slack.length));
        assertTrue(view.udp().complete());
        assertEquals("ok", Decoded.status(view, Arrays.copyOf(slack, 37), slack.length));
        assertFalse(view.udp().complete());
    }

    @Test
    @BadInput(52)
    void shouldTell52ZeroChecksumsApart() {
        expect("ok", withShort(UDP4, 26, 0));
        assertTrue(view.udp().verifyChecksum(view));
        expect("bad-checksum", withShort(UDP6, 46, 0));
    }

    @Test
    @BadInput(53)
    void shouldDetect53WrongChecksums() {
        for (final byte[] packet : new byte[][] {UDP4, UDP6}) {
            expect("ok", packet);
            assertTrue(view.udp().verifyChecksum(view));
            for (int at = packet.length - TEXT.length; at < packet.length; at++) {
                expect("ok", with(packet, at, packet[at] ^ 0x40));
                assertFalse(view.udp().verifyChecksum(view), "byte " + at);
                assertFalse(view.udp().verifyChecksum(view, true), "byte " + at);
            }
        }
    }

    @Test
    void shouldAcceptAPartialChecksumOnlyWhenTold() {
        // Pseudo header alone, as Linux left it for the card: 192.0.2.10 > 198.51.100.20, protocol 17, length 38.
        final int pseudo = fold(0xc000 + 0x020a + 0xc633 + 0x6414 + 17 + 38);
        final byte[] partial = withShort(UDP4, 26, pseudo);
        expect("ok", partial);
        assertFalse(view.udp().verifyChecksum(view));
        assertTrue(view.udp().verifyChecksum(view, true));
        expect("ok", withShort(UDP4, 26, pseudo + 1));
        assertFalse(view.udp().verifyChecksum(view, true));
    }

    private static int fold(final int sum) {
        return (sum & 0xffff) + (sum >>> 16);
    }

    @Test
    @BadInput({54, 56})
    void shouldAccept54And56TheSmallestAndTheLargestDatagram() {
        expect("ok", PacketBuilder.udp4(A, 844, B, 10_080, new byte[0]));
        assertEquals(0, view.udp().payloadLength());
        assertTrue(view.udp().complete() && view.udp().verifyChecksum(view));
        final byte[] largest = new byte[65_503];
        Arrays.fill(largest, (byte) 0xff);
        expect("ok", PacketBuilder.udp4(A, 844, B, 10_080, largest));
        assertTrue(view.udp().complete() && view.udp().verifyChecksum(view));
        expect("ok", PacketBuilder.udp6(C, 844, D, 10_080, largest));
        assertTrue(view.udp().complete() && view.udp().verifyChecksum(view));
        expect("ok", PacketBuilder.udp4(A, 844, B, 10_080, new byte[] {1, 2, 3})); // odd length
        assertTrue(view.udp().verifyChecksum(view));
    }

    @Test
    void shouldRefuseAnEmptyCopy() {
        expect("truncated", new byte[0]);
        expect("truncated", new byte[] {0x45});
        expect("bad-version", new byte[] {0x35});
        assertEquals("truncated", Decoded.status(view, UDP4, 0));
        assertEquals("truncated", Decoded.status(view, UDP4, -1));
    }
}
