package org.amverdict.text;

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
        text.codePoints()
                .limit(max)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .forEach(printable::appendCodePoint);
        return printable.toString();
    }

    /** The text with a question mark in place of everything but printable ASCII: one line on any terminal. */
    public static String ascii(final String text) {
        final StringBuilder printable = new StringBuilder();
        text.codePoints().forEach(c -> printable.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
        return printable.toString();
    }
}
