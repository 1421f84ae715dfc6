package org.amverdict.conntrack;

/** Which connections anybody wants to hear of; called for every event, so it must be cheap and allocate nothing. */
@FunctionalInterface
public interface Interest {
    /**
     * Whether somebody does.
     *
     * @param originatorHigh host that connects, IPv4 as ::ffff:a.b.c.d
     * @param responderHigh host that listens
     * @param responderPort where it listens
     */
    boolean wants(long originatorHigh, long originatorLow, long responderHigh, long responderLow, int responderPort);
}
