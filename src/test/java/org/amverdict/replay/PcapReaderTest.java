package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Classic pcap, link layers, and the shipped captures. */
final class PcapReaderTest extends PcapReading {
    private static final int PPPOE = 0x8864;

    @Test
    void shouldReadPcapOfBothByteOrdersAndResolutions() throws IOException {
        for (final ByteOrder order : ORDERS) {
            final Result micro = read(new PcapBuilder(order)
                    .pcap(MICROSECONDS, ETHERNET)
                    .record(1_700_000_000L, 123_456, Frames.ethernet(IPV4, Frames.ipv4(1)))
                    .bytes());
            final Result nano = read(new PcapBuilder(order)
                    .pcap(NANOSECONDS, ETHERNET)
                    .record(0xffff_ffffL, 999_999_999, Frames.ethernet(IPV6, Frames.ipv6()))
                    .bytes());

            assertEquals(1_700_000_000_123_456_000L, micro.only().timestampNanos());
            assertEquals(hex(Frames.ipv4(1)), micro.only().hex());
            assertEquals(4_294_967_295_999_999_999L, nano.only().timestampNanos());
            assertEquals(hex(Frames.ipv6()), nano.only().hex());
            assertEquals(Frames.IPV6_LENGTH, nano.only().originalLength());
        }
    }

    @Test
    void shouldIgnoreTheChecksumBitsOfTheLinkType() throws IOException {
        final PcapBuilder capture = new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, 0x44000000 | ETHERNET)
                .record(0, 0, Frames.ethernet(IPV4, Frames.ipv4(1)));

