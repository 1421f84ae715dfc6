package org.amverdict.engine;

/**
 * Why a packet was accepted or dropped: the rows of the decision table in architecture.md, in its order. The names are
 * part of the interface (metrics, events, replay).
 */
public enum Reason {
    /** A length, version, address or flag that no well-formed packet has. */
    MALFORMED("malformed"),
    /** A later fragment without a known first fragment, or overlapping it; any fragment of an ICMP error. */
    FRAGMENT("fragment"),
    /** UDP datagrams merged into one packet: only the first could be judged. */
    MERGED("merged"),
    /** No allowance for this requester and responder. */
    NOT_ALLOWED("not-allowed"),
    /** Sent to a control port without a valid Amanda header line. */
    BAD_CONTROL("bad-control"),
    /** A REQ that is not well-formed, or hostile. */
    BAD_REQUEST("bad-request"),
    /** A REQ for a service that the allowance has. */
    REQUEST("request"),
    /** A REQ for a service that no allowance of this host pair has. */
    SERVICE_NOT_ALLOWED("service-not-allowed"),
    /** The requester acknowledges a reply. */
    ACK("ack"),
    /** A type of message that this side never sends. */
    WRONG_DIRECTION("wrong-direction"),
    /** From a control port, but not an answer to any known request. */
    UNSOLICITED("unsolicited"),
    /** ACK, PREP, NAK or a good REP of the responder. */
    REPLY("reply"),
    /** A REP that failed a check: opens nothing; accepted or dropped by {@code refused-reply}. */
    REFUSED_REPLY("refused-reply"),
    /** TCP of a known flow. */
    ESTABLISHED("established"),
    /** TCP SYN to a control port: auth bsdtcp. */
    CONTROL_TCP("control-tcp"),
    /** TCP SYN of legacy amrecover. */
    LEGACY_RECOVERY("legacy-recovery"),
    /** TCP SYN that a reply announced. */
    EXPECTED("expected"),
    /** TCP SYN to a configured static range. */
    STATIC("static"),
    /** TCP SYN that no reply announced. */
    UNEXPECTED("unexpected"),
    /** TCP, not a SYN, and not part of a known flow. */
    NO_FLOW("no-flow"),
    /** ICMP error about something known. */
    RELATED("related"),
    /** Everything else. */
    NOT_AMANDA("not-amanda"),
    /** The engine itself failed on this packet; never seen in a correct program. */
    ERROR("error");

    private final String label;

    Reason(final String label) {
        this.label = label;
    }

    /** Name in metrics, events and replay. */
    public String label() {
        return label;
    }

    /** Whether it says that the packet is not Amanda's: the key {@code other-traffic} says what becomes of these. */
    public boolean isOther() {
        return this == UNEXPECTED || this == NO_FLOW || this == NOT_AMANDA;
    }
}
