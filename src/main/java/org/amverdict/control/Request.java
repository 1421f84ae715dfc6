package org.amverdict.control;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request: a flat JSON object (RFC 8259) of strings, whole numbers and booleans. A client of the socket may write
 * anything, so the parser is hand-written: its work is bounded by the length of the request, and nothing in it can
 * expand. Immutable.
 */
final class Request {
    private static final int KEYS_MAX = 8;
    private static final int DIGITS_MAX = 9;
    private static final int HEX_DIGITS = 4;
    private static final int HEX = 16;

    private final String text;
    private final Map<String, Object> fields = new LinkedHashMap<>();
    private int at;

    private Request(final String text) {
        this.text = text;
    }

    /** A request that cannot be answered; the message is for the client. */
    static final class BadRequestException extends Exception {
        private static final long serialVersionUID = 1L;

        BadRequestException(final String message) {
            super(message);
        }
    }

    /** Reads a line without its end. */
    static Request parse(final ByteBuffer line) throws BadRequestException {
        final Request request;
        try {
            request =
                    new Request(StandardCharsets.UTF_8.newDecoder().decode(line).toString());
        } catch (final CharacterCodingException e) {
            throw new BadRequestException("not UTF-8");
        }
        request.parseObject();
        return request;
    }

    private void parseObject() throws BadRequestException {
        expect('{');
        if (!take('}')) {
            do {
                final String key = parseText();
                expect(':');
                if (fields.size() == KEYS_MAX) {
                    throw wrong("more than " + KEYS_MAX + " keys");
                }
                if (fields.put(key, parseValue()) != null) {
                    throw wrong("a key twice");
                }
            } while (take(','));
            expect('}');
        }
        skipSpace();
        if (at < text.length()) {
            throw wrong("text behind the object");
        }
    }

    private Object parseValue() throws BadRequestException {
        skipSpace();
        if (at < text.length() && text.charAt(at) == '"') {
            return parseText();
        }
        if (text.startsWith("true", at)) {
            at += "true".length();
            return true;
        }
        if (text.startsWith("false", at)) {
            at += "false".length();
            return false;
        }
        return parseNumber();
    }

    private int parseNumber() throws BadRequestException {
        final int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start || at - start > DIGITS_MAX) {
            throw wrong("not a text, a small whole number, true or false");
        }
        return Integer.parseInt(text.substring(start, at));
    }

    private String parseText() throws BadRequestException {
        expect('"');
        final StringBuilder value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            final char c = text.charAt(at++);
            if (c < ' ') {
                throw wrong("a control character in a text");
            }
            value.append(c == '\\' ? parseEscape() : c);
        }
        if (at == text.length()) {
            throw wrong("a text without end");
        }
        at++;
        return value.toString();
    }

    private char parseEscape() throws BadRequestException {
        if (at == text.length()) {
            throw wrong("a text without end");
        }
        final char c = text.charAt(at++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> parseHex();
            default -> throw wrong("an unknown escape");
        };
    }

    private char parseHex() throws BadRequestException {
        int value = 0;
        for (int i = 0; i < HEX_DIGITS; i++) {
            final int digit = at < text.length() ? Character.digit(text.charAt(at), HEX) : -1;
            if (digit < 0) {
                throw wrong("an unknown escape");
            }
            value = value * HEX + digit;
            at++;
        }
        return (char) value;
    }

    private void expect(final char c) throws BadRequestException {
        if (!take(c)) {
            throw wrong("'" + c + "' is missing");
        }
    }

    private boolean take(final char c) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void skipSpace() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t' || text.charAt(at) == '\r')) {
            at++;
        }
    }

    private BadRequestException wrong(final String what) {
        return new BadRequestException("not a JSON object of texts, numbers and booleans: " + what + " at " + at);
    }

    /** Refuses a filter that would otherwise be silently ignored. */
    void allowOnly(final Set<String> keys) throws BadRequestException {
        for (final String key : fields.keySet()) {
            if (!key.equals("command") && !keys.contains(key)) {
                throw new BadRequestException("this command knows no key \"" + shown(key) + "\"");
            }
        }
    }

    String command() throws BadRequestException {
        final String command = textOf("command");
        if (command == null) {
            throw new BadRequestException("no \"command\"");
        }
        return command;
    }

    @Nullable String textOf(final String key) throws BadRequestException {
        return value(key, String.class, "a text");
    }

    boolean flag(final String key) throws BadRequestException {
        return Boolean.TRUE.equals(value(key, Boolean.class, "true or false"));
    }

    int number(final String key, final int otherwise) throws BadRequestException {
        final Integer number = value(key, Integer.class, "a number");
        return number == null ? otherwise : number;
    }

    private <T> @Nullable T value(final String key, final Class<T> type, final String name) throws BadRequestException {
        final Object value = fields.get(key);
        if (value == null) {
            return null;
        }
        if (!type.isInstance(value)) {
            throw new BadRequestException("\"" + shown(key) + "\" must be " + name);
        }
        return type.cast(value);
    }

    /** Enough of a text to recognize it. */
    static String shown(final String given) {
        final int max = 40;
        return given.length() <= max ? given : given.substring(0, max) + "...";
    }
}
