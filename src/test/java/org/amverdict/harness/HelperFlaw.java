package org.amverdict.harness;

/** Why the kernel's helper judges an exchange differently from Amanda's intent: a closed list. */
public enum HelperFlaw {
    STOPS_AT_ABSENT(
            "stops-at-absent",
            "`-1` means an absent stream; the helper stops reading there and loses the streams after it"),
    KNOWS_FOUR_STREAMS("knows-four-streams", "it knows DATA, MESG, INDEX and STATE, and does not open CTL and CMD"),
    FORGETS_AFTER_TIMEOUT(
            "forgets-after-timeout",
            "it needs conntrack's entry for the UDP exchange, which ends 300 s after the last reply; an estimate may take hours"),
    DROPS_CLASHING_REPLY(
            "drops-clashing-reply",
            "it drops a reply completely if the reply names a port that another exchange still expects"),
    KEEPS_FOUR_PER_SOCKET(
            "keeps-four-per-socket",
            "it keeps at most four expectations per pair of UDP sockets: another exchange pushes out those of the first"),
    SHARES_ONE_TABLE(
            "shares-one-table",
            "all hosts share one table of expectations, 4096 on most machines: when one host fills it, the replies to the others are dropped"),
    READS_FIVE_DIGITS(
            "reads-five-digits",
            "it reads no more than five digits of a number: 499999, a handle of bsdudp, opens port 49999"),
    WRAPS_NUMBERS("wraps-numbers", "it keeps the low 16 bits of a number: 65558 opens port 22"),
    OPENS_ANY_PORT("opens-any-port", "it opens privileged ports and Amanda's own"),
    READS_ANY_TYPE(
            "reads-any-type",
            "it does not look at the type: NAK, PREP, ACK and text that is not Amanda's at all open ports"),
    READS_ANYWHERE("reads-anywhere", "it accepts the word CONNECT anywhere in the text, even in names and messages"),
    READS_LOOSELY(
            "reads-loosely",
            "it accepts names inside other words, in any order and number, and numbers with anything after them"),
    READS_PAST_ERROR(
            "reads-past-error",
            "a reply with an ERROR line is a refusal, whatever else it says; the helper opens its ports"),
    KNOWS_NO_TRANSACTION("knows-no-transaction", "it compares neither HANDLE nor SEQ with the request's"),
    KNOWS_NO_REQUEST(
            "knows-no-request",
            "it does not read the request: neither its service nor its options nor where it came from"),
    OPENS_AGAIN("opens-again", "a repeated reply opens ports again that were connected or acknowledged"),
    KEEPS_REVOKED("keeps-revoked", "ports that a later answer revoked stay open for 180 s"),
    TAKES_ANY_SOURCE("takes-any-source", "it checks neither the source port of a SYN nor the interface of a reply");

    private final String label;
    private final String text;

    HelperFlaw(final String label, final String text) {
        this.label = label;
        this.text = text;
    }

    /** Name in the table. */
    public String label() {
        return label;
    }

    /** One line for the reader. */
    public String text() {
        return text;
    }
}
