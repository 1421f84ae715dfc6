package org.amverdict.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.HostPrefix;

/** The kinds of single values. Stateless. */
final class Kinds {
    private static final String OFF = "off";
    private static final long MARK_MAX = 0xffff_ffffL;
    private static final int LONG_DIGITS_MAX = 18;

    private Kinds() {}

    /** A whole number in a range; decimal. */
    static Kind<Integer> number(final int min, final int max) {
        final String range = min + " to " + max;
        return new Scalar<>(
                "number, " + range,
                (text, path) -> {
                    final String digits = text.startsWith("-") ? text.substring(1) : text;
                    if (!digits.matches("[0-9]+")) {
                        throw new IllegalArgumentException(
                                "'" + text + "' is not a whole number; '" + path + "' is " + range);
                    }
                    final long number = digits.length() > LONG_DIGITS_MAX ? Long.MAX_VALUE : Long.parseLong(text);
                    if (number < min || number > max) {
                        throw new IllegalArgumentException(text + " is out of range; '" + path + "' is " + range);
                    }
                    return (int) number;
                },
                String::valueOf,
                schema -> schema.add("type", "integer").add("minimum", min).add("maximum", max));
    }

    /** A duration in a range, in nanoseconds. */
    static Kind<Long> duration(final long minNs, final long maxNs) {
        final String range = Durations.format(minNs) + " to " + Durations.format(maxNs);
        return new Scalar<>(
                "duration, " + range,
                (text, path) -> {
                    final long ns = Durations.parse(text);
                    if (ns < minNs || ns > maxNs) {
                        throw new IllegalArgumentException(text + " is out of range; '" + path + "' is " + range);
                    }
                    return ns;
                },
                Durations::format,
                schema -> schema.add("type", "string").add("pattern", "^[0-9]+ ?(ns|us|ms|s|m|h|d)$"));
    }

    /** One of a few words. */
    static <T> Kind<T> choice(final T[] all, final Function<T, String> label) {
        final List<String> words = Arrays.stream(all).map(label).toList();
        return new Scalar<>(
                String.join(" | ", words),
                (text, path) -> {
                    final int at = words.indexOf(text);
                    if (at < 0) {
                        throw new IllegalArgumentException(
                                "'" + text + "' is not a value of '" + path + "'; " + Suggestion.of(text, words));
                    }
                    return all[at];
                },
                label,
                schema -> schema.add("enum", words));
    }

    /** True or false. */
    static Kind<Boolean> flag() {
        return new Scalar<>(
                "true | false",
                (text, path) -> {
                    if (!text.equals("true") && !text.equals("false")) {
                        throw new IllegalArgumentException("'" + text + "' is neither true nor false");
                    }
                    return text.equals("true");
                },
                String::valueOf,
                schema -> schema.add("type", "boolean"));
    }

    /** Bits of a packet mark, decimal or hexadecimal; {@link Settings.Marks#NONE} is written by leaving out the key. */
    static Kind<Long> mark() {
        return new Scalar<>(
                        "number, 0 to 0xffffffff",
                        (text, path) -> parseMark(text),
                        Kinds::hex,
                        schema ->
                                schema.add("type", "integer").add("minimum", 0).add("maximum", MARK_MAX))
                .written(value -> value == Settings.Marks.NONE ? null : hex(value));
    }

    private static long parseMark(final String text) {
        final boolean hex = text.matches("0x[0-9a-fA-F]{1,16}");
        if (!hex && !text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("'" + text + "' is not a mark; write a number such as 0x10");
        }
        final long mark = hex ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseLong(text);
        if (mark < 0 || mark > MARK_MAX) {
            throw new IllegalArgumentException(text + " is out of range (0 to 0xffffffff)");
        }
        return mark;
    }

    static String hex(final long mark) {
        return "0x" + Long.toHexString(mark);
    }

    /** A name for reports. */
    static Kind<String> name(final int charactersMax) {
        return new Scalar<String>(
                        "text of at most " + charactersMax + " characters",
                        (text, path) -> {
                            if (text.codePointCount(0, text.length()) > charactersMax || !isPrintable(text)) {
                                throw new IllegalArgumentException("a name is at most " + charactersMax
                                        + " printable characters; it appears in logs");
                            }
                            return text;
                        },
                        text -> text,
                        schema -> schema.add("type", "string").add("maxLength", charactersMax))
                .quoted();
    }

    /** One address. */
    static Kind<IpAddress> address() {
        return new Scalar<>(
                        "address",
                        (text, path) -> {
                            final HostPrefix prefix = HostPrefix.parse(text);
                            if (!prefix.isOneHost()) {
                                throw new IllegalArgumentException(
                                        "'" + prefix + "' is not one address; write each host's own line");
                            }
                            return prefix.address();
                        },
                        IpAddress::toString,
                        schema -> schema.add("type", "string"))
                .quoted();
    }

    /** An absolute path, or off. */
    static Kind<Optional<Path>> pathOrOff(final int bytesMax) {
        return orOff("path", text -> {
            if (!text.startsWith("/") || !isPrintable(text)) {
                throw new IllegalArgumentException("'" + text + "' is not an absolute path; write one, or off");
            }
            if (text.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
                throw new IllegalArgumentException("the path is longer than " + bytesMax + " bytes");
            }
            return Path.of(text);
        });
    }

    /** The name of a group of this host, or off. Source: useradd(8), with the dots that some sites have. */
    static Kind<Optional<String>> groupOrOff() {
        return orOff("group", text -> {
            if (!text.matches("[A-Za-z_][A-Za-z0-9_.-]{0,31}")) {
                throw new IllegalArgumentException("'" + text + "' is not the name of a group; write one, or off");
            }
            return text;
        });
    }

    /** Where to listen, or off. */
    static Kind<Optional<ListenAddress>> listenOrOff() {
        return orOff("address:port", ListenAddress::parse);
    }

    private static <T> Kind<Optional<T>> orOff(final String form, final Function<String, T> reader) {
        return new Scalar<Optional<T>>(
                        form + " | " + OFF,
                        (text, path) -> text.equals(OFF) ? Optional.empty() : Optional.of(reader.apply(text)),
                        value -> value.map(Object::toString).orElse(OFF),
                        schema -> schema.add("type", "string"))
                .written(value -> value.map(set -> quoted(set.toString())).orElse(OFF));
    }

    static String quoted(final String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** Nothing that a terminal or a log line would interpret. */
    private static boolean isPrintable(final String text) {
        return text.codePoints().allMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        });
    }
}
