package org.amverdict.track;

import org.amverdict.amanda.StreamName;

/**
 * The expectation that {@link ExpectationTable#consume} has just taken; valid until the next is taken. One for each
 * {@link Scratch}, written by that table only.
 */
public final class Taken {
    StreamName stream = StreamName.DATA;
    /** {@link AnnouncedBy}. */
    int announcedBy;

    boolean privilegedSource;
    long owner;
    long sides;
    long armedUntilNanos;
    long waitedNanos;

    public StreamName stream() {
        return stream;
    }

    /** Number of the transaction that announced it. */
    public long owner() {
        return owner;
    }

    /** How long it had been waiting. */
    public long waitedNanos() {
        return waitedNanos;
    }
}
