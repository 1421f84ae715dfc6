package org.amverdict.amanda;

/**
 * Why a REP opened nothing: the closed list of the label {@code why}. The numbers are those of the checks in
 * amanda-protocol.md 9.2.
 */
public enum Refusal {
    /** Not refused. */
    NONE("none"),
    /** The datagram came in IP fragments that were not reassembled (9.3). */
    FRAGMENT("fragment"),
    /** A NUL in the datagram: real receivers stop reading there. */
    NUL("nul"),
    /** A line starts with ERROR or RETRY (check 7). */
    ERROR_LINE("error-line"),
    /** CONNECT is not the first line after SECURITY and OPTIONS (check 7). */
    MISPLACED("misplaced"),
    /** More than one CONNECT line (check 7). */
    REPEATED("repeated"),
    /** The CONNECT line has no line end (check 7). */
    UNTERMINATED("unterminated"),
    /** The service of the REQ has no streams (check 4). */
    NO_STREAMS("no-streams"),
    /** Not exactly {@code CONNECT <name> <number> ...} with single spaces (check 5). */
    SYNTAX("syntax"),
    /** The names are not one of the lists of the service (check 5). */
    STREAM_LIST("stream-list"),
    /** A stream that the request's features or options do not allow (check 6). */
    FEATURE("feature"),
    /** Not -1 or one to six digits without sign or leading zero (check 8). */
    NUMBER("number"),
    /** 0, a privileged port, one of Amanda's own ports, or a number that is not a port or handle (check 8). */
    PORT("port"),
    /** A port outside the allowance's stream ports (check 8). */
    PORT_NOT_ALLOWED("port-not-allowed"),
    /** The same port or handle twice (check 8). */
    DUPLICATE("duplicate"),
    /** Multiplex handles without a leading port, or mixed with further ports (check 8). */
    HANDLE("handle"),
    /** The requester has acknowledged a reply, or the responder refused: the transaction is closed (checks 11, 13). */
    CLOSED("closed"),
    /** A different reply after a stream of the earlier one was taken, or too many different replies (check 11). */
    CHANGED("changed"),
    /** More streams than {@code expectations.per-reply}. */
    TOO_MANY("too-many"),
    /** The requester's quota of expectations, or the table, is full (check 12). */
    LIMIT("limit"),
    /**
     * A connection to that port could be for another host behind the same public address, or for the same address
     * on another interface: the REP is dropped, and tried again when Amanda repeats it.
     */
    HELD_BACK("held-back"),
    /**
     * Legacy recovery: its text could not be read up to the CONNECT line, because the queue copies too little, bytes
     * passed unseen, or it is too long. The connection goes on.
     */
    UNREAD("unread"),
    /** More lines than any service with streams writes, so one of them might take the announcement back. */
    TOO_LONG("too-long");

    private final String label;

    Refusal(final String label) {
        this.label = label;
    }

    /** Name in metrics and events. */
    public String label() {
        return label;
    }
}
