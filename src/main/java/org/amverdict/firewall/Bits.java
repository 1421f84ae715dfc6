package org.amverdict.firewall;

/**
 * A word of 32 bits of which some are known: a mark, the flags of a TCP header, the state of a connection. Immutable.
 *
 * @param known the bits that are known
 * @param value their values; 0 where they are not known
 */
record Bits(long known, long value) {
    static final long ALL = 0xffff_ffffL;
    static final Bits UNKNOWN = new Bits(0, 0);

    Bits {
        known &= ALL;
        value &= known;
    }

    static Bits of(final long value) {
        return new Bits(ALL, value);
    }

    Bits and(final Bits other) {
        final long zeros = known & ~value | other.known & ~other.value;
        return new Bits(zeros | known & other.known, value & other.value);
    }

    Bits or(final Bits other) {
        final long ones = value | other.value;
        return new Bits(ones | known & other.known, ones);
    }

    Bits xor(final Bits other) {
        return new Bits(known & other.known, value ^ other.value);
    }

    Bits shiftedLeft(final int count) {
        return new Bits(known << count | (1L << count) - 1, value << count);
    }

    Bits shiftedRight(final int count) {
        return new Bits(known >>> count | ~(ALL >>> count), value >>> count);
    }

    /** These bits are no longer known. */
    Bits without(final long bits) {
        return new Bits(known & ~bits, value);
    }

    /** What both have in common: the bits after one of two ways. */
    Bits join(final Bits other) {
        return new Bits(known & other.known & ~(value ^ other.value), value);
    }

    /** Equal in all 32 bits. */
    Certainty equal(final Bits other) {
        final long both = known & other.known;
        if ((both & (value ^ other.value)) != 0) {
            return Certainty.NO;
        }
        return both == ALL ? Certainty.YES : Certainty.PERHAPS;
    }
}
