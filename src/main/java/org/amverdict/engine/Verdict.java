package org.amverdict.engine;

/** The kernel's instruction for a packet. Source: linux/netfilter.h. */
public enum Verdict {
    /** NF_DROP, 0. */
    DROP("drop"),
    /** NF_ACCEPT, 1. */
    ACCEPT("accept");

    private final String label;

    Verdict(final String label) {
        this.label = label;
    }

    /** The kernel's number of this verdict. */
    public int code() {
        return ordinal();
    }

    /** Name in metrics and events. */
    public String label() {
        return label;
    }
}
