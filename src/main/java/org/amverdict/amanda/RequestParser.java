package org.amverdict.amanda;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a REQ: the login, the service, and what the request says about the streams of the reply.
 *
 * <pre>
 * "SECURITY USER " login LF "SERVICE " name LF arguments
 * </pre>
 *
 * Stricter than a real responder (amanda-protocol.md 1.5, 9.2 check 2), because a refused request is echoed in a NAK: a
 * word CONNECT or a control character in the first two lines is hostile. One instance per worker, reused; not
 * thread-safe.
 */
public final class RequestParser {
    /** The request's features do not exclude a STATE stream in the reply. */
    public static final int STATE_POSSIBLE = 1;
    /** The request does not exclude an index stream in the reply. */
    public static final int INDEX_POSSIBLE = 2;

    private static final byte[] SECURITY = Bytes.ascii("SECURITY USER ");
    private static final byte[] SERVICE = Bytes.ascii("SERVICE ");
    private static final byte[] OPTIONS = Bytes.ascii("OPTIONS ");
    private static final byte[] FEATURES = Bytes.ascii("features=");
    private static final byte[] CONNECT = Bytes.ascii("CONNECT");
    private static final byte[] DLE = Bytes.ascii("<dle>");
    private static final byte[] INDEX_WANTED = Bytes.ascii("<index>YES</index>");
    private static final Service[] SERVICES = Service.values();
    private static final byte[][] SERVICE_WORDS = serviceWords();
    private static final byte SEMICOLON = ';';
    private static final int BITS_PER_DIGIT_PAIR = 8;
    /** The two lines with login and service; real ones have some 30 bytes. */
    private static final int LINE_MAX = 1024;
    /** Items of the OPTIONS line that are read; real ones have some ten. */
    private static final int OPTIONS_MAX = 64;
    /** Tags of the XML that are read. */
    private static final int TAGS_MAX = 4096;

    /** fe_sendbackup_state and its kin: amanda common-src/amfeatures.h. */
    private static final int FEATURE_SENDBACKUP_STATE = 117;

    private static final int FEATURE_AMIDXTAPED_STATE = 118;
    private static final int FEATURE_RESTORE_STATE = 121;

    private @Nullable Service service;
    private int traits;

    /**
     * Reads a body.
     *
     * @param complete false if the datagram goes on in later fragments; missing text then excludes nothing
     * @return false if it is not a well-formed, harmless request
     */
    public boolean parse(final ByteBuf buffer, final int offset, final int length, final boolean complete) {
        service = null;
        traits = STATE_POSSIBLE | INDEX_POSSIBLE;
        final int end = offset + length;
        if (Bytes.find(buffer, offset, end, (byte) 0) != end) {
            return false;
        }
        final int securityEnd = Bytes.find(buffer, offset, end, Bytes.LF);
        if (securityEnd == end || !isHarmless(buffer, offset, securityEnd, SECURITY)) {
            return false;
        }
        final int serviceStart = securityEnd + 1;
        final int serviceEnd = Bytes.find(buffer, serviceStart, end, Bytes.LF);
        if (serviceEnd == end || !isHarmless(buffer, serviceStart, serviceEnd, SERVICE)) {
            return false;
        }
        service = serviceOf(buffer, serviceStart + SERVICE.length, serviceEnd);
        if (service == null) {
            return false;
        }
        readTraits(buffer, serviceEnd + 1, end, service, complete);
        return true;
    }

    /** Starts with the keyword, has text after it, and no control characters and no word CONNECT. */
    private static boolean isHarmless(final ByteBuf buffer, final int from, final int to, final byte[] keyword) {
        return to - from > keyword.length
                && to - from <= LINE_MAX
                && Bytes.startsWith(buffer, from, to, keyword)
                && Bytes.isTextWithout(buffer, from, to, CONNECT);
    }

    private static @Nullable Service serviceOf(final ByteBuf buffer, final int from, final int to) {
        for (int i = 0; i < SERVICES.length; i++) {
            if (Bytes.equal(buffer, from, to, SERVICE_WORDS[i])) {
                return SERVICES[i];
            }
        }
        return null;
    }

    private void readTraits(
            final ByteBuf buffer, final int from, final int to, final Service asked, final boolean complete) {
        final int optionsEnd = Bytes.find(buffer, from, to, Bytes.LF);
        if (optionsEnd == to && !complete) {
            return;
        }
        final int stateFeature = switch (asked) {
            case SENDBACKUP -> FEATURE_SENDBACKUP_STATE;
            case AMIDXTAPED -> FEATURE_AMIDXTAPED_STATE;
            case RESTORE -> FEATURE_RESTORE_STATE;
            default -> -1;
        };
        if (stateFeature >= 0 && lacksFeature(buffer, from, optionsEnd, stateFeature)) {
            traits &= ~STATE_POSSIBLE;
        }
        // Requests before 2.6.1 have no XML and request the index in another way; they exclude nothing.
        if (asked == Service.SENDBACKUP && complete && excludesIndex(buffer, optionsEnd, to)) {
            traits &= ~INDEX_POSSIBLE;
        }
    }

    /**
     * Whether the text is XML without a tag that wants an index; text with more tags than are read excludes nothing.
     */
    private static boolean excludesIndex(final ByteBuf buffer, final int from, final int to) {
        boolean xml = false;
        int at = Bytes.find(buffer, from, to, DLE[0]);
        for (int tags = 0; at < to; tags++) {
            if (tags == TAGS_MAX || Bytes.startsWith(buffer, at, to, INDEX_WANTED)) {
                return false;
            }
            xml |= Bytes.startsWith(buffer, at, to, DLE);
            at = Bytes.find(buffer, at + 1, to, DLE[0]);
        }
        return xml;
    }

    /** Whether the OPTIONS line has a feature string without that bit. No feature string at all says nothing. */
    private static boolean lacksFeature(final ByteBuf buffer, final int from, final int to, final int bit) {
        if (!Bytes.startsWith(buffer, from, to, OPTIONS)) {
            return false;
        }
        int start = from + OPTIONS.length;
        for (int items = 0; start < to && items < OPTIONS_MAX; items++) {
            final int end = Bytes.find(buffer, start, to, SEMICOLON);
            if (Bytes.startsWith(buffer, start, end, FEATURES)) {
                return !hasBit(buffer, start + FEATURES.length, end, bit);
            }
            start = end + 1;
        }
        return false;
    }

    /** Two hexadecimal digits hold eight features, the least significant bit first. */
    private static boolean hasBit(final ByteBuf buffer, final int from, final int to, final int bit) {
        final int pair = from + bit / BITS_PER_DIGIT_PAIR * 2;
        if (pair + 2 > to) {
            return false;
        }
        final int high = Bytes.hexDigit(buffer.getByte(pair));
        final int low = Bytes.hexDigit(buffer.getByte(pair + 1));
        return high >= 0 && low >= 0 && ((high << 4 | low) >> bit % BITS_PER_DIGIT_PAIR & 1) != 0;
    }

    private static byte[][] serviceWords() {
        final byte[][] words = new byte[SERVICES.length][];
        for (int i = 0; i < words.length; i++) {
            words[i] = Bytes.ascii(SERVICES[i].label());
        }
        return words;
    }

    /** The requested service; null if the last parse failed. */
    public @Nullable Service service() {
        return service;
    }

    /** {@link #STATE_POSSIBLE}, {@link #INDEX_POSSIBLE}. */
    public int traits() {
        return traits;
    }
}
