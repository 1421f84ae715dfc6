package org.amverdict.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads the IP packets of a pcap or pcapng capture, front to back, one at a time into one buffer; so the file size is
 * unlimited, and a pipe works too. Link layers: {@link LinkLayer#SUPPORTED}. Frames without an IP packet are skipped and counted. A last record that is cut off is a warning; any other damage is
 * a {@link CaptureException} from {@link #next}, after which only {@link #close} may be called. Not thread-safe.
 */
public final class PcapReader implements Closeable {
    /** Longest frame that is read; libpcap's own limit. A longer one counts as damage. */
    public static final int FRAME_LENGTH_MAX = 256 * 1024;

    /** Room for the fields of a pcapng packet block before the frame. */
    private static final int BLOCK_FIELDS_LENGTH = 64;

    private static final int WARNINGS_MAX = 16;

    private final CaptureInput in;
    private final Slab slab;
    private final CaptureFormat format;
    private boolean ip;
    private int interfaceNumber;
    private long timestampNanos;
    private int offset;
    private int length;
    private int originalLength;
    private long skippedFrames;
    private long cutPackets;
    private int cutAtBytes;

    private PcapReader(final CaptureInput in) throws IOException {
        this.in = in;
        slab = new Slab(in);
        format = detect();
    }

    /**
     * Opens a capture and reads its header.
     *
     * @throws CaptureException when it cannot be opened, is neither pcap nor pcapng, or its header is damaged
     */
    public static PcapReader open(final Path file) throws CaptureException {
        try {
            return open(file.toString(), Files.newInputStream(file));
        } catch (final NoSuchFileException e) {
            throw new CaptureException(file + ": no such file");
        } catch (final AccessDeniedException e) {
            throw new CaptureException(file + ": not readable by this user");
        } catch (final CaptureException e) {
            throw e;
        } catch (final IOException e) {
            throw new CaptureException(file + ": cannot be opened: " + e.getMessage());
        }
    }

    /**
     * Reads the header of a capture from another source, such as a resource.
     *
     * @param name for messages
     * @param stream closed with the reader, or at once when this fails
     * @throws CaptureException when it is neither pcap nor pcapng, or its header is damaged
     */
    public static PcapReader open(final String name, final InputStream stream) throws IOException {
        try {
            return new PcapReader(new CaptureInput(name, stream));
        } catch (final IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    private CaptureFormat detect() throws IOException {
        final int count = in.read(slab.bytes(), 0, 4);
        if (count < 4) {
            throw in.error(0, count == 0 ? "the file is empty" : "only " + count + " bytes, not a capture");
        }
        final int magic = slab.integer(0, false);
        if (magic == PcapNg.SECTION_HEADER) {
            return new PcapNg(slab, in);
        }
        for (final boolean littleEndian : new boolean[] {true, false}) {
            if (ClassicPcap.isMagic(slab.buffer(), littleEndian)) {
                return new ClassicPcap(slab, in, slab.integer(0, littleEndian), littleEndian);
            }
        }
        throw in.error(0, OtherFormats.explain(magic));
    }

    /**
     * Goes to the next IP packet.
     *
     * @return false at the end of the file
     * @throws CaptureException when the file is damaged
     */
    public boolean next() throws IOException {
        while (format.next(this::frame)) {
            if (ip) {
                return true;
            }
            skippedFrames++;
        }
        return false;
    }

    private void frame(
            final int linkType,
            final int frameInterface,
            final long frameTimestampNanos,
            final int frameOffset,
            final int frameLength,
            final int frameOriginalLength) {
        final int ipOffset = LinkLayer.ipOffset(linkType, slab.buffer(), frameOffset, frameLength);
        ip = ipOffset != LinkLayer.NOT_IP;
        if (!ip) {
            return;
        }
        interfaceNumber = frameInterface;
        timestampNanos = frameTimestampNanos;
        offset = ipOffset;
        length = LinkLayer.end(linkType, slab.buffer(), ipOffset, frameOffset + frameLength) - ipOffset;
        originalLength = frameOriginalLength - (ipOffset - frameOffset);
        final int declared = LinkLayer.declaredLength(slab.buffer(), offset, length);
        if (LinkLayer.cutsPackets(linkType)) {
            originalLength = Math.max(declared, length);
        }
        if (declared != LinkLayer.UNKNOWN_LENGTH && declared < originalLength) {
            originalLength = declared;
            length = Math.min(length, declared);
        }
        if (length < originalLength) {
            cutPackets++;
            cutAtBytes = Math.max(cutAtBytes, frameLength);
        }
    }

    /** Where {@link #offset} points into; the same buffer for every packet, overwritten by {@link #next}. */
    public ByteBuf buffer() {
        return slab.buffer();
    }

    /** When the packet was captured, nanoseconds since 1970. */
    public long timestampNanos() {
        return timestampNanos;
    }

    /** Number of the interface in a pcapng section; 0 in a pcap file. */
    public int interfaceNumber() {
        return interfaceNumber;
    }

    /** Absolute index of the IP header in {@link #buffer}. */
    public int offset() {
        return offset;
    }

    /** Bytes of the IP packet that were captured, without padding of the link layer. */
    public int length() {
        return length;
    }

    /** Bytes of the IP packet on the wire, at least {@link #length}; more when the snapshot is cut off. */
    public int originalLength() {
        return originalLength;
    }

    /** Frames so far that held no IP packet. */
    public long skippedFrames() {
        return skippedFrames;
    }

    /** Packets so far of which only the beginning was captured. */
    public long cutPackets() {
        return cutPackets;
    }

    /** The most bytes of a frame that was cut, which is the snap length of the capture; 0 if none was. */
    public int cutAtBytes() {
        return cutAtBytes;
    }

    /** What is odd about the file but did not stop the reading; at most 16. */
    public List<String> warnings() {
        return Collections.unmodifiableList(slab.warnings);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The one buffer of a reader, with what both formats need: numbers in either byte order, checks, warnings. */
    static final class Slab {
        private final CaptureInput in;
        private final byte[] bytes = new byte[FRAME_LENGTH_MAX + BLOCK_FIELDS_LENGTH];
        private final ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        private final List<String> warnings = new ArrayList<>();

        Slab(final CaptureInput in) {
            this.in = in;
        }

        byte[] bytes() {
            return bytes;
        }

        ByteBuf buffer() {
            return buffer;
        }

        int unsignedShort(final int at, final boolean littleEndian) {
            return littleEndian ? buffer.getUnsignedShortLE(at) : buffer.getUnsignedShort(at);
        }

        int integer(final int at, final boolean littleEndian) {
            return littleEndian ? buffer.getIntLE(at) : buffer.getInt(at);
        }

        long unsignedInteger(final int at, final boolean littleEndian) {
            return integer(at, littleEndian) & 0xffffffffL;
        }

        long longInteger(final int at, final boolean littleEndian) {
            return littleEndian ? buffer.getLongLE(at) : buffer.getLong(at);
        }

        /** The captured length, once both lengths are known to be possible. */
        int checkLengths(final long at, final long captured, final long original) throws CaptureException {
            if (captured > FRAME_LENGTH_MAX) {
                throw in.error(
                        at,
                        "packet of " + captured + " bytes, more than the limit of " + FRAME_LENGTH_MAX
                                + ": the file is damaged");
            }
            if (captured > original) {
                throw in.error(at, captured + " bytes captured of a packet of " + original + ": the file is damaged");
            }
            return (int) captured;
        }

        void warn(final long at, final String found) {
            if (warnings.size() < WARNINGS_MAX) {
                warnings.add(in.message(at, found));
            }
        }

        void warnTruncated(final long recordAt) {
            warn(recordAt, "the file ends within this record; everything before it is used");
        }
    }
}
