package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Stream;
import org.amverdict.fuzz.LiveSet;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the file holds, it is either read to its end, every packet within the buffer, or refused with the place. */
@ExtendWith(LiveSet.class)
final class CaptureFuzzTest {
    private static final String NAME = "fuzz.pcap";
    /** The first packets of a capture; the later ones are like them. */
    private static final int SEED_MAX = 1500;
    /** A frame takes up at least its record's header. */
    private static final int RECORD_MIN = 12;

    private static final int WARNINGS_MAX = 16;

    static Stream<byte[]> captures() {
        return Stream.concat(
                CapturedPackets.CAPTURES.stream().map(CapturedPackets::file).map(CaptureFuzzTest::beginning),
                Stream.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN).flatMap(CaptureFuzzTest::built));
    }

    private static byte[] beginning(final byte[] capture) {
        return Arrays.copyOf(capture, Math.min(capture.length, SEED_MAX));
    }

    private static Stream<byte[]> built(final ByteOrder order) {
        final PcapBuilder ng = new PcapBuilder(order).section();
        ng.describeInterface(PcapReading.ETHERNET, ng.resolution(9));
        ng.describeInterface(PcapReading.RAW);
        ng.enhanced(0, 1, Frames.ethernet(PcapReading.IPV4, Frames.ipv4(1)));
        ng.enhanced(1, 2, Frames.ipv6());
        ng.block(3, ng.part().u32(Frames.IPV4_LENGTH).raw(Frames.ipv4(2)).bytes());
        final PcapBuilder nanoseconds = new PcapBuilder(order)
                .pcap(PcapReading.NANOSECONDS, PcapReading.ETHERNET)
                .record(1, 2, Frames.ethernet(0x8100, Frames.join(Frames.be16(1, PcapReading.IPV6), Frames.ipv6())));
        final PcapBuilder pppoe = new PcapBuilder(order)
                .pcap(PcapReading.NANOSECONDS, PcapReading.ETHERNET)
                .record(1, 2, Frames.ethernet(0x8864, Frames.pppoe(0x0021, Frames.ipv4(3))))
                .record(1, 3, Frames.ethernet(0x8847, Frames.join(Frames.be16(1, 0x0140), Frames.ipv4(4))))
                .record(
                        1,
                        4,
                        Frames.ethernet(8, Frames.join(Frames.be16(0xaaaa, 0x0300, 0, PcapReading.IPV4), new byte[1])));
        final PcapBuilder nflog = new PcapBuilder(order)
                .pcap(PcapReading.NANOSECONDS, 239)
                .record(1, 2, Frames.nflog(order, Frames.ipv4(5)));
        final PcapBuilder ppp = new PcapBuilder(order)
                .pcap(PcapReading.NANOSECONDS, 9)
                .record(1, 2, Frames.join(Frames.be16(0xff03, 0x0057), Frames.ipv6()));
        return Stream.of(ng.bytes(), nanoseconds.bytes(), pppoe.bytes(), nflog.bytes(), ppp.bytes());
    }

    @MethodSource("captures")
    @FuzzTest
    void capture(final byte[] input) throws IOException {
        int packets = 0;
        try (PcapReader reader = PcapReader.open(NAME, new ByteArrayInputStream(input))) {
            while (reader.next()) {
                packets++;
                final int end = reader.offset() + reader.length();
                assertTrue(reader.offset() >= 0 && reader.length() >= 0, "negative");
                assertTrue(end <= reader.buffer().capacity(), "beyond the buffer");
                assertTrue(reader.originalLength() >= reader.length(), "longer than it was");
            }
            assertTrue(packets + reader.skippedFrames() <= input.length / RECORD_MIN, "frames out of nothing");
            assertTrue(reader.warnings().size() <= WARNINGS_MAX, "warnings");
        } catch (final CaptureException e) {
            final String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith(NAME + ": offset "), message);
        }
    }
}
