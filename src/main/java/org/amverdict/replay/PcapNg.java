package org.amverdict.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The pcapng format: sections of blocks, each section in the byte order of the machine that wrote it. Packets are in
 * enhanced, simple and (obsolete) packet blocks; blocks of any other type are skipped. Source:
 * draft-ietf-opsawg-pcapng.
 *
 * <pre>
 * block: type 4 | total length 4 | body, padded to 4 | total length 4
 * section header body:        byte order 4 | major 2 | minor 2 | section length 8 | options
 * interface description body: link type 2 | reserved 2 | snapshot length 4 | options
 * enhanced packet body:       interface 4 | time high 4 | time low 4 | captured 4 | on the wire 4 | frame | options
 * obsolete packet body:       interface 2 | drops 2 | time high 4 | time low 4 | captured 4 | on the wire 4 | frame
 * simple packet body:         on the wire 4 | frame
 * </pre>
 */
final class PcapNg implements CaptureFormat {
    /** Reads the same in both byte orders. */
    static final int SECTION_HEADER = 0x0a0d0d0a;

    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;

    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int BLOCK_HEADER_LENGTH = 8;
    /** Type and both lengths. */
    private static final int BLOCK_FRAME_LENGTH = 12;

    private static final int SECTION_BODY_LENGTH = 16;
    private static final int INTERFACE_BODY_LENGTH = 8;
    private static final int PACKET_BODY_LENGTH = 20;

    private static final int OPTION_END = 0;
    private static final int OPTION_TIME_RESOLUTION = 9;
    private static final int OPTION_TIME_OFFSET = 14;

    /** A limit that Wireshark has too. */
    private static final int BLOCK_LENGTH_MAX = 16 << 20;

    private static final int INTERFACES_MAX = 1024;

    private record Interface(int linkType, long snapLength, PcapNgClock clock) {}

    private final PcapReader.Slab slab;
    private final CaptureInput in;
    private final List<Interface> interfaces = new ArrayList<>();
    private boolean littleEndian;
    private long blockAt;
    private int body;
    private long lastTimestampNanos;

    /** Reads the rest of the first section header; its type has been read to index 0 of the slab. */
    PcapNg(final PcapReader.Slab slab, final CaptureInput in) throws IOException {
        this.slab = slab;
        this.in = in;
        final int rest = BLOCK_HEADER_LENGTH - 4;
        if (in.read(slab.bytes(), 4, rest) < rest || !section()) {
            throw in.error(in.position(), "the file ends within the pcapng section header");
        }
    }

    @Override
    public boolean next(final FrameConsumer frame) throws IOException {
        while (true) {
            blockAt = in.position();
            final int header = in.read(slab.bytes(), 0, BLOCK_HEADER_LENGTH);
            if (header == 0) {
                return false;
            }
            if (header < BLOCK_HEADER_LENGTH) {
                slab.warnTruncated(blockAt);
                return false;
            }
            final int type = slab.integer(0, littleEndian);
            final boolean complete = type == SECTION_HEADER ? section() : block(type);
            if (!complete) {
                slab.warnTruncated(blockAt);
                return false;
            }
            if (type == INTERFACE_DESCRIPTION) {
                describeInterface();
            } else if (isPacket(type)) {
                packet(type, frame);
                return true;
            }
        }
    }

    private static boolean isPacket(final int type) {
        return type == ENHANCED_PACKET || type == SIMPLE_PACKET || type == PACKET;
    }

    /** A section header, whose byte order is known only from its body; false when the file ends within it. */
    private boolean section() throws IOException {
        final int lengthField = slab.integer(4, false);
        if (in.read(slab.bytes(), 0, SECTION_BODY_LENGTH) < SECTION_BODY_LENGTH) {
            return false;
        }
        if (slab.integer(0, false) == BYTE_ORDER_MAGIC) {
            littleEndian = false;
        } else if (slab.integer(0, true) == BYTE_ORDER_MAGIC) {
            littleEndian = true;
        } else {
            throw in.error(blockAt + 8, "no pcapng byte-order mark in the section header");
        }
        final int major = slab.unsignedShort(4, littleEndian);
        if (major != 1) {
            throw in.error(blockAt + 12, "pcapng version " + major + ", only 1 is known");
        }
        final long length = (littleEndian ? Integer.reverseBytes(lengthField) : lengthField) & 0xffffffffL;
        checkBlockLength(length, BLOCK_FRAME_LENGTH + SECTION_BODY_LENGTH);
        interfaces.clear();
        return in.skip(length - BLOCK_FRAME_LENGTH - SECTION_BODY_LENGTH) && trailer(length);
    }

    /** Reads a block's body to index 0 of the slab; false when the file ends within it. */
    private boolean block(final int type) throws IOException {
        final long length = slab.unsignedInteger(4, littleEndian);
        checkBlockLength(length, BLOCK_FRAME_LENGTH);
        body = (int) length - BLOCK_FRAME_LENGTH;
        final boolean wanted = type == INTERFACE_DESCRIPTION || isPacket(type);
        // After the largest packet only options can follow, which are not needed.
        final int kept = wanted ? Math.min(body, slab.bytes().length) : 0;
        return in.read(slab.bytes(), 0, kept) == kept && in.skip(body - kept) && trailer(length);
    }

