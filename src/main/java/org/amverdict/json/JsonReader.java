package org.amverdict.json;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object (RFC 8259). Its time grows with the length of the text and its depth is limited, so the text may
 * come from anywhere: a line that was cut, a file of another program. For one text and one thread.
 */
public final class JsonReader {
    private static final int DEPTH_MAX = 64;
    private static final int HEX_DIGITS = 4;
    private static final int HEX = 16;
    /** As many digits as every int has; a longer number is a long or more. */
    private static final int LONG_DIGITS = 18;
    /** More than every number that the program writes has; the time to read one grows with the square of its digits. */
    private static final int NUMBER_MAX = 64;

    private static final int SHOWN_MAX = 60;

    private final String text;
    private int at;
    private int depth;

    private JsonReader(final String text) {
        this.text = text;
    }

    /**
     * Reads it.
     *
     * @return keys in their order; values are {@link Map}, {@link List}, String, Integer, Long, BigInteger, Double,
     *     Boolean or null
     * @throws IllegalArgumentException if the text is not one object
     */
    public static Map<String, Object> object(final String json) {
        final JsonReader reader = new JsonReader(json);
        reader.skipSpace();
        if (reader.peek() != '{') {
            throw reader.wrong("not a JSON object");
        }
        final Map<String, Object> read = reader.readObject();
        reader.skipSpace();
        if (reader.at < json.length()) {
            throw reader.wrong("text behind the object");
        }
        return read;
    }

    /** The next character, or 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipSpace() {
        while (at < text.length() && (text.charAt(at) <= ' ')) {
            at++;
        }
    }

    private boolean take(final char c) {
        skipSpace();
        if (peek() != c || at == text.length()) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(final char c) {
        if (!take(c)) {
            throw wrong("'" + c + "' is missing");
        }
    }

    private void enter() {
        at++;
        depth++;
        if (depth > DEPTH_MAX) {
            throw wrong("deeper than " + DEPTH_MAX + " levels");
        }
    }

    @SuppressWarnings("NullAway") // JSON has null values.
    private Map<String, Object> readObject() {
        enter();
        final Map<String, Object> fields = new LinkedHashMap<>();
        if (!take('}')) {
            do {
                skipSpace();
                final String key = readText();
                expect(':');
                if (fields.containsKey(key)) {
                    throw wrong("the key \"" + Printable.ascii(shortened(key)) + "\" twice");
                }
                fields.put(key, readValue());
            } while (take(','));
            expect('}');
        }
        depth--;
        return fields;
    }

    @SuppressWarnings("NullAway") // JSON has null values.
    private List<Object> readArray() {
        enter();
        final List<Object> elements = new ArrayList<>();
        if (!take(']')) {
            do {
                elements.add(readValue());
            } while (take(','));
            expect(']');
        }
        depth--;
        return elements;
    }

    private @Nullable Object readValue() {
        skipSpace();
        return switch (peek()) {
            case '{' -> readObject();
            case '[' -> readArray();
            case '"' -> readText();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> readNumber();
        };
    }

    private @Nullable Object word(final String word, final @Nullable Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("no value");
        }
        at += word.length();
        return value;
    }

    private Object readNumber() {
        final int start = at;
        boolean whole = true;
        while (at < text.length() && isOfNumber(text.charAt(at))) {
            final char c = text.charAt(at);
            whole &= c == '-' || (c >= '0' && c <= '9');
            at++;
        }
        if (at - start > NUMBER_MAX) {
            at = start;
            throw wrong("a number of more than " + NUMBER_MAX + " characters");
        }
        final String number = text.substring(start, at);
        try {
            if (!whole) {
                return Double.valueOf(number);
            }
            if (number.length() > LONG_DIGITS) {
                final BigInteger value = new BigInteger(number);
                return value.bitLength() < Long.SIZE ? (Object) value.longValueExact() : value;
            }
            final long value = Long.parseLong(number);
            return value == (int) value ? (Object) (int) value : (Object) value;
        } catch (final NumberFormatException e) {
            at = start;
            throw new IllegalArgumentException(wrong("no value").getMessage(), e);
        }
    }

    private static boolean isOfNumber(final char c) {
        return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    }

    private String readText() {
        if (peek() != '"') {
            throw wrong("a text is missing");
        }
        at++;
        final int start = at;
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\') {
            at++;
        }
        if (peek() == '"') {
            at++;
            return text.substring(start, at - 1);
        }
        final StringBuilder read = new StringBuilder(text.substring(start, at));
        while (at < text.length() && text.charAt(at) != '"') {
            final char c = text.charAt(at++);
            read.append(c == '\\' ? readEscape() : c);
        }
        if (at == text.length()) {
            throw wrong("a text without end");
        }
        at++;
        return read.toString();
    }

    private char readEscape() {
        final char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> readHex();
            default -> throw wrong("an unknown escape");
        };
    }

    private char readHex() {
        int value = 0;
        for (int i = 0; i < HEX_DIGITS; i++) {
            final int digit = Character.digit(peek(), HEX);
            if (digit < 0) {
                throw wrong("an unknown escape");
            }
            value = value * HEX + digit;
            at++;
        }
        return (char) value;
    }

    private IllegalArgumentException wrong(final String what) {
        return new IllegalArgumentException(
                "not JSON: " + what + " at character " + (at + 1) + " of: " + Printable.ascii(shortened(text)));
    }

    private static String shortened(final String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    }
}
