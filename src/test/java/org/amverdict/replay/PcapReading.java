package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of the reader share: a capture is written to a file and read back whole. */
abstract class PcapReading {
    static final long MICROSECONDS = 0xa1b2c3d4L;
    static final long NANOSECONDS = 0xa1b23c4dL;
    static final int ETHERNET = 1;
    static final int RAW = 101;
    static final int IPV4 = 0x0800;
    static final int IPV6 = 0x86dd;

    static final ByteOrder[] ORDERS = {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN};

    /** A packet copied out of the reader. */
    record Packet(long timestampNanos, int interfaceNumber, String hex, int originalLength) {
        int length() {
            return hex.length() / 2;
        }
    }

    record Result(List<Packet> packets, long skippedFrames, List<String> warnings) {
        Packet only() {
            assertEquals(1, packets.size());
            return packets.get(0);
        }
    }

    @TempDir
    Path directory;

    Result read(final byte[] capture) throws IOException {
        final Path file = directory.resolve("test.pcap");
        Files.write(file, capture);
        return read(file);
    }

    static Result read(final Path file) throws IOException {
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

    static String hex(final byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    CaptureException damaged(final byte[] capture) {
        return assertThrows(CaptureException.class, () -> read(capture));
    }

    static void assertMessage(final CaptureException e, final int offset, final String part) {
        final String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("test.pcap: offset " + offset + ": "), message);
        assertTrue(message.contains(part), message);
    }
}
