package org.amverdict.rules;

/** How the installed rules stand to the wanted ones. */
public enum RuleStanding {
    /** As wanted, and before all others that may decide about the same packets. */
    IN_PLACE("in-place"),
    /** As wanted, but other rules of the same chain may decide about the same packets before them. */
    NOT_FIRST("not-first"),
    /** Some rules are missing, changed or left over. */
    INCOMPLETE("incomplete"),
    /** No rule sends packets to our chains. */
    GONE("gone"),
    /** They could not be read. */
    UNKNOWN("unknown"),
    /** Nobody looks. */
    OFF("off");

    private final String label;

    RuleStanding(final String label) {
        this.label = label;
    }

    /** Name in JSON. */
    public String label() {
        return label;
    }
}
