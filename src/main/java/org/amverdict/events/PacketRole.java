package org.amverdict.events;

import org.amverdict.engine.Reason;

/** What a packet does in the course of a session, for the code that keeps the history and writes the lines about it. */
public enum PacketRole {
    /** The requester asks. */
    REQUEST,
    /** The requester acknowledges an answer. */
    ACKNOWLEDGEMENT,
    /** The responder answers. */
    ANSWER,
    /** A connection that a reply announced begins. */
    ANNOUNCED_STREAM,
    /** A connection of legacy recovery begins, or announces another one. */
    LEGACY_RECOVERY,
    /** A connection that needs no announcement begins. */
    OTHER_STREAM,
    /** It changes nothing, or was dropped. */
    NONE;

    /** The role of a packet with that judgment. */
    public static PacketRole of(final Reason reason) {
        return switch (reason) {
            case REQUEST -> REQUEST;
            case ACK -> ACKNOWLEDGEMENT;
            case REPLY, REFUSED_REPLY -> ANSWER;
            case EXPECTED -> ANNOUNCED_STREAM;
            case LEGACY_RECOVERY -> LEGACY_RECOVERY;
            case CONTROL_TCP, STATIC -> OTHER_STREAM;
            case MALFORMED,
                    FRAGMENT,
                    MERGED,
                    NOT_ALLOWED,
                    BAD_CONTROL,
                    BAD_REQUEST,
                    SERVICE_NOT_ALLOWED,
                    WRONG_DIRECTION,
                    UNSOLICITED,
                    ESTABLISHED,
                    UNEXPECTED,
                    NO_FLOW,
                    RELATED,
                    NOT_AMANDA,
                    ERROR -> NONE;
        };
    }
}
