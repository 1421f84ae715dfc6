package org.amverdict.log;

/**
 * One line of the log.
 *
 * @param text for people
 * @param fields the same for machines
 */
public record LogEntry(String text, LogFields fields) {
    /** A line without fields. */
    public static LogEntry of(final String text) {
        return new LogEntry(text, new LogFields());
    }

    @Override
    public String toString() {
        return text;
    }
}
