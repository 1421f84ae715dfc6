package org.amverdict.doctor;

/** Remedies that several checks have. */
public final class Remedies {
    public static final String AS_ROOT = "sudo amverdict doctor";

    private Remedies() {}

    /** A text that came from the host or the network, for a terminal: no control characters, and no longer than that. */
    public static String printable(final String text, final int max) {
        final StringBuilder printable = new StringBuilder();
        text.codePoints()
                .limit(max)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .forEach(printable::appendCodePoint);
        return printable.toString();
    }
}