    private void checkBlockLength(final long length, final int min) throws CaptureException {
        if (length < min || length > BLOCK_LENGTH_MAX || (length & 3) != 0) {
            throw in.error(
                    blockAt + 4,
                    "block length " + length + ", which is not a multiple of 4 from " + min + " to " + BLOCK_LENGTH_MAX
                            + ": the file is damaged");
        }
    }

    private boolean trailer(final long length) throws IOException {
        final long at = in.position();
        final byte[] field = new byte[4];
        if (in.read(field, 0, 4) < 4) {
            return false;
        }
        final int bigEndian =
                (field[0] & 0xff) << 24 | (field[1] & 0xff) << 16 | (field[2] & 0xff) << 8 | (field[3] & 0xff);
        final long again = (littleEndian ? Integer.reverseBytes(bigEndian) : bigEndian) & 0xffffffffL;
        if (again != length) {
            throw in.error(at, "block length " + again + " at its end, but " + length + " at its start");
        }
        return true;
    }

    private void describeInterface() throws CaptureException {
        if (body < INTERFACE_BODY_LENGTH || body > slab.bytes().length) {
            throw in.error(blockAt + 4, "interface description of " + body + " bytes");
        }
        if (interfaces.size() == INTERFACES_MAX) {
            throw in.error(blockAt, "more than " + INTERFACES_MAX + " interfaces in one section");
        }
        final int linkType = slab.unsignedShort(0, littleEndian);
        if (!LinkLayer.supports(linkType)) {
            slab.warn(
                    blockAt + 8,
                    "link type " + linkType + ": its packets are skipped; supported are " + LinkLayer.SUPPORTED);
        }
        int resolution = PcapNgClock.MICROSECONDS;
        long offsetSeconds = 0;
        int at = INTERFACE_BODY_LENGTH;
        while (at + 4 <= body) {
            final int code = slab.unsignedShort(at, littleEndian);
            final int length = slab.unsignedShort(at + 2, littleEndian);
            if (code == OPTION_END) {
                break;
            }
            if (at + 4 + length > body) {
                throw in.error(blockAt + 8 + at, "interface option " + code + " is longer than its block");
            }
            if (code == OPTION_TIME_RESOLUTION && length == 1) {
                resolution = slab.bytes()[at + 4] & 0xff;
            } else if (code == OPTION_TIME_OFFSET && length == 8) {
                offsetSeconds = slab.longInteger(at + 4, littleEndian);
            }
            at += 4 + padded(length);
        }
        if (!PcapNgClock.supports(resolution)) {
            throw in.error(blockAt, "time resolution (if_tsresol) " + resolution + " is finer than any clock");
        }
        interfaces.add(new Interface(
                linkType, slab.unsignedInteger(4, littleEndian), new PcapNgClock(resolution, offsetSeconds)));
    }

    private void packet(final int type, final FrameConsumer frame) throws CaptureException {
        if (type == SIMPLE_PACKET) {
            simplePacket(frame);
            return;
        }
        if (body < PACKET_BODY_LENGTH) {
            throw in.error(blockAt + 4, "packet block too short for its fields");
        }
        final long number =
                type == PACKET ? slab.unsignedShort(0, littleEndian) : slab.unsignedInteger(0, littleEndian);
        final Interface from = interfaceOf(number);
        final long ticks = slab.unsignedInteger(4, littleEndian) << 32 | slab.unsignedInteger(8, littleEndian);
        final long original = slab.unsignedInteger(16, littleEndian);
        final int length = slab.checkLengths(blockAt + 20, slab.unsignedInteger(12, littleEndian), original);
        if (length > body - PACKET_BODY_LENGTH) {
            throw in.error(blockAt + 20, "packet of " + length + " bytes is longer than its block");
        }
        if (!from.clock().fits(ticks)) {
            throw in.error(blockAt + 12, "a time later than the year 2262");
        }
        lastTimestampNanos = from.clock().nanos(ticks);
        frame.frame(from.linkType(), (int) number, lastTimestampNanos, PACKET_BODY_LENGTH, length, (int)
                Math.min(original, Integer.MAX_VALUE));
    }

    /** Has neither time nor captured length: the time is that of the packet before it. */
    private void simplePacket(final FrameConsumer frame) throws CaptureException {
        if (body < 4) {
            throw in.error(blockAt + 4, "packet block too short for its fields");
        }
        final Interface from = interfaceOf(0);
        final long original = slab.unsignedInteger(0, littleEndian);
        final long snapped = from.snapLength() == 0 ? original : Math.min(original, from.snapLength());
        final int length = slab.checkLengths(blockAt + 8, Math.min(snapped, body - 4), original);
        frame.frame(from.linkType(), 0, lastTimestampNanos, 4, length, (int) Math.min(original, Integer.MAX_VALUE));
    }

    private Interface interfaceOf(final long number) throws CaptureException {
        if (number >= interfaces.size()) {
            throw in.error(
                    blockAt + 8, "packet of interface " + number + ", but the section describes " + interfaces.size());
        }
        return interfaces.get((int) number);
    }

    private static int padded(final int length) {
        return (length + 3) & ~3;
    }
}
