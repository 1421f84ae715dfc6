package org.amverdict.track;

import org.amverdict.amanda.StreamName;

/**
 * What has just ended in a table. One instance for each {@link Scratch}, overwritten by the next ending; written by the
 * tables only.
 */
public final class Ending {
    /** What ended. */
    public enum Kind {
        /**
         * A connection, see {@link #flowEnd()}; any later packets are reported as one more ending with the full totals.
         */
        FLOW,
        /** An expectation that no SYN took, see {@link #removal()}. */
        EXPECTATION,
        /** A transaction without a REP, see {@link #removal()}. Has a number and nothing else. */
        TRANSACTION
    }

    Kind kind = Kind.FLOW;
    FlowEnd flowEnd = FlowEnd.IDLE;
    Removal removal = Removal.EXPIRED;
    boolean rearmed;
    /** Complete for a flow; for the others, what they have. */
    final FlowSnapshot figures = new FlowSnapshot();

    /** All figures of a flow; an expectation has none and no originator port, a transaction only the owner. */
    public FlowSnapshot figures() {
        return figures;
    }

    public Kind kind() {
        return kind;
    }

    /** How the flow ended. */
    public FlowEnd flowEnd() {
        return flowEnd;
    }

    /** How the expectation or the transaction ended. */
    public Removal removal() {
        return removal;
    }

    public StreamName stream() {
        return figures.stream;
    }

    /**
     * Number of the transaction: itself, or the one that announced the stream; 0 if none did, negative in legacy
     * recovery.
     */
    public long owner() {
        return figures.owner;
    }

    /** Address of the host that connected, or was expected to. */
    public long originatorHigh() {
        return figures.tuple.sourceHigh();
    }

    public long originatorLow() {
        return figures.tuple.sourceLow();
    }

    /** 0 for an expectation. */
    public int originatorPort() {
        return figures.tuple.sourcePort();
    }

    /** Address of the listening host. */
    public long responderHigh() {
        return figures.tuple.destinationHigh();
    }

    public long responderLow() {
        return figures.tuple.destinationLow();
    }

    public int responderPort() {
        return figures.tuple.destinationPort();
    }

    /** When the flow's first packet was judged, in the clock's nanoseconds. */
    public long openedNanos() {
        return figures.openedNanos;
    }

    /** When its last packet was. */
    public long lastNanos() {
        return figures.lastNanos;
    }

    /** Packets toward the listener. */
    public long originalPackets() {
        return figures.originalPackets;
    }

    /** IP bytes toward the listener. */
    public long originalBytes() {
        return figures.originalBytes;
    }

    public long replyPackets() {
        return figures.replyPackets;
    }

    public long replyBytes() {
        return figures.replyBytes;
    }

    /** Longest time without a packet, in whole milliseconds, 0 if it never was {@link FlowTable#GAP_MIN_NANOS}. */
    public long longestGapNanos() {
        return figures.longestGapNanos;
    }

    /** The connection was refused and is expected again. */
    public boolean rearmed() {
        return rearmed;
    }
}
