package org.amverdict.track;

import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;

/** An expectation as a report sees it. Reused for the next one; written by its table only. */
public final class ExpectationSnapshot {
    final Tuple tuple = new Tuple();
    StreamName stream = StreamName.DATA;
    long owner;
    long createdNanos;
    long deadlineNanos;

    /** From the requester, whose port is 0, to the port of the responder. */
    public Tuple tuple() {
        return tuple;
    }

    public StreamName stream() {
        return stream;
    }

    /** Number of the transaction that announced it. */
    public long owner() {
        return owner;
    }

    /** When it was announced, in the clock's nanoseconds. */
    public long createdNanos() {
        return createdNanos;
    }

    /** When it expires; the record may stay for a while after that. */
    public long deadlineNanos() {
        return deadlineNanos;
    }
}
