package org.amverdict.engine;

/**
 * What really stood in the way of a packet, where the {@link Reason} alone does not say it: a fact of the moment at which
 * the packet was judged. The engine finds those that its tables know, for packets that it drops and at a bounded rate;
 * the others follow from the same history when the record is read. The names are part of the interface (events).
 */
public enum Cause {
    /** The reason says all, or nobody looked because the drops came too fast. */
    NONE("none"),
    /** A REQ from a port that no requester uses: most often a NAT box has changed it. */
    REQUESTER_PORT("requester-port"),
    /** A REQ with the HANDLE and SEQ of another request. */
    OTHER_REQUEST("other-request"),
    /** It fits in everything but the interface it came in by. */
    OTHER_INTERFACE("other-interface"),
    /** An answer that fits in everything but the address it came from: another host was asked. */
    OTHER_ADDRESS("other-address"),
    /** A SYN to a port that is expected from another requester. */
    OTHER_REQUESTER("other-requester"),
    /** A SYN to an expected port, but from a port that Amanda does not connect from. */
    SOURCE_PORT("source-port"),
    /** Expected, or awaited, until its time was over. */
    EXPIRED("expired"),
    /** A REP that announces a port outside the line's stream ports. */
    PORT_OUTSIDE("port-outside"),
    /** A SYN to a port whose one connection was made already. */
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
    /** An answer to a request that had its answer already. */
    ANSWERED("answered"),
    /** Another port is announced between these hosts, or was a short time before. */
    OTHER_PORT("other-port"),
    /** TCP 10081, which Zmanda's client for Windows listens on. */
    WINDOWS_CLIENT("windows-client"),
    /** TCP 10082 or 10083, which amrecover of old connects to. */
    OLD_RECOVERY("old-recovery"),
    /** No line of {@code allow} has these hosts in this direction. */
    NO_LINE("no-line"),
    /** Nothing was announced between these hosts. */
    NOT_ANNOUNCED("not-announced"),
    /** An answer, and no such request was seen. */
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
