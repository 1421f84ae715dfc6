package org.amverdict.amanda;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a REP and finds the ports it announces:
 *
 * <pre>
 * "CONNECT" 1*( SP name SP number ) LF
 * </pre>
 *
 * A body without a CONNECT line announces nothing and is valid. One with it announces all of its ports or, when any
 * check fails, none; the checks are 4 to 8 of amanda-protocol.md 9.2. With auth bsd every number is a port; with bsdudp
 * the first is and the others are handles of streams inside that connection. One instance per worker, reused; not
 * thread-safe.
 */
public final class ReplyParser {
    private static final byte[] CONNECT = Bytes.ascii("CONNECT");
    private static final byte[] ERROR = Bytes.ascii("ERROR");
    private static final byte[] RETRY = Bytes.ascii("RETRY");
    private static final byte[] SECURITY = Bytes.ascii("SECURITY");
    private static final byte[] OPTIONS = Bytes.ascii("OPTIONS");
    private static final byte[] ABSENT = Bytes.ascii("-1");

    /** The names that can stand in a CONNECT line. */
    private static final StreamName[] NAMES = {
        StreamName.DATA, StreamName.MESG, StreamName.INDEX, StreamName.STATE, StreamName.CTL, StreamName.CMD
    };

    private static final byte[][] NAME_WORDS = nameWords();

    /** Lines that are read of a body. No service with streams writes more than a few dozen. */
    private static final int LINES_MAX = 8192;
    /**
     * For a service without streams: enough to see a CONNECT line where one announces. Its text can be long and still
     * honest.
     */
    private static final int LINES_WITHOUT_STREAMS_MAX = 16;

    private static final int DIGITS_MAX = 6;
    private static final int PORT_MIN = 1024;
    private static final int PORT_MAX = 65535;
    /** The responder counts handles down from 499999. */
    private static final int HANDLE_MIN = 400_000;

    private static final int HANDLE_MAX = 499_999;

    private static final int NUMBER_ABSENT = -1;
    private static final int NUMBER_BAD = -2;

    private final StreamName[] names = new StreamName[StreamLists.STREAMS_MAX];
    private final int[] numbers = new int[StreamLists.STREAMS_MAX];
    private int count;
    private int portCount;
    private boolean announces;

    private int connectStart;
    private int connectEnd;
    private Refusal lineRefusal = Refusal.NONE;
    private boolean misplaced;
    private boolean error;

    /**
     * Reads a body. When the result is not {@link Refusal#NONE} nothing is announced.
     *
     * @param service service of the REQ that this answers
     * @param traits {@link RequestParser#traits()} of that REQ
     */
    public Refusal parse(
            final ByteBuf buffer, final int offset, final int length, final Service service, final int traits) {
        count = 0;
        portCount = 0;
        final boolean streams = StreamLists.hasStreams(service);
        final boolean whole =
                scanLines(buffer, offset, offset + length, streams ? LINES_MAX : LINES_WITHOUT_STREAMS_MAX);
        if (!announces) {
            return Refusal.NONE;
        }
        if (!whole && !error) {
            lineRefusal = Refusal.TOO_LONG;
        }
        final Refusal refusal = judge(buffer, offset, offset + length, service, traits);
        if (refusal != Refusal.NONE) {
            count = 0;
        }
        return refusal;
    }

    private Refusal judge(final ByteBuf buffer, final int from, final int to, final Service service, final int traits) {
        if (Bytes.find(buffer, from, to, (byte) 0) != to) {
            return Refusal.NUL;
        }
        if (!StreamLists.hasStreams(service)) {
            return Refusal.NO_STREAMS;
        }
        if (lineRefusal != Refusal.NONE) {
            return lineRefusal;
        }
        final Refusal refusal = readStreams(buffer, connectStart + CONNECT.length, connectEnd, service);
        return refusal == Refusal.NONE ? checkTraits(traits) : refusal;
    }

    /**
     * One pass over the lines: is there exactly one CONNECT line, in its only valid place?
     *
     * @return whether that was every line
     */
    private boolean scanLines(final ByteBuf buffer, final int from, final int to, final int linesMax) {
        announces = false;
        lineRefusal = Refusal.NONE;
        misplaced = false;
        error = false;
        int start = from;
        for (int lines = 0; start < to && lines < linesMax; lines++) {
            final int end = Bytes.find(buffer, start, to, Bytes.LF);
            readLine(buffer, start, end, to);
            start = end + 1;
        }
        if (error) {
            lineRefusal = Refusal.ERROR_LINE;
        }
        return start >= to;
    }

    private void readLine(final ByteBuf buffer, final int start, final int end, final int to) {
        switch (start < end ? buffer.getByte(start) : Bytes.LF) {
            case 'C' -> readConnect(buffer, start, end, to);
            case 'E', 'R' -> {
                final boolean failure =
                        Bytes.startsWith(buffer, start, end, ERROR) || Bytes.startsWith(buffer, start, end, RETRY);
                error |= failure;
                misplaced |= !failure;
            }
            case 'S', 'O' ->
                misplaced |= !Bytes.startsWith(buffer, start, end, SECURITY)
                        && !Bytes.startsWith(buffer, start, end, OPTIONS);
            default -> misplaced = true;
        }
    }

    private void readConnect(final ByteBuf buffer, final int start, final int end, final int to) {
        if (!isConnect(buffer, start, end)) {
            misplaced = true;
            return;
        }
        if (announces) {
            lineRefusal = Refusal.REPEATED;
        } else if (misplaced) {
            lineRefusal = Refusal.MISPLACED;
        } else if (end == to) {
            lineRefusal = Refusal.UNTERMINATED;
        }
        announces = true;
        connectStart = start;
        connectEnd = end;
    }

