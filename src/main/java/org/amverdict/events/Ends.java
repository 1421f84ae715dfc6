package org.amverdict.events;

/**
 * The two ends of a TCP connection; a key. Immutable.
 *
 * @param originatorHigh upper half of the address of the host that connected, IPv4 as ::ffff:a.b.c.d
 * @param responderHigh upper half of the address of the host that listens
 */
public record Ends(
        long originatorHigh,
        long originatorLow,
        int originatorPort,
        long responderHigh,
        long responderLow,
        int responderPort) {
    /** Those of a flow, or of a packet of the originator. */
    public static Ends of(final EventRecord event) {
        return new Ends(
                event.sourceHigh(),
                event.sourceLow(),
                event.sourcePort(),
                event.destinationHigh(),
                event.destinationLow(),
                event.destinationPort());
    }

    /** Those of the connection that a packet of the responder belongs to. */
    public static Ends answeredBy(final EventRecord event) {
        return new Ends(
                event.destinationHigh(),
                event.destinationLow(),
                event.destinationPort(),
                event.sourceHigh(),
                event.sourceLow(),
                event.sourcePort());
    }
}
