package org.amverdict.policy;

/**
 * What the policy says about a SYN that is not expected: the rows of the decision table, from the first that applies.
 * {@link Policy#admission} finds it, for the judge of packets and for {@code why}.
 */
public enum Admission {
    /** To a control port, between hosts of one allowance: a connection of auth bsdtcp. */
    CONTROL,
    /**
     * To amandaidx or amidxtape, from a privileged port, between hosts of one allowance with {@code legacy-recovery}.
     */
    LEGACY,
    /** Into a static range between these hosts. */
    STATIC,
    /** Nothing lets it in. */
    NONE;

    /** A source port that blocks no admission, for a question that names none. */
    public static final int ANY_SOURCE_PORT = PortSet.PRIVILEGED_MAX;
}
