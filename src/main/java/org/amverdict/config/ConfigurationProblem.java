package org.amverdict.config;

import org.amverdict.text.Printable;

/**
 * One error or warning, with its place.
 *
 * @param severity whether the configuration can be used
 * @param file name of the file
 * @param line from 1; 0 when it concerns no line
 * @param column from 1, in characters; 0 when it concerns no line
 * @param source text of the line
 * @param message what is wrong and what to write instead
 */
public record ConfigurationProblem(
        Severity severity, String file, int line, int column, String source, String message) {
    private static final int SOURCE_SHOWN_MAX = 100;
    private static final int BEFORE_CARET_MAX = 70;

    /** How bad it is. */
    public enum Severity {
        ERROR("error"),
        WARNING("warning");

        private final String label;

        Severity(final String label) {
            this.label = label;
        }

        /** Name in reports. */
        public String label() {
            return label;
        }
    }

    /** file:line:column, the message, the line and a caret below the place. No line end after it. */
    public String format() {
        if (line == 0) {
            return file + ": " + severity.label() + ": " + printable(message);
        }
        final int[] shown = source.codePoints().toArray();
        final int at = Math.min(column - 1, shown.length);
        final int from = Math.max(0, at - BEFORE_CARET_MAX);
        final int to = Math.min(shown.length, from + SOURCE_SHOWN_MAX);
        return file + ":" + line + ":" + column + ": " + severity.label() + ": " + printable(message) + "\n    "
                + (from > 0 ? "…" : "") + printable(new String(shown, from, to - from))
                + (to < shown.length ? "…" : "") + "\n    " + " ".repeat(at - from + (from > 0 ? 1 : 0)) + "^";
    }

    /**
     * A file may contain terminal escapes; they are not passed on. A tab is one column, matching how columns are
     * counted.
     */
    private static String printable(final String text) {
        return Printable.of(text.replace('\t', ' '));
    }

    @Override
    public String toString() {
        return format();
    }
}
