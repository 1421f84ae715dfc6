package org.amverdict.track;

/** How a flow ended, as the label {@code cause} of events names it. */
public enum FlowEnd {
    /** Both sides have finished and acknowledged it. */
    FINISHED("finished"),
    /** One side has reset it. */
    RESET("reset"),
    /** The SYN was answered by a RST. */
    REFUSED("refused"),
    /** It was silent for longer than a flow is kept. */
    IDLE("idle"),
    /** Nothing of the responder was ever seen: only SYNs are queued, or no answer came. */
    UNFOLLOWED("unfollowed"),
    /** The table was full and this one had to go. */
    EVICTED("evicted"),
    /** A new connection of the same addresses and ports took its place. */
    REPLACED("replaced");

    private final String label;

    FlowEnd(final String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
