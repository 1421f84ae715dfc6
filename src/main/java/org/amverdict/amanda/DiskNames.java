package org.amverdict.amanda;

import io.netty.buffer.ByteBuf;

/**
 * Where a REQ names disks and their dump level, for reports: never used to decide. It reads both forms of the arguments
 * (amanda-protocol.md 1.5): XML since 2.6.1, and one line per disk before.
 *
 * <pre>
 * {@code <dle> ... <disk>/home</disk> ... <level>0</level> ... </dle>}
 * GNUTAR /home  0 1970:1:1:0:0:0 OPTIONS |;bsd-auth;index;
 * </pre>
 *
 * One instance per worker, reused; not thread-safe. Offsets are absolute indexes into the buffer, nothing is copied.
 * What it finds is text from the wire.
 */
public final class DiskNames {
    /** Disk names that are kept; more are only counted. */
    public static final int NAMES_MAX = 4;

    /** Tags, or words of all lines, that are read: a request of 65 kB has 1,000 disks at most. */
    private static final int STEPS_MAX = 8192;

    private static final byte[] OPTIONS = Bytes.ascii("OPTIONS ");
    private static final byte[] CALCSIZE = Bytes.ascii("CALCSIZE ");
    private static final byte[] DISK = Bytes.ascii("<disk>");
    /** With the name as it is on disk in an attribute, for names that are not UTF-8. */
    private static final byte[] DISK_ENCODED = Bytes.ascii("<disk ");

    private static final byte[] LEVEL = Bytes.ascii("<level>");
    private static final int LEVEL_DIGITS_MAX = 3;

    private final int[] offsets = new int[NAMES_MAX];
    private final int[] lengths = new int[NAMES_MAX];
    private int count;
    private int levels;
    private int levelOffset;
    private int levelLength;
    private int steps;

    /** Reads the body of a REQ, beginning with its SECURITY line. */
    public void read(final ByteBuf buffer, final int offset, final int length) {
        count = 0;
        levels = 0;
        steps = 0;
        final int end = offset + length;
        int start = offset;
        // SECURITY, SERVICE
        for (int i = 0; i < 2; i++) {
            start = lineEnd(buffer, start, end);
        }
        if (Bytes.startsWith(buffer, start, end, OPTIONS)) {
            start = lineEnd(buffer, start, end);
        }
        if (start < end && buffer.getByte(start) == '<') {
            readXml(buffer, start, end);
        } else {
            readLines(buffer, start, end);
        }
    }

    /** The index after the line end. */
    private static int lineEnd(final ByteBuf buffer, final int from, final int to) {
        return Math.min(to, Bytes.find(buffer, from, to, Bytes.LF) + 1);
    }

    private void readXml(final ByteBuf buffer, final int from, final int to) {
        int at = Bytes.find(buffer, from, to, (byte) '<');
        while (at + 1 < to && steps++ < STEPS_MAX) {
            // Never back: otherwise the end of an unclosed tag would be searched for again and again.
            final int text = switch (buffer.getByte(at + 1)) {
                case 'd' -> readDisk(buffer, at, to);
                case 'l' -> readLevel(buffer, at, to);
                default -> at + 1;
            };
            at = Bytes.find(buffer, text, to, (byte) '<');
        }
    }

    /** The index where its text begins, if the tag is a disk's, else the one after its first character. */
    private int readDisk(final ByteBuf buffer, final int at, final int to) {
        final int text;
        if (Bytes.startsWith(buffer, at, to, DISK)) {
            text = at + DISK.length;
        } else if (Bytes.startsWith(buffer, at, to, DISK_ENCODED)) {
            text = Math.min(to, Bytes.find(buffer, at, to, (byte) '>') + 1);
        } else {
            return at + 1;
        }
        addName(text, Bytes.find(buffer, text, to, (byte) '<'));
        return text;
    }

    private int readLevel(final ByteBuf buffer, final int at, final int to) {
        if (!Bytes.startsWith(buffer, at, to, LEVEL)) {
            return at + 1;
        }
        final int text = at + LEVEL.length;
        addLevel(text, Bytes.find(buffer, text, to, (byte) '<'));
        return text;
    }

    private void readLines(final ByteBuf buffer, final int from, final int to) {
        int start = from;
        while (start < to && steps++ < STEPS_MAX) {
            final int end = Bytes.find(buffer, start, to, Bytes.LF);
            readLine(buffer, Bytes.startsWith(buffer, start, end, CALCSIZE) ? start + CALCSIZE.length : start, end);
            start = end + 1;
        }
    }

    /** Program, disk, perhaps a device, level; a disk with spaces is in quotation marks. */
    private void readLine(final ByteBuf buffer, final int from, final int to) {
        final int disk = Bytes.find(buffer, from, to, Bytes.SPACE) + 1;
        if (disk >= to || buffer.getByte(from) < 'A' || buffer.getByte(from) > 'Z') {
            return;
        }
        final boolean quoted = buffer.getByte(disk) == '"';
        final int start = quoted ? disk + 1 : disk;
        final int end = Bytes.find(buffer, start, to, quoted ? (byte) '"' : Bytes.SPACE);
        if (end == to || end == start) {
            return;
        }
        addName(start, end);
        int word = Bytes.find(buffer, end, to, Bytes.SPACE) + 1;
        while (word < to && steps++ < STEPS_MAX) {
            final int wordEnd = Bytes.find(buffer, word, to, Bytes.SPACE);
            if (isLevel(buffer, word, wordEnd)) {
                addLevel(word, wordEnd);
                return;
            }
            word = wordEnd + 1;
        }
    }

    private static boolean isLevel(final ByteBuf buffer, final int from, final int to) {
        int digits = 0;
        while (from + digits < to && Bytes.isDigit(buffer.getByte(from + digits))) {
            digits++;
        }
        return digits > 0 && digits <= LEVEL_DIGITS_MAX && from + digits == to;
    }

    private void addName(final int from, final int to) {
        if (count < NAMES_MAX) {
            offsets[count] = from;
            lengths[count] = Math.max(0, to - from);
        }
        count++;
    }

    private void addLevel(final int from, final int to) {
        levelOffset = from;
        levelLength = to - from;
        levels++;
    }

    /** How many disks the request names. */
    public int count() {
        return count;
    }

    /** Where name {@code i} begins, one of the first {@link #NAMES_MAX}. */
    public int offset(final int i) {
        return offsets[i];
    }

    public int length(final int i) {
        return lengths[i];
    }

    public int levelOffset() {
        return levelOffset;
    }

    /** 0 unless the request is for one disk at one level: an estimate is for several. */
    public int levelLength() {
        return count == 1 && levels == 1 ? levelLength : 0;
    }
}