    /** The word CONNECT at the start of the line, followed by anything but a letter. */
    private static boolean isConnect(final ByteBuf buffer, final int from, final int to) {
        return Bytes.startsWith(buffer, from, to, CONNECT)
                && (to - from == CONNECT.length || !Character.isLetter(buffer.getUnsignedByte(from + CONNECT.length)));
    }

    /** Reads {@code 1*( SP name SP number )} up to {@code to}. */
    private Refusal readStreams(final ByteBuf buffer, final int from, final int to, final Service service) {
        int list = 0;
        int at = from;
        while (at < to) {
            final int nameStart = at + 1;
            final int nameEnd = Bytes.find(buffer, nameStart, to, Bytes.SPACE);
            final int numberEnd = Bytes.find(buffer, Math.min(nameEnd + 1, to), to, Bytes.SPACE);
            if (buffer.getByte(at) != Bytes.SPACE || nameEnd == nameStart || numberEnd <= nameEnd + 1) {
                return Refusal.SYNTAX;
            }
            final StreamName name = nameOf(buffer, nameStart, nameEnd);
            if (name == null || count == StreamLists.STREAMS_MAX) {
                return Refusal.STREAM_LIST;
            }
            final Refusal refusal = addStream(name, readNumber(buffer, nameEnd + 1, numberEnd));
            if (refusal != Refusal.NONE) {
                return refusal;
            }
            list = StreamLists.append(list, name);
            at = numberEnd;
        }
        if (count == 0) {
            return Refusal.SYNTAX;
        }
        return StreamLists.allows(service, list) ? Refusal.NONE : Refusal.STREAM_LIST;
    }

    private Refusal addStream(final StreamName name, final int number) {
        if (number == NUMBER_BAD) {
            return Refusal.NUMBER;
        }
        if (number != NUMBER_ABSENT) {
            final boolean handle = number >= HANDLE_MIN && number <= HANDLE_MAX;
            if (!handle && !isPort(number)) {
                return Refusal.PORT;
            }
            final Refusal refusal = handle ? checkHandle() : checkPort();
            if (refusal != Refusal.NONE) {
                return refusal;
            }
            for (int i = 0; i < count; i++) {
                if (numbers[i] == number) {
                    return Refusal.DUPLICATE;
                }
            }
            portCount += handle ? 0 : 1;
        }
        names[count] = name;
        numbers[count] = number;
        count++;
        return Refusal.NONE;
    }

    /** Whether a stream may be there at all. */
    static boolean isPort(final int number) {
        return number >= PORT_MIN
                && number <= PORT_MAX
                && (number < AmandaPorts.AMANDA || number > AmandaPorts.AMIDXTAPE);
    }

    /** Handles follow exactly one port: that of the connection they live in. */
    private Refusal checkHandle() {
        return portCount == 1 ? Refusal.NONE : Refusal.HANDLE;
    }

    /** No port after a handle. */
    private Refusal checkPort() {
        for (int i = 0; i < count; i++) {
            if (numbers[i] > PORT_MAX) {
                return Refusal.HANDLE;
            }
        }
        return Refusal.NONE;
    }

    private Refusal checkTraits(final int traits) {
        for (int i = 0; i < count; i++) {
            final boolean state = names[i] == StreamName.STATE && (traits & RequestParser.STATE_POSSIBLE) == 0;
            final boolean index = names[i] == StreamName.INDEX
                    && numbers[i] != NUMBER_ABSENT
                    && (traits & RequestParser.INDEX_POSSIBLE) == 0;
            if (state || index) {
                return Refusal.FEATURE;
            }
        }
        return Refusal.NONE;
    }

    /** {@code "-1"} or one to six digits without leading zero; never truncated. */
    private static int readNumber(final ByteBuf buffer, final int from, final int to) {
        if (Bytes.equal(buffer, from, to, ABSENT)) {
            return NUMBER_ABSENT;
        }
        final int digits = to - from;
        if (digits > DIGITS_MAX || (digits > 1 && buffer.getByte(from) == '0')) {
            return NUMBER_BAD;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            final byte digit = buffer.getByte(i);
            if (!Bytes.isDigit(digit)) {
                return NUMBER_BAD;
            }
            value = value * 10 + (digit - '0');
        }
        return value;
    }

    private static @Nullable StreamName nameOf(final ByteBuf buffer, final int from, final int to) {
        for (int i = 0; i < NAMES.length; i++) {
            if (Bytes.equal(buffer, from, to, NAME_WORDS[i])) {
                return NAMES[i];
            }
        }
        return null;
    }

    private static byte[][] nameWords() {
        final byte[][] words = new byte[NAMES.length][];
        for (int i = 0; i < words.length; i++) {
            words[i] = Bytes.ascii(NAMES[i].name());
        }
        return words;
    }

    /** Whether the body has a CONNECT line at all, good or bad. */
    public boolean announces() {
        return announces;
    }

    /** Streams in the line, including absent ones and handles; 0 if refused. */
    public int count() {
        return count;
    }

    public StreamName name(final int i) {
        return names[i];
    }

    /** Whether stream {@code i} is a TCP port to open, not absent or a handle. */
    public boolean hasPort(final int i) {
        return numbers[i] > 0 && numbers[i] <= PORT_MAX;
    }

    /** The number of stream {@code i}: a port, a handle, or -1. */
    public int number(final int i) {
        return numbers[i];
    }
}
