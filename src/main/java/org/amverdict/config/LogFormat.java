package org.amverdict.config;

/** Form of the human log. */
public enum LogFormat {
    /** Journal when stderr is the journal, else text. */
    AUTO("auto"),
    TEXT("text"),
    JOURNAL("journal"),
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
