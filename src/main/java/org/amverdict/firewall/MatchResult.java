package org.amverdict.firewall;

/** Whether a rule matches a packet. MAYBE if that depends on something unknown, such as an interface. */
enum MatchResult {
    NO,
    MAYBE,
    YES;

    static MatchResult of(final boolean yes) {
        return yes ? YES : NO;
    }

    MatchResult and(final MatchResult other) {
        return compareTo(other) <= 0 ? this : other;
    }

    MatchResult negatedIf(final boolean negated) {
        if (!negated || this == MAYBE) {
            return this;
        }
        return this == YES ? NO : YES;
    }
}
