package org.amverdict.amanda;

import io.netty.buffer.ByteBuf;

/**
 * Reads a connection to amidxtape (10083/tcp) of legacy amrecover up to the line that says where the client fetches the
 * data (amanda-protocol.md 4.2):
 *
 * <pre>
 * client: *( text CRLF ) ( "END" CRLF / DIGIT *text LF )
 * server: *( 2 lowercase hexadecimal digits ) "CONNECT " port LF
 * </pre>
 *
 * The server's features have no line end, so CONNECT comes directly after them; their digits are lowercase, so the C is
 * not one of them. It answers the client's END: anything before that announces nothing.
 *
 * <p>The bytes of each direction come in order, each once, in pieces of any size. Between two pieces the whole state of
 * the connection is one long, so that a table can hold it: {@link #resume}, then one of the two {@code read} methods,
 * then {@link #state}. Reads at most {@link #CLIENT_BYTES_MAX} bytes of the client and some {@link #FEATURES_MAX} of
 * the server. One instance per worker; not thread-safe.
 */
public final class LegacyRecoveryParser {
    /** The state of a connection without any text so far. */
    public static final long START = 0;
    /** Most bytes of the client up to the end of its END; a real one sends some 200, and more for many labels. */
    public static final int CLIENT_BYTES_MAX = 1 << 15;
    /** Most digits of the server's features; Amanda 3.6 sends 38. */
    public static final int FEATURES_MAX = 256;

    /** More must be read. */
    public static final int MORE = 0;
    /** The line is whole and right: {@link #port()}. */
    public static final int ANNOUNCED = 1;
    /** The line is wrong: {@link #refusal()}. */
    public static final int REFUSED = 2;
    /** The server sends something other than such a line, for instance the data itself, as before 2.5. */
    public static final int OTHER = 3;
    /** A limit was reached before the line. */
    public static final int TOO_LONG = 4;

    private static final byte[] CONNECT = Bytes.ascii("CONNECT ");
    private static final byte[] END = Bytes.ascii("END\r");
    private static final int DIGITS_MAX = 5;

    /** In {@link #linePlace}: a line that starts with a digit, and any other line but END. */
    private static final int DIGIT_LINE = 6;

    private static final int OTHER_LINE = 7;

    // Places of the parts in the state.
    private static final int LINE_PLACE_SHIFT = 17;
    private static final int ENDED_SHIFT = 20;
    private static final int FEATURES_SHIFT = 21;
    private static final int CONNECT_PLACE_SHIFT = 30;
    private static final int DIGITS_SHIFT = 34;
    private static final int PORT_SHIFT = 37;
    private static final int CLIENT_BYTES_MASK = 0x1_ffff;
    private static final int LINE_PLACE_MASK = 7;
    private static final int FEATURES_MASK = 0x1ff;
    private static final int CONNECT_PLACE_MASK = 0xf;
    private static final int DIGITS_MASK = 7;
    private static final int PORT_MASK = 0x1_ffff;

    private int clientBytes;
    private int linePlace;
    private boolean ended;
    private int features;
    private int connectPlace;
    private int digits;
    private int port;
    private Refusal refusal = Refusal.NONE;

    /** Continues the connection in that state: {@link #START} or an earlier {@link #state}. */
    public void resume(final long state) {
        clientBytes = (int) state & CLIENT_BYTES_MASK;
        linePlace = (int) (state >>> LINE_PLACE_SHIFT) & LINE_PLACE_MASK;
        ended = (state >>> ENDED_SHIFT & 1) != 0;
        features = (int) (state >>> FEATURES_SHIFT) & FEATURES_MASK;
        connectPlace = (int) (state >>> CONNECT_PLACE_SHIFT) & CONNECT_PLACE_MASK;
        digits = (int) (state >>> DIGITS_SHIFT) & DIGITS_MASK;
        port = (int) (state >>> PORT_SHIFT) & PORT_MASK;
        refusal = Refusal.NONE;
    }

    /** All that the next piece needs; meaningful only after {@link #MORE}. */
    public long state() {
        return clientBytes
                | (long) linePlace << LINE_PLACE_SHIFT
                | (ended ? 1L << ENDED_SHIFT : 0)
                | (long) features << FEATURES_SHIFT
                | (long) connectPlace << CONNECT_PLACE_SHIFT
                | (long) digits << DIGITS_SHIFT
                | (long) port << PORT_SHIFT;
    }

    /** Whether the client has sent END; nothing after it matters. */
    public boolean ended() {
        return ended;
    }

    /**
     * Reads the client's next bytes, absolute indexes {@code from} to {@code to}, exclusive.
     *
     * @return {@link #MORE} or {@link #TOO_LONG}
     */
    public int readClient(final ByteBuf buffer, final int from, final int to) {
        for (int i = from; i < to && !ended; i++) {
            if (clientBytes == CLIENT_BYTES_MAX) {
                return TOO_LONG;
            }
            clientBytes++;
            final byte next = buffer.getByte(i);
            if (next == Bytes.LF) {
                ended = linePlace == END.length || linePlace == DIGIT_LINE;
                linePlace = 0;
            } else if (linePlace < END.length && next == END[linePlace]) {
                linePlace++;
            } else if (linePlace == 0 && Bytes.isDigit(next)) {
                linePlace = DIGIT_LINE;
            } else if (linePlace != DIGIT_LINE) {
                linePlace = OTHER_LINE;
            }
        }
        return MORE;
    }

    /**
     * Reads the server's next bytes, as {@link #readClient}; text after the line is ignored.
     *
     * @return any of the answers
     */
    public int readServer(final ByteBuf buffer, final int from, final int to) {
        int answer = MORE;
        for (int i = from; i < to && answer == MORE; i++) {
            final byte next = buffer.getByte(i);
            answer = connectPlace < CONNECT.length ? readWord(next) : readPort(next);
        }
        return answer;
    }

    private int readWord(final byte next) {
        if (connectPlace == 0 && isFeaturesDigit(next)) {
            if (features == FEATURES_MAX) {
                return TOO_LONG;
            }
            features++;
            return MORE;
        }
        if (next != CONNECT[connectPlace] || (features & 1) != 0) {
            return connectPlace == CONNECT.length - 1 ? refuse(Refusal.SYNTAX) : OTHER;
        }
        connectPlace++;
        return connectPlace == CONNECT.length && !ended ? refuse(Refusal.MISPLACED) : MORE;
    }

    private static boolean isFeaturesDigit(final byte value) {
        return Bytes.isDigit(value) || (value >= 'a' && value <= 'f');
    }

    private int readPort(final byte next) {
        if (next == Bytes.LF) {
            if (digits == 0) {
                return refuse(Refusal.NUMBER);
            }
            return ReplyParser.isPort(port) ? ANNOUNCED : refuse(Refusal.PORT);
        }
        if (!Bytes.isDigit(next)) {
            return refuse(Refusal.SYNTAX);
        }
        if (digits == DIGITS_MAX || (digits == 1 && port == 0)) {
            return refuse(Refusal.NUMBER);
        }
        digits++;
        port = port * 10 + next - '0';
        return MORE;
    }

    private int refuse(final Refusal why) {
        refusal = why;
        return REFUSED;
    }

    /** After {@link #ANNOUNCED}: where the client will connect to, 1024 to 65535, none of Amanda's own ports. */
    public int port() {
        return port;
    }

    /** After {@link #REFUSED}: which check of 4.2 failed. */
    public Refusal refusal() {
        return refusal;
    }
}
