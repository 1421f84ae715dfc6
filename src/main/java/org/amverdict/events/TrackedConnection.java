package org.amverdict.events;

/**
 * What the kernel's connection tracking reports about one TCP connection. In gate placement the queue sees only its
 * SYN; this reports its progress and byte counts at no cost per packet. Addresses are those that the engine sees: the
 * responder's is the one behind a translation.
 *
 * @param kind what happened
 * @param counts of an end; {@link StreamCounts#NONE} of an answer
 */
public record TrackedConnection(Kind kind, Ends ends, StreamCounts counts) {
    /** A count that the kernel does not keep. */
    public static final long NOT_MEASURED = StreamCounts.NOT_MEASURED;

    /** What happened to the connection. */
    public enum Kind {
        /** The listener answered the SYN with a SYN/ACK. */
        ANSWERED,
        /** Both sides have closed it. */
        FINISHED,
        /** One side has reset it; before any {@link #ANSWERED}, the listener refused it. */
        RESET,
        /** The kernel forgot it without seeing its end: it was never answered, or was silent for too long. */
        TIMED_OUT
    }

    public long originatorHigh() {
        return ends.source().high();
    }

    public long originatorLow() {
        return ends.source().low();
    }

    public int originatorPort() {
        return ends.sourcePort();
    }

    public long responderHigh() {
        return ends.destination().high();
    }

    public long responderLow() {
        return ends.destination().low();
    }

    public int responderPort() {
        return ends.destinationPort();
    }

    /** Packets to the listener. */
    public long originalPackets() {
        return counts.originalPackets();
    }

    /** IP bytes to the listener. */
    public long originalBytes() {
        return counts.originalBytes();
    }

    /** Packets to the connecting host. */
    public long replyPackets() {
        return counts.replyPackets();
    }

    /** IP bytes to the connecting host. */
    public long replyBytes() {
        return counts.replyBytes();
    }
}
