package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class DamagedCaptureTest extends PcapReading {
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
}
