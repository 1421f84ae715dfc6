package org.amverdict.log;

/** The format of the human log's lines; {@code log.format} and {@code --log-format}. */
public enum LogFormat {
    /** {@link #JOURNAL} if stderr is the journal, else {@link #TEXT}. */
    AUTO,
    /** Time, level, message. */
    TEXT,
    /** {@code <N>} and the message: the journal adds the time and takes N as the priority. Source: sd-daemon(3). */
    JOURNAL,
    /** One JSON object per line: timestamp, level, logger, message, error, and fields named as in the event log. */
    JSON
}
