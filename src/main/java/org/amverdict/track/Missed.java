package org.amverdict.track;

/**
 * What {@link NearExpectations#miss} and {@link NearExpectations#otherRequester} have just found of an expectation that
 * was not taken; valid until their next call. One for each {@link Scratch}, written by that table only.
 */
public final class Missed {
    long sides;
    long expiredNanos;
    long otherHigh;
    long otherLow;

    /** {@link InterfacePair} of the expectation. */
    public long sides() {
        return sides;
    }

    /** When its time ran out. */
    public long expiredNanos() {
        return expiredNanos;
    }

    /** Address of the expected requester, upper half. */
    public long otherHigh() {
        return otherHigh;
    }

    public long otherLow() {
        return otherLow;
    }
}
