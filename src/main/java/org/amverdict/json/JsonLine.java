package org.amverdict.json;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Builds one line of JSON (RFC 8259), ASCII only: the line stays one line whatever text it gets. */
public final class JsonLine {
    private static final int PRINTABLE_MIN = 0x20;
    private static final int PRINTABLE_MAX = 0x7e;
    private static final int NANO_DIGITS = 9;
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final StringBuilder out = new StringBuilder("{");
    private boolean first = true;

    public JsonLine add(final String key, final String value) {
        key(key);
        quote(value);
        return this;
    }

    public JsonLine add(final String key, final long value) {
        key(key);
        out.append(value);
        return this;
    }

    public JsonLine add(final String key, final boolean value) {
        key(key);
        out.append(value);
        return this;
    }

    /** A number already in JSON form. */
    public JsonLine addNumber(final String key, final String number) {
        key(key);
        out.append(number);
        return this;
    }

    /** An array of whole numbers. */
    public JsonLine add(final String key, final long[] numbers) {
        key(key);
        out.append('[');
        for (int i = 0; i < numbers.length; i++) {
            out.append(i == 0 ? "" : ",").append(numbers[i]);
        }
        out.append(']');
        return this;
    }

    /** A duration, in seconds with as many decimals as it needs. */
    public JsonLine addSeconds(final String key, final long nanos) {
        final String seconds =
                BigDecimal.valueOf(nanos, NANO_DIGITS).stripTrailingZeros().toPlainString();
        return addNumber(key, seconds);
    }

    /** A moment in RFC 3339 form, UTC, with milliseconds. */
    public JsonLine addTimestamp(final String key, final long epochMillis) {
        return add(key, TIMESTAMP.format(Instant.ofEpochMilli(epochMillis)));
    }

    /** An array of texts. */
    public JsonLine add(final String key, final List<String> values) {
        openArray(key);
        for (final String value : values) {
            separate();
            quote(value);
        }
        return closeArray();
    }

    public JsonLine openObject(final String key) {
        key(key);
        return open('{');
    }

    public JsonLine openArray(final String key) {
        key(key);
        return open('[');
    }

    /** An object that is an element of the open array. */
    public JsonLine openElement() {
        separate();
        return open('{');
    }

    /** A text that is an element of the open array. */
    public JsonLine addElement(final String value) {
        separate();
        quote(value);
        return this;
    }

    public JsonLine closeObject() {
        return close('}');
    }

    public JsonLine closeArray() {
        return close(']');
    }

    /** The line, once everything opened has been closed. */
    public String end() {
        return out.append('}').toString();
    }

    private JsonLine open(final char bracket) {
        out.append(bracket);
        first = true;
        return this;
    }

    private JsonLine close(final char bracket) {
        out.append(bracket);
        first = false;
        return this;
    }

    private void separate() {
        if (!first) {
            out.append(',');
        }
        first = false;
    }

    private void key(final String key) {
        separate();
        quote(key);
        out.append(':');
    }

    private void quote(final String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= PRINTABLE_MIN && c <= PRINTABLE_MAX) {
                out.append(c);
            } else {
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(Character.forDigit(c >>> shift & 0xf, 16));
                }
            }
        }
        out.append('"');
    }
}
