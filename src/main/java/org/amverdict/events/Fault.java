package org.amverdict.events;

/** Where the cause of a failure is. */
public enum Fault {
    /** This program stopped it. */
    HERE("here"),
    /** It passed, and mode enforce would have stopped it. */
    WOULD_BE_HERE("would-be-here"),
    /** This program let everything through. */
    ELSEWHERE("elsewhere");

    private final String label;

    Fault(final String label) {
        this.label = label;
    }

    /** Name in events. */
    public String label() {
        return label;
    }

    /** Of a packet that the decision stopped. */
    public static Fault of(final boolean enforced) {
        return enforced ? HERE : WOULD_BE_HERE;
    }
}
