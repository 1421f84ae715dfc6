package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.amverdict.engine.PacketBatch;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.PacketView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PcapSourceTest {
    private static final int RAW = 101;

    private final PacketBatch batch = new PacketBatch(1, Unpooled.EMPTY_BUFFER);

    @TempDir
    private Path directory;

    private static PcapBuilder pcap() {
        return new PcapBuilder(ByteOrder.LITTLE_ENDIAN).pcap(0xa1b2c3d4L, RAW);
    }

    private Path file(final String name, final byte[] capture) throws IOException {
        return Files.write(directory.resolve(name), capture);
    }

    @Test
    void shouldDeliverOnePacketABatchFromFileToFile() throws IOException {
        final Path first = file(
                "1.pcap",
                pcap().record(1, 0, Frames.ipv4(1)).record(2, 0, Frames.ipv4(2)).bytes());
        final Path empty = file("2.pcap", pcap().bytes());
        final Path last = file("3.pcap", pcap().record(3, 0, Frames.ipv4(3)).bytes());
        try (PcapSource source = new PcapSource(List.of(first, empty, last))) {
            for (int number = 1; number <= 3; number++) {
                assertEquals(1, source.receive(batch, 0));
                assertEquals(1, batch.count());
                assertEquals(number, batch.id(0));
                assertEquals(number * 1_000_000_000L, source.timestampNanos());
                assertEquals(Frames.IPV4_LENGTH, batch.length(0));
                assertEquals(Frames.IPV4_LENGTH, batch.originalLength(0));
                assertEquals(number, batch.slab().getUnsignedShort(batch.offset(0) + 4));
                assertEquals(PacketBatch.CHECKSUM_MAY_BE_PARTIAL, batch.flags(0));
                assertEquals(-1, batch.hook(0));
            }
            assertEquals(-1, source.receive(batch, 0));
            assertEquals(-1, source.receive(batch, 0));
            assertEquals(3, source.packets());
            assertEquals(List.of(), source.warnings());
        }
    }

    @Test
    void shouldNotLetTimeGoBack() throws IOException {
        final Path file = file(
                "1.pcap",
                pcap().record(5, 0, Frames.ipv4(1))
                        .record(4, 0, Frames.ipv4(2))
                        .record(6, 0, Frames.ipv4(3))
                        .bytes());
        try (PcapSource source = new PcapSource(List.of(file))) {
            source.receive(batch, 0);
            source.receive(batch, 0);
            assertEquals(5_000_000_000L, source.timestampNanos());
            source.receive(batch, 0);
            assertEquals(6_000_000_000L, source.timestampNanos());
            assertEquals(1, source.warnings().size());
            assertTrue(source.warnings().get(0).startsWith("packet 2 of "));
        }
    }

    @Test
    void shouldKeepTheFiguresOfFinishedFiles() throws IOException {
        final byte[] cut = pcap().record(1, 0, Frames.ipv4(1)).bytes();
        final Path first = file("1.pcap", Arrays.copyOf(cut, cut.length - 1));
        final Path second = file(
                "2.pcap",
                new PcapBuilder(ByteOrder.LITTLE_ENDIAN)
                        .pcap(0xa1b2c3d4L, 1)
                        .record(1, 0, Frames.ethernet(0x0806, new byte[46]))
                        .bytes());
        try (PcapSource source = new PcapSource(List.of(first, second))) {
            assertEquals(-1, source.receive(batch, 0));
            assertEquals(1, source.skippedFrames());
            assertEquals(1, source.warnings().size());
        }
    }

    @Test
    void shouldNameTheFileThatCannotBeRead() throws IOException {
        try (PcapSource source = new PcapSource(List.of(file("junk.pcap", new byte[64])))) {
            final UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> source.receive(batch, 0));
            assertTrue(String.valueOf(e.getMessage()).contains("junk.pcap"));
        }
    }

    private static byte[] payload(final String handle, final int length) {
        final byte[] padded = new byte[length];
        Arrays.fill(padded, (byte) 'x');
        final byte[] header = ("Amanda 3.5 REP HANDLE " + handle + " SEQ 1\nCONNECT DATA 11001\n")
                .getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(header, 0, padded, 0, header.length);
        return padded;
    }

    private static byte[] joined(final byte[]... parts) {
        final ByteBuf all = Unpooled.buffer();
        for (final byte[] part : parts) {
            all.writeBytes(part);
        }
        return ByteBufUtil.getBytes(all);
    }

    /** Recorded on a router whose card merges, or on the host that sends with UDP_SEGMENT. */
    @Test
    void shouldTakeApartWhatWasMergedBeforeItWasCaptured() throws IOException {
        final byte[][] single = {payload("a", 300), payload("b", 300), payload("c", 77)};
        final byte[] four = PacketBuilder.udp4("198.51.100.20", 10_080, "192.0.2.10", 850, joined(single));
        final byte[] six = PacketBuilder.udp6("2001:db8:2::20", 10_080, "2001:db8:1::10", 850, joined(single));
        final byte[] echo = "Amanda 3.5 NAK HANDLE a SEQ 1\nERROR Amanda 3.5 REP HANDLE b SEQ 2\n"
                .getBytes(StandardCharsets.US_ASCII);
        final byte[] odd = PacketBuilder.udp4("198.51.100.20", 10_080, "192.0.2.10", 850, joined(echo, new byte[99]));
        final Path file = file(
                "1.pcap",
                pcap().record(1, 0, four).record(2, 0, six).record(3, 0, odd).bytes());
        try (PcapSource source = new PcapSource(List.of(file))) {
            for (int packet = 1; packet <= 2; packet++) {
                for (final byte[] expected : single) {
                    assertEquals(1, source.receive(batch, 0));
                    assertEquals(packet, batch.id(0));
                    assertEquals(packet * 1_000_000_000L, source.timestampNanos());
                    final PacketView view = new PacketView();
                    assertEquals(
                            DecodeStatus.OK,
                            view.decode(batch.slab(), batch.offset(0), batch.length(0), batch.originalLength(0)));
                    assertEquals(batch.length(0), view.totalLength());
                    assertTrue(view.udp().complete());
                    assertArrayEquals(
                            expected,
                            ByteBufUtil.getBytes(
                                    batch.slab(),
                                    view.udp().payloadOffset(),
                                    view.udp().payloadLength()));
                    assertEquals(PacketBatch.CHECKSUM_NOT_READY, batch.flags(0));
                }
            }
            assertEquals(1, source.receive(batch, 0));
            assertEquals(odd.length, batch.length(0), "text of another is no header where one should be");
            assertEquals(-1, source.receive(batch, 0));
            assertEquals(3, source.packets());
            assertEquals(1, source.warnings().size(), source.warnings().toString());
            assertTrue(
                    source.warnings().get(0).contains("packet 1 of "),
                    source.warnings().toString());
            assertTrue(
                    source.warnings().get(0).contains("is 3 datagrams"),
                    source.warnings().toString());
        }
    }
}
