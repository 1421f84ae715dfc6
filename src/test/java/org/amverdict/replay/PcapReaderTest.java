package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PcapReaderTest {
    private static final long MICROSECONDS = 0xa1b2c3d4L;
    private static final long NANOSECONDS = 0xa1b23c4dL;
    private static final int ETHERNET = 1;
    private static final int RAW = 101;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;

    private static final ByteOrder[] ORDERS = {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN};

    /** A packet copied out of the reader. */
    private record Packet(long timestampNanos, int interfaceNumber, String hex, int originalLength) {
        int length() {
            return hex.length() / 2;
        }
    }

    private record Result(List<Packet> packets, long skippedFrames, List<String> warnings) {
        Packet only() {
            assertEquals(1, packets.size());
            return packets.get(0);
        }
    }

    @TempDir
    private Path directory;

    private Result read(final byte[] capture) throws IOException {
        final Path file = directory.resolve("test.pcap");
        Files.write(file, capture);
        return read(file);
    }

    private static Result read(final Path file) throws IOException {
        try (PcapReader reader = PcapReader.open(file)) {
            final List<Packet> packets = new ArrayList<>();
            while (reader.next()) {
                final byte[] bytes = new byte[reader.length()];
                reader.buffer().getBytes(reader.offset(), bytes);
                packets.add(new Packet(
                        reader.timestampNanos(), reader.interfaceNumber(), hex(bytes), reader.originalLength()));
            }
            return new Result(packets, reader.skippedFrames(), List.copyOf(reader.warnings()));
        }
    }

    private static String hex(final byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private CaptureException damaged(final byte[] capture) {
        return assertThrows(CaptureException.class, () -> read(capture));
    }

    private static void assertMessage(final CaptureException e, final int offset, final String part) {
        final String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("test.pcap: offset " + offset + ": "), message);
        assertTrue(message.contains(part), message);
    }

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

    @Test
    void shouldReadPcapNgOfBothByteOrders() throws IOException {
        for (final ByteOrder order : ORDERS) {
            final Result result = read(new PcapBuilder(order)
                    .section()
                    .describeInterface(ETHERNET)
                    .describeInterface(RAW)
                    .block(5, new byte[20]) // statistics
                    .block(0x0bad, new byte[3]) // of a private type
                    .enhanced(0, 1_700_000_000_123_456L, Frames.ethernet(IPV4, Frames.ipv4(1)))
                    .enhanced(1, 1_700_000_001_000_000L, Frames.ipv6())
                    .bytes());

            assertEquals(2, result.packets().size());
            assertEquals(1_700_000_000_123_456_000L, result.packets().get(0).timestampNanos());
            assertEquals(hex(Frames.ipv4(1)), result.packets().get(0).hex());
            assertEquals(1, result.packets().get(1).interfaceNumber());
            assertEquals(hex(Frames.ipv6()), result.packets().get(1).hex());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "6, 1700000000123456, 1700000000123456000",
        "9, 1700000000123456789, 1700000000123456789",
        "0, 1700000000, 1700000000000000000",
        "3, 1700000000123, 1700000000123000000",
        "12, 1700000123456789012, 1700000123456789",
        "18, -446744073709551616, 18000000000",
        "128, 1700000000, 1700000000000000000",
        "148, 1782579200524288, 1700000000500000000", // 2^-20
        "160, 7301444403200000001, 1700000000000000000", // 2^-32
        "191, -1, 1999999999", // 2^-63
    })
    void shouldReadTimesOfEveryResolution(final int resolution, final long ticks, final long nanos) throws IOException {
        final PcapBuilder capture = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        capture.describeInterface(RAW, capture.resolution(resolution)).enhanced(0, ticks, Frames.ipv4(1));

        assertEquals(nanos, read(capture.bytes()).only().timestampNanos());
    }

    @Test
    void shouldAddTheTimeOffset() throws IOException {
        final PcapBuilder capture = new PcapBuilder(ByteOrder.BIG_ENDIAN).section();
        final byte[] options = capture.part()
                .u16(2, 3)
                .raw((byte) 'e', (byte) 't', (byte) 'h', (byte) 0)
                .u16(14, 8)
                .u64(-10)
                .raw(capture.resolution(9))
                .bytes();
        capture.describeInterface(RAW, options).enhanced(0, 12_000_000_001L, Frames.ipv4(1));

        assertEquals(2_000_000_001L, read(capture.bytes()).only().timestampNanos());
    }

    @Test
    void shouldRefuseTimesThatDoNotFit() {
        final PcapBuilder late = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        late.describeInterface(RAW).enhanced(0, -1, Frames.ipv4(1));
        final PcapBuilder fine = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        fine.describeInterface(RAW, fine.resolution(19));
        final PcapBuilder early = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        early.describeInterface(RAW, early.part().u16(14, 8).u64(Long.MIN_VALUE).bytes())
                .enhanced(0, 1, Frames.ipv4(1));

        assertMessage(damaged(late.bytes()), 60, "2262");
        assertMessage(damaged(fine.bytes()), 28, "if_tsresol");
        assertMessage(damaged(early.bytes()), 72, "2262");
    }

    @Test
    void shouldRefuseInterfacesThatDoNotFitTheirBlock() {
        final PcapBuilder option = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        option.describeInterface(RAW, option.part().u16(2, 5).u32(0).bytes());
        final PcapBuilder empty = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        empty.block(1, new byte[4]);
        final PcapBuilder many = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        for (int i = 0; i < 1025; i++) {
            many.describeInterface(RAW);
        }

        assertMessage(damaged(option.bytes()), 28 + 8 + 8, "interface option 2 is longer than its block");
        assertMessage(damaged(empty.bytes()), 28 + 4, "interface description of 4 bytes");
        assertMessage(damaged(many.bytes()), 28 + 1024 * 20, "more than 1024 interfaces");
    }

    @Test
    void shouldReadSimpleAndObsoletePacketBlocks() throws IOException {
        for (final ByteOrder order : ORDERS) {
            final PcapBuilder capture = new PcapBuilder(order).section();
            capture.block(1, capture.part().u16(RAW, 0).u32(24).bytes());
            capture.block(
                    2,
                    capture.part()
                            .u16(0, 65535)
                            .u32(0, 5_000_000, Frames.IPV4_LENGTH, Frames.IPV4_LENGTH)
                            .raw(Frames.ipv4(1))
                            .bytes());
            capture.block(
                    3,
                    capture.part()
                            .u32(Frames.IPV4_LENGTH)
                            .raw(Arrays.copyOf(Frames.ipv4(2), 24))
                            .bytes());

            final List<Packet> packets = read(capture.bytes()).packets();

            assertEquals(2, packets.size());
            assertEquals(5_000_000_000L, packets.get(0).timestampNanos());
            assertEquals(hex(Frames.ipv4(1)), packets.get(0).hex());
            assertEquals(24, packets.get(1).length());
            assertEquals(Frames.IPV4_LENGTH, packets.get(1).originalLength());
            assertEquals(5_000_000_000L, packets.get(1).timestampNanos());
        }
    }

    @Test
    void shouldReadSectionsOfDifferentByteOrder() throws IOException {
        final byte[] first = new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .section()
                .describeInterface(RAW)
                .enhanced(0, 1, Frames.ipv4(1))
                .bytes();
        final byte[] second = new PcapBuilder(ByteOrder.BIG_ENDIAN)
                .section()
                .describeInterface(ETHERNET)
                .enhanced(0, 2, Frames.ethernet(IPV4, Frames.ipv4(2)))
                .bytes();
        final byte[] withoutInterface = new PcapBuilder(ByteOrder.BIG_ENDIAN)
                .section()
                .enhanced(0, 2, Frames.ipv4(3))
                .bytes();

        final List<Packet> packets = read(Frames.join(first, second)).packets();

        assertEquals(hex(Frames.ipv4(1)), packets.get(0).hex());
        assertEquals(hex(Frames.ipv4(2)), packets.get(1).hex());
        assertMessage(
                damaged(Frames.join(first, withoutInterface)),
                first.length + 28 + 8,
                "packet of interface 0, but the section describes 0");
    }

    @Test
    void shouldSkipInterfacesOfUnknownLinkType() throws IOException {
        final Result result = read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .section()
                .describeInterface(105)
                .describeInterface(RAW)
                .enhanced(0, 1, Frames.ipv4(1))
                .enhanced(1, 2, Frames.ipv4(2))
                .bytes());

        assertEquals(hex(Frames.ipv4(2)), result.only().hex());
        assertEquals(1, result.skippedFrames());
        assertTrue(
                result.warnings().get(0).contains("link type 105"),
                () -> result.warnings().toString());
    }

    @Test
    void shouldRefuseHugeLengths() {
        final byte[] frame = new byte[0];
        assertMessage(
                damaged(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                        .pcap(MICROSECONDS, RAW)
                        .u32(0, 0, 262_145, 262_145)
                        .bytes()),
                32,
                "262145");
        assertMessage(
                damaged(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                        .pcap(MICROSECONDS, RAW)
                        .u32(0, 0, 0xffff_ffffL, 0xffff_ffffL)
                        .bytes()),
                32,
                "4294967295");
        assertMessage(
                damaged(new PcapBuilder(ByteOrder.BIG_ENDIAN)
                        .pcap(MICROSECONDS, RAW)
                        .u32(0, 0, 28, 27)
                        .raw(Frames.ipv4(1))
                        .bytes()),
                32,
                "28 bytes captured of a packet of 27");
        for (final long length : new long[] {0, 8, 13, 14, (16 << 20) + 4, 0xffff_fffcL}) {
            assertMessage(
                    damaged(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                            .section()
                            .u32(6, length)
                            .raw(frame)
                            .bytes()),
                    32,
                    "block length " + length);
        }
        final PcapBuilder longer = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        longer.describeInterface(RAW)
                .block(6, longer.part().u32(0, 0, 0, 29, 29).raw(Frames.ipv4(1)).bytes());
        assertMessage(damaged(longer.bytes()), 68, "packet of 29 bytes is longer than its block");
    }

    @Test
    void shouldReadTheLargestPacket() throws IOException {
        final byte[] frame = new byte[PcapReader.FRAME_LENGTH_MAX];
        final PcapBuilder ng =
                new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section().describeInterface(RAW);
        ng.block(
                6,
                ng.part()
                        .u32(0, 0, 0, frame.length, frame.length)
                        .raw(frame)
                        .u16(1, 60_000)
                        .raw(new byte[60_000])
                        .bytes());
        final PcapBuilder simple =
                new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section().describeInterface(RAW);
        simple.block(
                3,
                simple.part().u32(frame.length + 4).raw(frame).raw(new byte[4]).bytes());

        assertEquals(
                frame.length,
                read(new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                                .pcap(MICROSECONDS, RAW)
                                .record(0, 0, frame)
                                .bytes())
                        .only()
                        .length());
        assertEquals(frame.length, read(ng.bytes()).only().length());
        assertMessage(damaged(simple.bytes()), 56, "262148");
    }

    @Test
    void shouldRefuseBlocksWhoseLengthsDiffer() {
        final byte[] capture = new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .section()
                .describeInterface(RAW)
                .bytes();
        capture[capture.length - 4] ^= 4;

        assertMessage(damaged(capture), capture.length - 4, "block length 16 at its end, but 20 at its start");
    }

    @Test
    void shouldNameWhatIsNotACapture() {
        assertMessage(damaged(new byte[0]), 0, "empty");
        assertMessage(damaged(new byte[3]), 0, "only 3 bytes");
        assertMessage(damaged(new byte[] {0x1f, (byte) 0x8b, 8, 0}), 0, "unpack it first");
        assertMessage(damaged(new byte[] {'P', 'K', 3, 4}), 0, "starts with 504b0304");
        assertMessage(damaged(new byte[] {0x34, (byte) 0xcd, (byte) 0xb2, (byte) 0xa1}), 0, "editcap");
        assertMessage(
                damaged(new PcapBuilder(ByteOrder.BIG_ENDIAN)
                        .pcap(MICROSECONDS, 105)
                        .bytes()),
                20,
                "link type 105");
        assertMessage(
                damaged(new PcapBuilder(ByteOrder.BIG_ENDIAN)
                        .u32(MICROSECONDS)
                        .u16(1, 0)
                        .u32(0, 0, 0, 1)
                        .bytes()),
                4,
                "version 1");
        assertMessage(
                damaged(new PcapBuilder(ByteOrder.BIG_ENDIAN)
                        .block(0x0a0d0d0a, new byte[16])
                        .bytes()),
                8,
                "byte-order");
        assertThrows(IOException.class, () -> read(directory.resolve("missing.pcap")));
    }

    @Test
    void shouldUseEverythingBeforeATruncatedLastRecord() throws IOException {
        final byte[] classic = new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, RAW)
                .record(1, 0, Frames.ipv4(1))
                .record(2, 0, Frames.ipv4(2))
                .bytes();
        final byte[] ng = new PcapBuilder(ByteOrder.BIG_ENDIAN)
                .section()
                .describeInterface(RAW)
                .enhanced(0, 1, Frames.ipv4(1))
                .enhanced(0, 2, Frames.ipv4(2))
                .bytes();

        assertTruncatedAtEveryLength(classic, 24, 16 + Frames.IPV4_LENGTH);
        assertTruncatedAtEveryLength(ng, 28 + 20, 32 + Frames.IPV4_LENGTH);
    }

    private void assertTruncatedAtEveryLength(final byte[] whole, final int headers, final int record)
            throws IOException {
        for (int length = 0; length < whole.length; length++) {
            final byte[] part = Arrays.copyOf(whole, length);
            if (length < 24) {
                damaged(part);
                continue;
            }
            final Result result = assertRead(part, length);
            assertEquals(
                    Math.max(0, length - headers) / record, result.packets().size(), "cut at " + length);
        }
    }

    private Result assertRead(final byte[] part, final int length) throws IOException {
        if (part[0] == 0x0a && length < 28) {
            damaged(part);
            return new Result(List.of(), 0, List.of());
        }
        final Result result = read(part);
        final boolean atBoundary = result.warnings().isEmpty();
        assertEquals(atBoundary ? 0 : 1, result.warnings().size(), () -> "cut at " + length + ": " + result.warnings());
        return result;
    }

    @Test
    void shouldWarnExactlyWhenARecordIsCutOff() throws IOException {
        final byte[] capture = new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .pcap(MICROSECONDS, RAW)
                .record(1, 0, Frames.ipv4(1))
                .bytes();

        assertTrue(read(capture).warnings().isEmpty());
        assertTrue(read(Arrays.copyOf(capture, 24)).warnings().isEmpty());
        for (int length = 25; length < capture.length; length++) {
            final List<String> warnings = read(Arrays.copyOf(capture, length)).warnings();
            assertTrue(warnings.get(0).contains("test.pcap: offset 24: the file ends within"), warnings.get(0));
        }
    }

    @Test
    void shouldEndOnArbitraryDamage() throws IOException {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        final PcapBuilder ng = new PcapBuilder(ByteOrder.LITTLE_ENDIAN).section();
        ng.describeInterface(ETHERNET, ng.resolution(9));
        final PcapBuilder classic = new PcapBuilder(ByteOrder.BIG_ENDIAN).pcap(NANOSECONDS, ETHERNET);
        for (int i = 0; i < 4; i++) {
            ng.enhanced(0, i, Frames.ethernet(IPV4, Frames.ipv4(i)));
            classic.record(0, i, Frames.ethernet(0x8100, Frames.join(Frames.be16(1, IPV6), Frames.ipv6())));
        }
        for (int round = 0; round < 3000; round++) {
            final byte[] capture = round % 2 == 0 ? ng.bytes() : classic.bytes();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                capture[random.nextInt(4, capture.length)] = (byte) random.nextInt();
            }
            try {
                final Result result = read(capture);
                assertFalse(result.packets().size() > 4, "seed " + seed + " round " + round);
            } catch (final CaptureException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("offset"), e::getMessage);
            } catch (final RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + round, e);
            }
        }
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
