package org.amverdict.track;

/**
 * Where one worker builds keys and where the tables leave what they found. One instance per worker, never shared; what
 * it holds is valid until the next call of any table with it.
 */
public final class Scratch {
    final long[] key = new long[FlowKey.WORDS];
    final long[] host = new long[2];

    long owner;
    int stream;
    long sinceNanos;
    boolean reply;

    /** Number of the transaction that announced the stream just found, 0 if none did. */
    public long owner() {
        return owner;
    }

    /** Ordinal of the {@link org.amverdict.amanda.StreamName} just found. */
    public int stream() {
        return stream;
    }

    /** How long the expectation just taken had been waiting. */
    public long sinceNanos() {
        return sinceNanos;
    }

    /** Whether the packet just followed goes towards the one who connected. */
    public boolean reply() {
        return reply;
    }
}
