package org.amverdict.config;

/** What the program does about the firewall's rules that lead to its queues. */
public enum WatchRules {
    /** It does not look at them. */
    OFF("off"),
    /** It looks, and reports when they are not in place. */
    REPORT("report"),
    /** It also puts them back, as the last {@code rules --apply} loaded them. */
    RESTORE("restore");

    private final String label;

    WatchRules(final String label) {
        this.label = label;
    }

    /** Name in configuration. */
    public String label() {
        return label;
    }
}
