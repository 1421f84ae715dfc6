package org.amverdict.report;

/** The kinds of failure, from the most telling one: of several in one exchange the first is reported. */
enum Kind {
    /** A request that was dropped. */
    REQUEST_DROPPED("request-dropped", "the request was dropped"),
    /** The requester's share of the table, the table, or a reload took the request back. */
    GIVEN_UP("given-up", "given up"),
    /** The responder refused the request. */
    NAK("nak", "refused by the client"),
    /** A REP came that failed a check, and opened nothing. */
    REPLY_REFUSED("reply-refused", "the REP opened nothing"),
    /** The responder says that the service failed. */
    ERROR("error", "the client reports an error"),
    /** An answer that was dropped. */
    ANSWER_DROPPED("answer-dropped", "the answer was dropped"),
    /** The responder acknowledged the request, and no REP came. */
    NO_REPLY("no-reply", "acknowledged, never answered"),
    /** Nothing came back. */
    UNANSWERED("unanswered", "no answer"),
    /** The REP was repeated and never acknowledged. */
    NOT_ACKNOWLEDGED("not-acknowledged", "the REP did not arrive"),
    /** A SYN to an announced port was dropped. */
    SYN_DROPPED("syn-dropped", "a connection was dropped"),
    /** A reload, an operator or a full table took an announced port back. */
    TAKEN_BACK("taken-back", "an announced port was taken back"),
    /** No SYN came. */
    NEVER_CONNECTED("never-connected", "never connected"),
    /** The listener refused it. */
    REFUSED_STREAM("refused", "the connection was refused"),
    /** Nobody answered the SYN. */
    NO_ANSWER("no-answer", "nobody answered the connection"),
    /** It ended as no stream should. */
    BROKEN_OFF("broken-off", "a stream broke off"),
    /** Nothing is wrong. */
    NONE("none", "nothing");

    private final String label;
    private final String words;

    Kind(final String label, final String words) {
        this.label = label;
        this.words = words;
    }

    /** Name in JSON. */
    String label() {
        return label;
    }

    /** For a heading. */
    String words() {
        return words;
    }
}
