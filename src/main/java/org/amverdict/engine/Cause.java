package org.amverdict.engine;

/**
 * What really blocked a packet, where the {@link Reason} alone does not say it: a fact at the moment the packet was
 * judged. The engine finds the causes that its tables show, for packets that it drops and at a bounded rate; the others
 * follow from the same history when the record is read. The names are part of the interface (events).
 */
public enum Cause {
    /** The reason says it all, or the drops came too fast to look. */
    NONE("none"),
    /** A REQ from a port that no requester uses: usually a NAT box has changed it. */
    REQUESTER_PORT("requester-port"),
    /** A REQ with the HANDLE and SEQ of another request. */
    OTHER_REQUEST("other-request"),
    /** It fits in everything but the interface it came in through. */
    OTHER_INTERFACE("other-interface"),
    /** An answer that fits in everything but its source address: the request went to another host. */
    OTHER_ADDRESS("other-address"),
    /** A SYN to a port that is expected from another requester. */
    OTHER_REQUESTER("other-requester"),
    /** A SYN to an expected port, but from a port that Amanda does not connect from. */
    SOURCE_PORT("source-port"),
    /** Expected, or awaited, until its time ran out. */
    EXPIRED("expired"),
    /** A REP that announces a port outside the line's stream ports. */
    PORT_OUTSIDE("port-outside"),
    /** A SYN to a port that has already had its one connection. */
    ALREADY_TAKEN("already-taken"),
    /** A reload took the expectation, or the request, back. */
    RELOADED("reloaded"),
    /** The requester's share of a table was used up, so it was given up. */
    QUOTA("quota"),
    /** The table was full, so it was given up. */
    TABLE_FULL("table-full"),
    /** The operator emptied the table of expectations. */
    FLUSHED("flushed"),
    /** The responder refused the request after it had announced the port. */
    REFUSED_BY_RESPONDER("refused-by-responder"),
    /** A later REP announced other ports. */
    NEW_REPLY("new-reply"),
    /** The REP that announced the port failed a check, so nothing was opened. */
    REPLY_REFUSED("reply-refused"),
    /** An answer to a request that was already answered. */
    ANSWERED("answered"),
    /** Another port is announced between these hosts, or was a short time before. */
    OTHER_PORT("other-port"),
    /** TCP 10081, which Zmanda's client for Windows listens on. */
    WINDOWS_CLIENT("windows-client"),
    /** TCP 10082 or 10083, which legacy amrecover connects to. */
    OLD_RECOVERY("old-recovery"),
    /** No line of {@code allow} has these hosts in this direction. */
    NO_LINE("no-line"),
    /** Nothing was announced between these hosts. */
    NOT_ANNOUNCED("not-announced"),
    /** An answer without a known request. */
    NO_REQUEST("no-request");

    private final String label;

    Cause(final String label) {
        this.label = label;
    }

    /** Name in events. */
    public String label() {
        return label;
    }
}
