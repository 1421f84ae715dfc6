package org.amverdict.amanda;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Comparisons of wire text with words, without making strings. Ranges are absolute indexes, {@code to} is exclusive.
 */
final class Bytes {
    static final byte LF = '\n';
    static final byte SPACE = ' ';

    private Bytes() {}

    static byte[] ascii(final String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }

    static boolean startsWith(final ByteBuf buffer, final int from, final int to, final byte[] word) {
        if (to - from < word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (buffer.getByte(from + i) != word[i]) {
                return false;
            }
        }
        return true;
    }

    static boolean equal(final ByteBuf buffer, final int from, final int to, final byte[] word) {
        return to - from == word.length && startsWith(buffer, from, to, word);
    }

    /** Index of the first such byte in the range, or {@code to}. */
    static int find(final ByteBuf buffer, final int from, final int to, final byte wanted) {
        final int found = from < to ? buffer.indexOf(from, to, wanted) : -1;
        return found < 0 ? to : found;
    }

    /** Whether the range has no control character and never the word, bounded by spaces or the range's ends. */
    static boolean isTextWithout(final ByteBuf buffer, final int from, final int to, final byte[] word) {
        int wordStart = from;
        for (int i = from; i < to; i++) {
            final int value = buffer.getUnsignedByte(i);
            if (value < SPACE || (value == SPACE && equal(buffer, wordStart, i, word))) {
                return false;
            }
            if (value == SPACE) {
                wordStart = i + 1;
            }
        }
        return !equal(buffer, wordStart, to, word);
    }

    static boolean isDigit(final byte value) {
        return value >= '0' && value <= '9';
    }

    /** Value of a hexadecimal digit, or -1. */
    static int hexDigit(final byte value) {
        return Character.digit(value, 16);
    }
}
