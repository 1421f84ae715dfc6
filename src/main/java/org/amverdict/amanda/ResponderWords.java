package org.amverdict.amanda;

import io.netty.buffer.ByteBuf;

/**
 * Where a NAK or a REP says what went wrong, for reports: never used to decide. Every line of a NAK; in a REP the lines
 * that begin with ERROR (amanda-protocol.md 1.5).
 *
 * <p>One instance per worker, reused; not thread-safe. Offsets are absolute indexes into the buffer, nothing is copied.
 * What it finds is text from the wire. A REP may be 64 KiB of lines: only its first {@link #READ_MAX} bytes are read.
 */
public final class ResponderWords {
    /** Lines that are kept. */
    public static final int LINES_MAX = 3;

    /** Bytes of a body that are read. */
    static final int READ_MAX = 2048;

    private static final byte[] ERROR = Bytes.ascii("ERROR");

    private final int[] offsets = new int[LINES_MAX];
    private final int[] lengths = new int[LINES_MAX];
    private int count;
    private boolean more;

    /** Reads the body of a datagram of that type; finds nothing in others than NAK and REP. */
    public void read(final MessageType type, final ByteBuf buffer, final int offset, final int length) {
        count = 0;
        more = false;
        if (type != MessageType.NAK && type != MessageType.REP) {
            return;
        }
        final int end = offset + Math.min(length, READ_MAX);
        int start = offset;
        while (start < end && !more) {
            final int lineEnd = Bytes.find(buffer, start, end, Bytes.LF);
            if (lineEnd > start && (type == MessageType.NAK || Bytes.startsWith(buffer, start, lineEnd, ERROR))) {
                add(start, lineEnd - start);
            }
            start = lineEnd + 1;
        }
    }

    private void add(final int offset, final int length) {
        if (count == LINES_MAX) {
            more = true;
            return;
        }
        offsets[count] = offset;
        lengths[count] = length;
        count++;
    }

    /** Lines that were found, at most {@link #LINES_MAX}. */
    public int count() {
        return count;
    }

    /** Whether there were more. */
    public boolean more() {
        return more;
    }

    public int offset(final int i) {
        return offsets[i];
    }

    public int length(final int i) {
        return lengths[i];
    }
}
