package org.amverdict.track;

import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;

/**
 * The figures of a flow at about one moment, as a report sees it. One instance for each {@link Scratch}, overwritten by
 * the next flow that is read or ends; written by the tables only.
 */
public final class FlowSnapshot {
    final Tuple tuple = new Tuple();
    StreamName stream = StreamName.DATA;
    long owner;
    long openedNanos;
    long lastNanos;
    long originalPackets;
    long originalBytes;
    long replyPackets;
    long replyBytes;
    long longestGapNanos;
    boolean endReported;

    /** From the host that connected to the one that listens. */
    public Tuple tuple() {
        return tuple;
    }

    public StreamName stream() {
        return stream;
    }

    /** Number of the transaction that announced the stream; 0 if none did, negative in legacy recovery. */
    public long owner() {
        return owner;
    }

    /** When the flow's first packet was judged, in the clock's nanoseconds. */
    public long openedNanos() {
        return openedNanos;
    }

    /** When its last packet was. */
    public long lastNanos() {
        return lastNanos;
    }

    /** Packets toward the listener. */
    public long originalPackets() {
        return originalPackets;
    }

    /** IP bytes toward the listener. */
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

    /** Whether it is over, that has been reported, and nothing came since. */
    public boolean endReported() {
        return endReported;
    }
}
