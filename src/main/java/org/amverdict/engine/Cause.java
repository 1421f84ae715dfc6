package org.amverdict.engine;

/**
 * What really blocked a packet, where the {@link Reason} alone does not say it: a fact at the moment the packet was
 * judged. The engine finds the causes that its tables show, for packets that it drops and at a bounded rate; the others
 * follow from the same history when the record is read. The names are part of the interface (events).
 */
public enum Cause {
    /** The reason says it all, or the drops came too fast to look. */
    NONE("none", false),
    /** A REQ from a port that no requester uses: usually a NAT box has changed it. */
    REQUESTER_PORT("requester-port", true),
    /** A REQ with the HANDLE and SEQ of another request. */
    OTHER_REQUEST("other-request", true),
    /** It fits in everything but the interface it came in through. */
    OTHER_INTERFACE("other-interface", true),
    /** An answer that fits in everything but its source address: the request went to another host. */
    OTHER_ADDRESS("other-address", true),
    /** A SYN to a port that is expected from another requester. */
    OTHER_REQUESTER("other-requester", true),
    /** A SYN to an expected port, but from a port that Amanda does not connect from. */
    SOURCE_PORT("source-port", true),
    /** Expected, or awaited, until its time ran out. */
    EXPIRED("expired", true),
    /** A REP that announces a port outside the line's stream ports. */
    PORT_OUTSIDE("port-outside", true),
    /** A SYN to a port that has already had its one connection. */
    ALREADY_TAKEN("already-taken", true),
    /** A reload took the expectation, or the request, back. */
    RELOADED("reloaded", true),
    /** The requester's share of a table was used up, so it was given up. */
    QUOTA("quota", true),
    /** The table was full, so it was given up. */
    TABLE_FULL("table-full", true),
    /** The operator emptied the table of expectations. */
    FLUSHED("flushed", true),
    /** The responder refused the request after it had announced the port. */
    REFUSED_BY_RESPONDER("refused-by-responder", true),
    /** A later REP announced other ports. */
    NEW_REPLY("new-reply", true),
    /** The REP that announced the port failed a check, so nothing was opened. */
    REPLY_REFUSED("reply-refused", true),
    /** An answer to a request that was already answered. */
    ANSWERED("answered", true),
    /** Another port is announced between these hosts, or was a short time before. */
    OTHER_PORT("other-port", false),
    /** TCP 10081, which Zmanda's client for Windows listens on. */
    WINDOWS_CLIENT("windows-client", true),
    /** TCP 10082 or 10083, which legacy amrecover connects to. */
    OLD_RECOVERY("old-recovery", true),
    /** No line of {@code allow} has these hosts in this direction. */
    NO_LINE("no-line", false),
    /** Nothing was announced between these hosts. */
    NOT_ANNOUNCED("not-announced", false),
    /** An answer without a known request. */
    NO_REQUEST("no-request", true);

    private final String label;
    private final boolean ofAmanda;

    Cause(final String label, final boolean ofAmanda) {
        this.label = label;
        this.ofAmanda = ofAmanda;
    }

    /** Name in events. */
    public String label() {
        return label;
    }

    /** Whether it shows that a packet that nothing let in has to do with an exchange. */
    public boolean isOfAmanda() {
        return ofAmanda;
    }
}
