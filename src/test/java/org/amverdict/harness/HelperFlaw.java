package org.amverdict.harness;

/** Why the kernel's helper judges an exchange otherwise than Amanda means it: a closed list. */
public enum HelperFlaw {
    STOPS_AT_ABSENT(
            "stops-at-absent", "`-1` means a stream that is not there; the helper stops reading and the next are lost"),
    KNOWS_FOUR_STREAMS("knows-four-streams", "it knows DATA, MESG, INDEX and STATE; CTL and CMD are not opened"),
    FORGETS_AFTER_TIMEOUT(
            "forgets-after-timeout",
            "it needs conntrack's entry of the UDP exchange, which ends 300 s after the last reply; an estimate may take hours"),
    DROPS_CLASHING_REPLY(
            "drops-clashing-reply", "a reply that names a port which another exchange still expects is dropped whole"),
    KEEPS_FOUR_PER_SOCKET(
            "keeps-four-per-socket",
            "at most four expectations for each pair of UDP sockets: another exchange pushes out those of the first"),
    SHARES_ONE_TABLE(
            "shares-one-table",
            "all hosts share one table of expectations, 4096 on most machines: when one fills it, the replies to the others are dropped"),
    READS_FIVE_DIGITS(
            "reads-five-digits",
            "it reads no more than five digits of a number: 499999, a handle of bsdudp, opens port 49999"),
    WRAPS_NUMBERS("wraps-numbers", "it keeps the low 16 bits of a number: 65558 opens port 22"),
    OPENS_ANY_PORT("opens-any-port", "it opens privileged ports and Amanda's own"),
    READS_ANY_TYPE(
            "reads-any-type", "it does not look at the type: NAK, PREP, ACK and what is no Amanda at all open ports"),
    READS_ANYWHERE("reads-anywhere", "it takes the word CONNECT anywhere in the text, in names and messages too"),
    READS_LOOSELY(
            "reads-loosely",
            "it takes names inside of other words, in any order and number, and numbers with anything behind them"),
    READS_PAST_ERROR(
            "reads-past-error",
            "a reply with an ERROR line is a refusal, whatever else it says; the helper opens its ports"),
    KNOWS_NO_TRANSACTION("knows-no-transaction", "it compares neither HANDLE nor SEQ with the request's"),
    KNOWS_NO_REQUEST(
            "knows-no-request",
            "it does not read the request: neither its service nor its options nor where it came from"),
    OPENS_AGAIN("opens-again", "a repeated reply opens again what was connected or acknowledged"),
    KEEPS_REVOKED("keeps-revoked", "ports that a later answer took back stay open for 180 s"),
    TAKES_ANY_SOURCE("takes-any-source", "it looks at neither the source port of a SYN nor the interface of a reply");

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