        assertEquals(1, read(capture.bytes()).packets().size());
    }

    @Test
    void shouldReadTheSwappedLengthsOfOldVersions() throws IOException {
        final byte[] frame = Frames.ethernet(IPV4, Frames.ipv4(1));
        for (final int minor : new int[] {2, 3}) {
            final PcapBuilder capture = new PcapBuilder(ByteOrder.BIG_ENDIAN)
                    .u32(MICROSECONDS)
                    .u16(2, minor)
                    .u32(0, 0, 65535, ETHERNET)
                    .u32(0, 0, frame.length + 5, frame.length)
                    .raw(frame);

            assertEquals(hex(Frames.ipv4(1)), read(capture.bytes()).only().hex(), "minor version " + minor);
        }
    }

    @Test
    void shouldStripVlanTags() throws IOException {
        final byte[] ip = Frames.ipv4(1);
        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, ETHERNET)
                .record(0, 0, Frames.ethernet(0x8100, Frames.join(Frames.be16(7, IPV4), ip)))
                .record(0, 0, Frames.ethernet(0x88a8, Frames.join(Frames.be16(7, 0x8100, 8, IPV4), ip)))
                .record(0, 0, Frames.ethernet(0x9100, Frames.join(Frames.be16(7, 0x8100, 8, IPV4), ip)))
                .record(0, 0, Frames.ethernet(0x8100, Frames.be16(7)))
                .record(0, 0, Frames.ethernet(0x8100, Frames.be16(1, 0x8100, 2, 0x8100, 3, 0x8100, 4, 0x8100, 5, IPV4)))
                .bytes());

        assertEquals(3, result.packets().size());
        assertEquals(2, result.skippedFrames());
        for (final Packet packet : result.packets()) {
            assertEquals(hex(ip), packet.hex());
            assertEquals(Frames.IPV4_LENGTH, packet.originalLength());
        }
    }

    @Test
    void shouldSkipAndCountFramesWithoutIp() throws IOException {
        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, ETHERNET)
                .record(0, 0, Frames.ethernet(0x0806, new byte[46]))
                .record(0, 0, Frames.ethernet(0x88cc, new byte[46]))
                .record(0, 0, Frames.ethernet(46, new byte[46]))
                .record(0, 0, new byte[13])
                .record(0, 0, new byte[0])
                .record(1, 0, Frames.ethernet(IPV4, Frames.ipv4(1)))
                .bytes());

        assertEquals(1_000_000_000L, result.only().timestampNanos());
        assertEquals(5, result.skippedFrames());
    }

    @Test
    void shouldCutOffPaddingButKeepWhatTheHeaderDeclares() throws IOException {
        final byte[] padded = Frames.join(Frames.ethernet(IPV4, Frames.ipv4(1)), new byte[18]);
        final byte[] padded6 = Frames.join(Frames.ethernet(IPV6, Frames.ipv6()), new byte[4]);
        final byte[] cut = new byte[14 + 24];
        System.arraycopy(padded, 0, cut, 0, cut.length);
        final byte[] zeroLength = Frames.ipv4(1);
        zeroLength[3] = 0;
        final byte[] jumbo = Frames.ipv6();
        jumbo[5] = 0;
        jumbo[6] = 0;

        final List<Packet> packets = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                        .pcap(MICROSECONDS, ETHERNET)
                        .record(0, 0, padded)
                        .record(0, 0, padded6)
                        .record(0, 0, cut, padded.length)
                        .record(0, 0, Frames.ethernet(IPV4, zeroLength))
                        .record(0, 0, Frames.ethernet(IPV6, jumbo))
                        .bytes())
                .packets();

        assertEquals(hex(Frames.ipv4(1)), packets.get(0).hex());
        assertEquals(hex(Frames.ipv6()), packets.get(1).hex());
        assertEquals(24, packets.get(2).length());
        assertEquals(Frames.IPV4_LENGTH, packets.get(2).originalLength());
        assertEquals(Frames.IPV4_LENGTH, packets.get(3).length());
        assertEquals(Frames.IPV6_LENGTH, packets.get(4).length());
    }

    @Test
    void shouldTellTruncatedSnapshots() throws IOException {
        final byte[] ip = Frames.ipv4(1);
        ip[2] = 4; // total length 1024 + 28
        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, ETHERNET)
                .record(0, 0, Frames.ethernet(IPV4, ip), 14 + 1052)
                .bytes());

        assertEquals(Frames.IPV4_LENGTH, result.only().length());
        assertEquals(1052, result.only().originalLength());
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 12, 14, 228, 229})
    void shouldReadRawIp(final int linkType) throws IOException {
        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, linkType)
                .record(0, 0, Frames.ipv4(1))
                .bytes());

        assertEquals(hex(Frames.ipv4(1)), result.only().hex());
    }

    @Test
    void shouldReadPppoeSessions() throws IOException {
        final byte[] ip = Frames.ipv4(1);
        final byte[] ip6 = Frames.ipv6();
        final byte[] session = Frames.pppoe(0x0021, ip);
        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, ETHERNET)
                .record(0, 0, Frames.ethernet(PPPOE, Frames.join(session, new byte[10])))
                .record(0, 0, Frames.ethernet(PPPOE, Frames.pppoe(0x0057, ip6)))
                .record(0, 0, Frames.ethernet(0x88a8, Frames.join(Frames.be16(7, 0x8100, 8, PPPOE), session)))
                .record(0, 0, Frames.ethernet(PPPOE, Frames.pppoe(0xc021, new byte[20]))) // LCP
                .record(0, 0, Frames.ethernet(0x8863, session)) // discovery
                .bytes());

        assertEquals(3, result.packets().size());
        assertEquals(2, result.skippedFrames());
        assertEquals(hex(ip), result.packets().get(0).hex());
        assertEquals(hex(ip6), result.packets().get(1).hex());
        assertEquals(hex(ip), result.packets().get(2).hex());
        for (int length = 0; length < session.length; length++) {
            final Result cut = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                    .pcap(MICROSECONDS, ETHERNET)
                    .record(0, 0, Frames.ethernet(PPPOE, Arrays.copyOf(session, length)), 14 + session.length)
                    .bytes());
            assertEquals(length < 8 ? 1 : 0, cut.skippedFrames(), "cut to " + length);
        }
    }

    @Test
    void shouldReadPppAndPppoeWithoutEthernet() throws IOException {
        final byte[] ip = Frames.ipv4(1);
        final byte[] plain = Frames.join(Frames.be16(0x0021), ip);
        final byte[] framed = Frames.join(Frames.be16(0xff03, 0x0021), ip);
        final byte[] compressed = Frames.join(new byte[] {0x21}, ip);
        for (final int linkType : new int[] {9, 50}) {
            final Result result = read(new PcapBuilder(ByteOrder.BIG_ENDIAN)
                    .pcap(MICROSECONDS, linkType)
                    .record(0, 0, plain)
                    .record(0, 0, framed)
                    .record(0, 0, compressed)
                    .record(0, 0, new byte[0])
                    .record(0, 0, new byte[1])
                    .bytes());

            assertEquals(2, result.skippedFrames());
            assertEquals(3, result.packets().size());
            result.packets().forEach(packet -> assertEquals(hex(ip), packet.hex()));
        }
        final Result pppoe = read(new PcapBuilder(ByteOrder.BIG_ENDIAN)
                .pcap(MICROSECONDS, 51)
                .record(0, 0, Frames.pppoe(0x0021, ip))
                .bytes());
        assertEquals(hex(ip), pppoe.only().hex());
    }

    @Test
    void shouldReadPacketsBehindLabelsAndSnapHeaders() throws IOException {
        final byte[] ip = Frames.ipv4(1);
        final byte[] labels = Frames.be16(0x0001, 0x0040, 0x0002, 0x0140);
        final byte[] snap = Frames.be16(0xaaaa, 0x0300, 0, IPV4);
        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, ETHERNET)
                .record(0, 0, Frames.ethernet(0x8847, Frames.join(labels, ip)))
                .record(0, 0, Frames.ethernet(snap.length + ip.length, Frames.join(snap, ip)))
                .record(0, 0, Frames.ethernet(0x8847, labels))
                .record(0, 0, Frames.ethernet(0x9200, Frames.join(Frames.be16(7, 0x9300, 8, IPV4), ip)))
                .bytes());

        assertEquals(1, result.skippedFrames());
        assertEquals(3, result.packets().size());
        result.packets().forEach(packet -> assertEquals(hex(ip), packet.hex()));
    }

    @Test
    void shouldReadNflogOfBothByteOrders() throws IOException {
        for (final ByteOrder order : ORDERS) {
            final byte[] ip = Frames.ipv4(1);
            final byte[] frame = Frames.nflog(order, ip);
            final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                    .pcap(MICROSECONDS, 239)
                    .record(0, 0, frame)
                    .record(0, 0, Frames.nflog(order, Frames.ipv6()))
                    .record(0, 0, Frames.nflog(order, new byte[28])) // neither IPv4 nor IPv6
                    .record(0, 0, Frames.be16(0x0200, 1))
                    .bytes());

            assertEquals(2, result.packets().size());
            assertEquals(2, result.skippedFrames());
            assertEquals(hex(ip), result.packets().get(0).hex());
            assertEquals(hex(Frames.ipv6()), result.packets().get(1).hex());
            for (int length = 0; length < frame.length; length++) {
                read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                        .pcap(MICROSECONDS, 239)
                        .record(0, 0, Arrays.copyOf(frame, length))
                        .bytes());
            }
        }
    }

    /** With --nflog-size the kernel cuts the packet, and the frame in the file is whole. */
    @Test
    void shouldSeeThatNflogCutAPacket() throws IOException {
        final byte[] ip = Frames.ipv4(1);
        ip[2] = 4; // total length 1024 + 28
        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, 239)
                .record(0, 0, Frames.nflog(ByteOrder.LITTLE_ENDIAN, ip))
                .bytes());

        assertEquals(Frames.IPV4_LENGTH, result.only().length());
        assertEquals(1052, result.only().originalLength());
    }

    @ParameterizedTest
    @CsvSource({
        "736e6f6f70000000, Solaris snoop",
        "6970747261636520, AIX iptrace",
        "5254535300000000, Network Monitor",
        "474d425500000000, Network Monitor",
        "5452534e49464620, Sniffer",
        "425a683931415926, compressed",
        "fd377a585a000000, compressed",
        "1f8b080000000000, compressed",
        "31323a30313a3032, tcpdump -s 0 -w",
    })
    void shouldNameOtherFormatsAndTheRemedy(final String start, final String said) {
        final CaptureException refused = damaged(HexFormat.of().parseHex(start));

        assertMessage(refused, 0, said);
        final String message = String.valueOf(refused.getMessage());
        assertTrue(
                message.contains("editcap -F pcap") || message.contains("unpack") || message.contains("-w"), message);
    }

    @Test
    void shouldReadLinuxCooked() throws IOException {
        final byte[] ip = Frames.ipv4(1);
        final byte[] v1 = Frames.join(new byte[14], Frames.be16(IPV4), ip);
        final byte[] v1Tagged = Frames.join(new byte[14], Frames.be16(0x8100, 5, IPV4), ip);
        final byte[] v1Arp = Frames.join(new byte[14], Frames.be16(0x0806), new byte[28]);
        final byte[] v2 = Frames.join(Frames.be16(IPV4), new byte[18], ip);
        final byte[] v2Short = Frames.join(Frames.be16(IPV4), new byte[17]);

        final Result cooked = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, 113)
                .record(0, 0, v1)
                .record(0, 0, v1Tagged)
                .record(0, 0, v1Arp)
                .bytes());
        final Result cooked2 = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, 276)
                .record(0, 0, v2)
                .record(0, 0, v2Short)
                .bytes());

        assertEquals(hex(ip), cooked.packets().get(0).hex());
        assertEquals(hex(ip), cooked.packets().get(1).hex());
        assertEquals(1, cooked.skippedFrames());
        assertEquals(hex(ip), cooked2.only().hex());
        assertEquals(1, cooked2.skippedFrames());
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "0, 33554432", "0, 10", "0, 28", "0, 30", "108, 2", "108, 24"})
    void shouldReadLoopback(final int linkType, final int family) throws IOException {
        final byte[] frame = new PcapBuilder(ByteOrder.BIG_ENDIAN)
                .u32(family)
                .raw(Frames.ipv4(1))
                .bytes();
        final byte[] other =
                new PcapBuilder(ByteOrder.BIG_ENDIAN).u32(7).raw(Frames.ipv4(1)).bytes();

        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, linkType)
                .record(0, 0, frame)
                .record(0, 0, other)
                .record(0, 0, new byte[3])
                .bytes());

        assertEquals(hex(Frames.ipv4(1)), result.only().hex());
        assertEquals(2, result.skippedFrames());
    }

    @ParameterizedTest
    @CsvSource({
        "bsdudp-backup.pcap, 52",
        "bsdudp-recover.pcap, 95",
        "bsdudp-backup-noindex.pcap, 50",
        "bsdudp-backup-nak.pcap, 4",
        "bsd-backup.pcap, 73",
        "bsd-backup-ipv6.pcap, 87",
        "bsdtcp-backup.pcap, 94",
    })
    void shouldReadTheShippedCaptures(final String name, final int packets) throws IOException {
        final Result result = read(Path.of("test/resources/captures", name));

        assertEquals(packets, result.packets().size() + result.skippedFrames());
        assertEquals(List.of(), result.warnings());
        for (final Packet packet : result.packets()) {
            assertEquals(packet.originalLength(), packet.length());
        }
    }
}
