package org.amverdict.track;

/**
 * Where one worker builds keys and where the tables leave what they found. One instance per worker, never shared; what
 * it holds is valid until the next call of any table with it.
 */
public final class Scratch {
    /** Longs in the longest record of any table. */
    private static final int RECORD_MAX = 32;

    final long[] key = new long[TableKey.WORDS];
    final long[] host = new long[2];
    /** The record that was just removed, or reported on, key first. */
    final long[] record = new long[RECORD_MAX];

    final Ending ending = new Ending();
    private final Endings endings;

    long owner;
    int stream;
    /** {@link AnnouncedBy} of the expectation just taken, or to be armed again. */
    int announcedBy;

    long sinceNanos;
    boolean reply;
    boolean refused;
    boolean replaced;
    boolean privilegedSource;
    long deadlineNanos;
    long sides;
    long flowEndNanos;
    long otherHigh;
    long otherLow;

    /** For who does not want to hear what ends. */
    public Scratch() {
        this(Endings.NONE);
    }

    /** @param endings hears what ends by what is done with this scratch */
    public Scratch(final Endings endings) {
        this.endings = endings;
    }

    /** Tells of {@link #ending}; no stripe may be locked. */
    void tell() {
        endings.ended(ending);
    }

    /** Whether anybody hears it. */
    boolean heard() {
        return endings != Endings.NONE;
    }

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

    /**
     * Whether the packet just followed was a RST that ended the connection before it began, so that the expectation that
     * let it in may be armed again.
     */
    public boolean refused() {
        return refused;
    }

    /** Whether the expectation just taken, or to be armed again, is for a privileged source port. */
    public boolean privilegedSource() {
        return privilegedSource;
    }

    /** When the expectation just taken ends; of a refused flow, when its expectation does; 0 if it may not be armed. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** When the flow that was just followed, opened or challenged ends unless it has more packets. */
    public long flowEndNanos() {
        return flowEndNanos;
    }

    /** Address of the host that {@link ExpectationTable#otherRequester} found, upper half. */
    public long otherHigh() {
        return otherHigh;
    }

    public long otherLow() {
        return otherLow;
    }

    /** {@link Sides} of what was just found. */
    public long sides() {
        return sides;
    }
}
