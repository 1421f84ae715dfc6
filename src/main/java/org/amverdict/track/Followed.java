package org.amverdict.track;

import org.amverdict.amanda.StreamName;

/**
 * What {@link FlowTable#follow} has just found of a packet's flow, and {@link FlowTable#open} when it ends; valid until
 * the next call of either. One for each {@link Scratch}, written by that table only.
 */
public final class Followed {
    private static final StreamName[] STREAMS = StreamName.values();

    /** Ordinal of the stream: storing a reference would cost more, for every packet. */
    int stream;

    boolean reply;
    boolean refused;
    long owner;
    long flowEndNanos;

    /** From here on, for refused flows only: the expectation that let it in. {@link AnnouncedBy}. */
    int announcedBy;

    boolean privilegedSource;
    long sides;
    long armedUntilNanos;

    public StreamName stream() {
        return STREAMS[stream];
    }

    /** Number of the transaction that announced the stream, 0 if none did. */
    public long owner() {
        return owner;
    }

    /** Whether the packet goes toward the host that connected. */
    public boolean reply() {
        return reply;
    }

    /**
     * Whether the packet was a RST that ended the connection before it began, so that the expectation that let it in
     * may be rearmed, see {@link ExpectationTable#rearm}.
     */
    public boolean refused() {
        return refused;
    }

    /** When the flow just followed, opened or challenged ends without more packets. */
    public long flowEndNanos() {
        return flowEndNanos;
    }
}
