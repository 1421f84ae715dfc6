package org.amverdict.track;

/** How an expectation ended, as the label {@code cause} of metrics names it. */
public enum Removal {
    /** A SYN took it. */
    MATCHED("matched"),
    /** Nobody came in time. */
    EXPIRED("expired"),
    /** A NAK, a changed REP or a new owner of the port took it back. */
    REVOKED("revoked"),
    /** The table was full and this one had to go. */
    EVICTED("evicted"),
    /** The operator emptied the table. */
    FLUSHED("flushed");

    private final String label;

    Removal(final String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
