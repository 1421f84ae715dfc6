package org.amverdict.engine;

import java.util.List;

/** The kernel's instruction for a packet. Source: linux/netfilter.h. */
public enum Verdict {
    /** NF_DROP. */
    DROP("drop", 0),
    /** NF_ACCEPT: no further rule of the table, or of the base chain in nft, sees the packet. */
    ACCEPT("accept", 1),
    /**
     * NF_REPEAT with a mark: the packet enters the chain that queued it once more, and a rule for the mark at the head
     * of our chain leaves it to the site's own rules.
     */
    CONTINUE("continue", 4);

    /** The verdicts that decide for good. */
    public static final List<Verdict> FINAL = List.of(DROP, ACCEPT);

    private final String label;
    private final int code;

    Verdict(final String label, final int code) {
        this.label = label;
        this.code = code;
    }

    /** The kernel's number of this verdict. */
    public int code() {
        return code;
    }

    /** Name in metrics and events. */
    public String label() {
        return label;
    }
}
