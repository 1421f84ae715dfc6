package org.amverdict.firewall;

/**
 * A word of 32 bits of which some are known: a mark, the flags of a TCP header, the state of a connection. Immutable.
 *
 * @param value of the bits that are known; 0 where they are not
 * @param mask the bits that are known
 */
record Bits(long value, long mask) {
    static final long ALL = 0xffff_ffffL;
    static final Bits UNKNOWN = new Bits(0, 0);

    Bits {
        mask &= ALL;
        value &= mask;
    }

    static Bits of(final long value) {
        return new Bits(value, ALL);
    }

    Bits and(final Bits other) {
        final long zeros = (mask & ~value) | (other.mask & ~other.value);
        return new Bits(value & other.value, zeros | (mask & other.mask));
    }

    Bits or(final Bits other) {
        final long ones = value | other.value;
        return new Bits(ones, ones | (mask & other.mask));
    }

    Bits xor(final Bits other) {
        return new Bits(value ^ other.value, mask & other.mask);
    }

    Bits shiftedLeft(final int count) {
        return new Bits(value << count, (mask << count) | ((1L << count) - 1));
    }

    Bits shiftedRight(final int count) {
        return new Bits(value >>> count, (mask >>> count) | ~(ALL >>> count));
    }

    /** These bits are no longer known. */
    Bits without(final long bits) {
        return new Bits(value, mask & ~bits);
    }

    /** What both have in common: the bits after one of two ways. */
    Bits join(final Bits other) {
        return new Bits(value, mask & other.mask & ~(value ^ other.value));
    }

    /** Equal in all 32 bits. */
    Certainty equal(final Bits other) {
        final long both = mask & other.mask;
        if ((both & (value ^ other.value)) != 0) {
            return Certainty.NO;
        }
        return both == ALL ? Certainty.YES : Certainty.PERHAPS;
    }
}
