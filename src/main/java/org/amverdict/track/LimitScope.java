package org.amverdict.track;

/** Which limit was reached: one requester's quota, or the whole table. */
public enum LimitScope {
    REQUESTER("requester"),
    GLOBAL("global");

    private final String label;

    LimitScope(final String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
