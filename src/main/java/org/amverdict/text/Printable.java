package org.amverdict.text;

import java.util.List;

/** Cleans text from a file, the host or the network, so that it cannot control a terminal. Stateless. */
public final class Printable {
    private Printable() {}

    /** The text with a question mark in place of every control and format character, line ends and tabs included. */
    public static String of(final String text) {
        return of(text, Integer.MAX_VALUE);
    }

    /**
     * The beginning of {@link #of(String)}.
     *
     * @param max most characters (code points) to keep
     */
    public static String of(final String text, final int max) {
        final StringBuilder printable = new StringBuilder();
        text.codePoints().limit(max).map(c -> mayControl(c) ? '?' : c).forEach(printable::appendCodePoint);
        return printable.toString();
    }

    /** Line and paragraph separators end a line in some viewers; a lone surrogate is no character. */
    private static boolean mayControl(final int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    /** {@link #ascii(String)} of each line: the last step of every text for a terminal, whatever its fields hold. */
    public static List<String> ascii(final List<String> lines) {
        return lines.stream().map(Printable::ascii).toList();
    }

    /** The text with a question mark in place of everything but printable ASCII: one line on any terminal. */
    public static String ascii(final String text) {
        final StringBuilder printable = new StringBuilder();
        text.codePoints().forEach(c -> printable.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
        return printable.toString();
    }
}
