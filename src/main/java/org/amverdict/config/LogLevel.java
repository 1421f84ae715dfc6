package org.amverdict.config;

/** How verbose the human log is. */
public enum LogLevel {
    ERROR("error", System.Logger.Level.ERROR),
    WARNING("warning", System.Logger.Level.WARNING),
    INFO("info", System.Logger.Level.INFO),
    DEBUG("debug", System.Logger.Level.DEBUG);

    private final String label;
    private final System.Logger.Level level;

    LogLevel(final String label, final System.Logger.Level level) {
        this.label = label;
        this.level = level;
    }

    /** Name in configuration. */
    public String label() {
        return label;
    }

    /** The platform's level. */
    public System.Logger.Level level() {
        return level;
    }
}
