package org.amverdict.interleaving;

/** What happens beside the honest exchanges. {@code -Dkinds=REQUESTS,SYNS} runs with these only. */
enum Kind {
    /** REQs in the name of a server. */
    REQUESTS,
    /** ACK, PREP, REP and NAK in the name of a client, ACKs in the name of a server. */
    ANSWERS,
    /** SYNs in everybody's name to control ports, static ranges and stream ports. */
    SYNS,
    /** SYNs of so many spoofed hosts that a small flow table is full. */
    FLOOD,
    /** SYN/ACK, ACK, data, FIN and RST of connections that may be there. */
    SEGMENTS,
    /** ICMP errors that quote what may be under way. */
    ERRORS,
    /** Fragments of requests, some of which overlap. */
    FRAGMENTS,
    /** A network gets another interface index, as a tunnel that is set up again. */
    INTERFACES,
    /** The program stops, and starts again a little later; inline also the whole machine. */
    RESTARTS,
    /** A reload or a restart with another policy. */
    POLICIES,
    /** Packets pass that the engine does not see, as with overload: accept. */
    UNSEEN,
    /** Any packet of before comes once more. Only for those who see the traffic. */
    REPLAYS,
    /** Other SYNs of connections that are there. Only for those who see the traffic. */
    SECONDS;

    /** Whether only those who see the traffic can do it. */
    boolean needsKnowledge() {
        return this == REPLAYS || this == SECONDS;
    }
}
