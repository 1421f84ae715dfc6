package org.amverdict.events;

/**
 * What the kernel's connection tracking reports about one TCP connection. In gate placement the queue sees only its SYN;
 * how it goes on and what it carried is known here at no cost per packet. Addresses are those that the engine sees: the
 * responder's is the one behind a translation.
 *
 * @param kind what happened
 * @param originatorHigh host that connected, IPv4 as ::ffff:a.b.c.d
 * @param responderHigh host that listens
 * @param originalPackets packets towards the listener, {@link #NOT_MEASURED} without {@code nf_conntrack_acct}
 * @param originalBytes IP bytes towards the listener, as originalPackets
 * @param replyPackets packets towards the host that connected, as originalPackets
 * @param replyBytes IP bytes towards the host that connected, as originalPackets
 */
public record TrackedConnection(
        Kind kind,
        long originatorHigh,
        long originatorLow,
        int originatorPort,
        long responderHigh,
        long responderLow,
        int responderPort,
        long originalPackets,
        long originalBytes,
        long replyPackets,
        long replyBytes) {
    /** A count that the kernel does not keep. */
    public static final long NOT_MEASURED = -1;

    /** What happened to the connection. */
    public enum Kind {
        /** The listener answered the SYN with a SYN/ACK. */
        ANSWERED,
        /** Both sides have closed it. */
        FINISHED,
        /** One side has reset it; before any {@link #ANSWERED} the listener has refused it. */
        RESET,
        /** The kernel forgot it without seeing its end: nobody answered, or it was silent for too long. */
        TIMED_OUT
    }
}
