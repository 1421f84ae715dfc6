package org.amverdict.track;

/** How an expectation ended, as the label {@code cause} of metrics names it. */
public enum Removal {
    /** A SYN took it. */
    MATCHED("matched"),
    /** No SYN came in time. */
    EXPIRED("expired"),
    /** A changed REP or a new owner of the port took it back. */
    REVOKED("revoked"),
    /** The table was full and this one had to go. */
    EVICTED("evicted"),
    /** The operator emptied the table. */
    FLUSHED("flushed"),
    /** The responder refused the request with a NAK after it had announced the port. */
    NAK("nak"),
    /** A reload took it back: the new configuration forbids it. */
    RELOADED("reloaded"),
    /** Its requester had used up its share of a table. */
    QUOTA("quota");

    private final String label;

    Removal(final String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
