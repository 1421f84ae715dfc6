package org.amverdict.replay;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * The pcap format: a file header of 24 bytes, then records of 16 bytes and the frame, in the byte order of the machine
 * that wrote it. Source: pcap-savefile(5), draft-ietf-opsawg-pcap.
 *
 * <pre>
 * file:   magic 4 | major 2 | minor 2 | zone 4 | accuracy 4 | snapshot length 4 | FCS and link type 4
 * record: seconds 4 | microseconds or nanoseconds 4 | captured length 4 | length on the wire 4 | frame
 * </pre>
 */
final class ClassicPcap implements CaptureFormat {
    static final int MAGIC_MICROSECONDS = 0xa1b2c3d4;
    static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
    /** Variants with longer record headers, which nothing has written for twenty years. */
    static final int MAGIC_MODIFIED = 0xa1b2cd34;

    private static final int FILE_HEADER_LENGTH = 24;
    private static final int RECORD_HEADER_LENGTH = 16;
    private static final int LINK_TYPE_MASK = 0xffff;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final PcapReader.Slab slab;
    private final CaptureInput in;
    private final boolean littleEndian;
    private final int fractionNanos;
    private final int linkType;
    private final int minor;

    /** Reads the rest of the file header; its magic has been read to index 0 of the slab. */
    ClassicPcap(final PcapReader.Slab slab, final CaptureInput in, final int magic, final boolean littleEndian)
            throws IOException {
        this.slab = slab;
        this.in = in;
        this.littleEndian = littleEndian;
        fractionNanos = magic == MAGIC_NANOSECONDS ? 1 : 1000;
        final int rest = FILE_HEADER_LENGTH - 4;
        if (in.read(slab.bytes(), 4, rest) < rest) {
            throw in.error(in.position(), "the file ends within the pcap header");
        }
        final int major = slab.unsignedShort(4, littleEndian);
        if (major != 2) {
            throw in.error(4, "pcap version " + major + ", only 2 is known");
        }
        minor = slab.unsignedShort(6, littleEndian);
        linkType = slab.integer(20, littleEndian) & LINK_TYPE_MASK;
        if (!LinkLayer.supports(linkType)) {
            throw in.error(20, "link type " + linkType + "; supported are " + LinkLayer.SUPPORTED);
        }
    }

    @Override
    public boolean next(final FrameConsumer frame) throws IOException {
        final long start = in.position();
        final int header = in.read(slab.bytes(), 0, RECORD_HEADER_LENGTH);
        if (header == 0) {
            return false;
        }
        if (header < RECORD_HEADER_LENGTH) {
            slab.warnTruncated(start);
            return false;
        }
        final long seconds = slab.unsignedInteger(0, littleEndian);
        final long fraction = slab.unsignedInteger(4, littleEndian);
        final long first = slab.unsignedInteger(8, littleEndian);
        final long second = slab.unsignedInteger(12, littleEndian);
        // Before version 2.3 the lengths were in the opposite order; writers of 2.3 used either.
        final boolean swapped = minor < 3 || (minor == 3 && first > second);
        final int length = slab.checkLengths(start + 8, swapped ? second : first, swapped ? first : second);
        final int original = (int) Math.min(swapped ? first : second, Integer.MAX_VALUE);
        if (in.read(slab.bytes(), 0, length) < length) {
            slab.warnTruncated(start);
            return false;
        }
        frame.frame(linkType, 0, seconds * NANOS_PER_SECOND + fraction * fractionNanos, 0, length, original);
        return true;
    }

    /** Whether the slab starts with a pcap magic in this byte order. */
    static boolean isMagic(final ByteBuf buffer, final boolean littleEndian) {
        final int magic = littleEndian ? buffer.getIntLE(0) : buffer.getInt(0);
        return magic == MAGIC_MICROSECONDS || magic == MAGIC_NANOSECONDS;
    }
}
