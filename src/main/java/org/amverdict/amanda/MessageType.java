package org.amverdict.amanda;

/**
 * The type word of a control datagram. Source: Amanda common-src/packet.c and packet.h.
 */
public enum MessageType {
    /** Requester to responder: start a service. */
    REQ,
    /** Responder to requester: the complete reply; the only message that can announce ports. */
    REP,
    /** Responder to requester: the reply so far, for long estimates. Never announces ports. */
    PREP,
    /** Either way: received. Has no body. */
    ACK,
    /** Responder to requester: refused. Echoes text of the request, so do not trust it. */
    NAK
}
