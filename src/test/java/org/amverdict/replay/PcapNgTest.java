package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PcapNgTest extends PcapReading {
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
    void shouldRefuseBlocksWhoseLengthsDiffer() {
        final byte[] capture = new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                .section()
                .describeInterface(RAW)
                .bytes();
        capture[capture.length - 4] ^= 4;

        assertMessage(damaged(capture), capture.length - 4, "block length 16 at its end, but 20 at its start");
    }
}
