package org.amverdict.track;

import org.amverdict.amanda.StreamName;

/**
 * What has just ended in a table. One instance for each {@link Scratch}, overwritten by the next ending; written by the
 * tables only.
 */
public final class Ending {
    /** What ended. */
    public enum Kind {
        /** A connection, see {@link #flowEnd()}; what more comes of it is told as one more ending with all of it. */
        FLOW,
        /** An expectation that nobody took, see {@link #removal()}. */
        EXPECTATION,
        /** A transaction without a REP, see {@link #removal()}. Has a number and nothing else. */
        TRANSACTION
    }

    Kind kind = Kind.FLOW;
    FlowEnd flowEnd = FlowEnd.IDLE;
    Removal removal = Removal.EXPIRED;
    StreamName stream = StreamName.DATA;
    long owner;
    long originatorHigh;
    long originatorLow;
    int originatorPort;
    long responderHigh;
    long responderLow;
    int responderPort;
    long openedNanos;
    long lastNanos;
    long originalPackets;
    long originalBytes;
    long replyPackets;
    long replyBytes;
    long longestGapNanos;
    boolean rearmed;
    boolean told;

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
        return stream;
    }

    /** Number of the transaction: itself, or the one that announced the stream; 0 if none did, negative in old recovery. */
    public long owner() {
        return owner;
    }

    /** Of the host that connected, or was to. */
    public long originatorHigh() {
        return originatorHigh;
    }

    public long originatorLow() {
        return originatorLow;
    }

    /** 0 for an expectation. */
    public int originatorPort() {
        return originatorPort;
    }

    /** Of the host that listens. */
    public long responderHigh() {
        return responderHigh;
    }

    public long responderLow() {
        return responderLow;
    }

    public int responderPort() {
        return responderPort;
    }

    /** When the flow's first packet was judged, in the clock's nanoseconds. */
    public long openedNanos() {
        return openedNanos;
    }

    /** When its last one was. */
    public long lastNanos() {
        return lastNanos;
    }

    /** Packets towards the listener. */
    public long originalPackets() {
        return originalPackets;
    }

    /** IP bytes towards the listener. */
    public long originalBytes() {
        return originalBytes;
    }

    public long replyPackets() {
        return replyPackets;
    }

    public long replyBytes() {
        return replyBytes;
    }

    /** Longest time without a packet, in whole milliseconds, 0 if it never was {@link FlowTable#GAP_MIN_NANOS}. */
    public long longestGapNanos() {
        return longestGapNanos;
    }

    /** The connection was refused, and is expected once more. */
    public boolean rearmed() {
        return rearmed;
    }

    /** Of a flow that was only looked at: it is over, that was told, and nothing came since. */
    public boolean told() {
        return told;
    }
}
