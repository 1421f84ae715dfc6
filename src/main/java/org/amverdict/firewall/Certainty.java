package org.amverdict.firewall;

/**
 * How sure an answer about a packet is. PERHAPS stands for everything that cannot be known from the rules: a condition
 * that depends on the hour, a rate or an interface, or a rule that could not be read. It never turns into a yes or a no
 * on its way through a walk: only a rule that decides alike for both cases ends it.
 */
public enum Certainty {
    NO,
    PERHAPS,
    YES;

    static Certainty of(final boolean yes) {
        return yes ? YES : NO;
    }

    /** No longer sure if the contrary may be true as well. */
    Certainty butPerhapsNot(final boolean contrary) {
        return contrary ? and(PERHAPS) : this;
    }

    /** Both conditions hold. */
    Certainty and(final Certainty other) {
        return compareTo(other) <= 0 ? this : other;
    }

    /** One of both conditions holds. */
    Certainty or(final Certainty other) {
        return compareTo(other) >= 0 ? this : other;
    }

    Certainty not() {
        return this == PERHAPS ? PERHAPS : of(this == NO);
    }
}
