package org.amverdict.doctor;

/** Whether a rule matches a packet. MAYBE where that depends on what cannot be known, such as an interface. */
enum Answer {
    NO,
    MAYBE,
    YES;

    static Answer of(final boolean yes) {
        return yes ? YES : NO;
    }

    Answer and(final Answer other) {
        return compareTo(other) <= 0 ? this : other;
    }

    Answer negatedIf(final boolean negated) {
        if (!negated || this == MAYBE) {
            return this;
        }
        return this == YES ? NO : YES;
    }
}
