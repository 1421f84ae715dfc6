package org.amverdict.config;

/** The format of the human log's lines; {@code log.format} and {@code --log-format}. */
public enum LogFormat {
    /** {@link #JOURNAL} if stderr is the journal, else {@link #TEXT}. */
    AUTO("auto"),
    /** Time, level, message. */
    TEXT("text"),
    /** {@code <N>} and the message: the journal adds the time and takes N as the priority. Source: sd-daemon(3). */
    JOURNAL("journal"),
    /** One JSON object per line: timestamp, level, logger, message, error, and fields named as in the event log. */
    JSON("json");

    private final String label;

    LogFormat(final String label) {
        this.label = label;
    }

    /** Name in configuration. */
    public String label() {
        return label;
    }
}
