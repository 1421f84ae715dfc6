package org.amverdict.conntrack;

/** Which connections to report; called for every event, so it must be cheap and allocate nothing. */
@FunctionalInterface
public interface Interest {
    /**
     * Whether to report this connection.
     *
     * @param originatorHigh host that connects, IPv4 as ::ffff:a.b.c.d
     * @param responderHigh host that listens
     * @param responderPort where it listens
     */
    boolean wants(long originatorHigh, long originatorLow, long responderHigh, long responderLow, int responderPort);
}
