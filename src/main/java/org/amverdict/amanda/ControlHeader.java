package org.amverdict.amanda;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Read-only view of the first line of a control datagram:
 *
 * <pre>
 * "Amanda" SP version SP type SP "HANDLE" SP handle SP "SEQ" SP seq LF
 * </pre>
 *
 * Exactly one space between the words, as every Amanda since 2.3 writes it; stricter than real receivers, see
 * amanda-protocol.md 1.2 and 9.6. Source: Amanda common-src/security-util.c (pkthdr2str, str2pkthdr).
 *
 * <p>One instance per worker, reused; not thread-safe. After {@link #wrap} returns true no accessor can fail while the
 * buffer stays unchanged. Offsets are absolute indexes into it.
 */
public final class ControlHeader {
    /** Real headers have 40 to 60 bytes, real senders a buffer of 256. */
    public static final int LINE_MAX = 255;

    public static final int HANDLE_MAX = 64;
    /** Sign and ten digits. */
    public static final int SEQUENCE_MAX = 11;

    private static final byte[] AMANDA = Bytes.ascii("Amanda ");
    private static final byte[] HANDLE = Bytes.ascii("HANDLE ");
    private static final byte[] SEQ = Bytes.ascii(" SEQ ");
    private static final MessageType[] TYPES = MessageType.values();
    /** Including the space that ends them. */
    private static final byte[][] TYPE_WORDS = typeWords();

    private static final int VERSION_DIGITS_MAX = 3;
    private static final int SEQUENCE_DIGITS_MAX = 10;

    private MessageType type = MessageType.REQ;
    private int handleOffset;
    private int handleLength;
    private int sequenceOffset;
    private int sequenceLength;
    private int bodyOffset;
    private int bodyLength;

    /** Checks the header at {@code offset} and attaches the view to it; false if it is not a valid one. */
    public boolean wrap(final ByteBuf buffer, final int offset, final int length) {
        // One pass: no word may hold a line feed, so the line ends where the sequence number does, or the header is
        // bad.
        final int limit = offset + Math.min(length, LINE_MAX + 1);
        if (!Bytes.startsWith(buffer, offset, limit, AMANDA)) {
            return false;
        }
        final int typeStart = skipVersion(buffer, offset + AMANDA.length, limit);
        if (typeStart < 0) {
            return false;
        }
        final MessageType found = typeOf(buffer, typeStart, limit);
        if (found == null) {
            return false;
        }
        final int keyword = typeStart + TYPE_WORDS[found.ordinal()].length;
        if (!Bytes.startsWith(buffer, keyword, limit, HANDLE)) {
            return false;
        }
        handleOffset = keyword + HANDLE.length;
        final int handleEnd = skipGraphic(buffer, handleOffset, limit);
        handleLength = handleEnd - handleOffset;
        if (handleLength < 1 || handleLength > HANDLE_MAX || !Bytes.startsWith(buffer, handleEnd, limit, SEQ)) {
            return false;
        }
        sequenceOffset = handleEnd + SEQ.length;
        final int lineEnd = skipNumber(buffer, sequenceOffset, limit);
        sequenceLength = lineEnd - sequenceOffset;
        if (lineEnd < 0 || lineEnd >= limit || buffer.getByte(lineEnd) != Bytes.LF) {
            return false;
        }
        type = found;
        bodyOffset = lineEnd + 1;
        bodyLength = offset + length - bodyOffset;
        return true;
    }

    /** Skips {@code 1*3DIGIT "." 1*3DIGIT SP}; the index after it, or -1. */
    private static int skipVersion(final ByteBuf buffer, final int from, final int to) {
        final int dot = skipDigits(buffer, from, to, VERSION_DIGITS_MAX);
        if (dot < 0 || dot >= to || buffer.getByte(dot) != '.') {
            return -1;
        }
        final int end = skipDigits(buffer, dot + 1, to, VERSION_DIGITS_MAX);
        return end < 0 || end >= to || buffer.getByte(end) != Bytes.SPACE ? -1 : end + 1;
    }

    /** Skips {@code ["-"] 1*10DIGIT}; the index after it, or -1. */
    private static int skipNumber(final ByteBuf buffer, final int from, final int to) {
        final boolean negative = from < to && buffer.getByte(from) == '-';
        return skipDigits(buffer, negative ? from + 1 : from, to, SEQUENCE_DIGITS_MAX);
    }

    /** The index after one to {@code most} digits, or -1. */
    private static int skipDigits(final ByteBuf buffer, final int from, final int to, final int most) {
        int at = from;
        while (at < to && at - from <= most && Bytes.isDigit(buffer.getByte(at))) {
            at++;
        }
        return at == from || at - from > most ? -1 : at;
    }

    /** The index of the first byte that is not a visible character of ASCII. */
    private static int skipGraphic(final ByteBuf buffer, final int from, final int to) {
        int at = from;
        while (at < to && isGraphic(buffer.getByte(at))) {
            at++;
        }
        return at;
    }

    private static boolean isGraphic(final byte value) {
        return value >= '!' && value <= '~';
    }

    private static @Nullable MessageType typeOf(final ByteBuf buffer, final int from, final int to) {
        for (int i = 0; i < TYPES.length; i++) {
            if (Bytes.startsWith(buffer, from, to, TYPE_WORDS[i])) {
                return TYPES[i];
            }
        }
        return null;
    }

    private static byte[][] typeWords() {
        final byte[][] words = new byte[TYPES.length][];
        for (int i = 0; i < words.length; i++) {
            words[i] = Bytes.ascii(TYPES[i].name() + " ");
        }
        return words;
    }

    public MessageType type() {
        return type;
    }

    public int handleOffset() {
        return handleOffset;
    }

    /** 1 to {@link #HANDLE_MAX}. */
    public int handleLength() {
        return handleLength;
    }

    /** Start of the SEQ as text: replies repeat it byte for byte. */
    public int sequenceOffset() {
        return sequenceOffset;
    }

    /** 1 to {@link #SEQUENCE_MAX}. */
    public int sequenceLength() {
        return sequenceLength;
    }

    public int bodyOffset() {
        return bodyOffset;
    }

    public int bodyLength() {
        return bodyLength;
    }
}
