package org.amverdict.simulation;

/** What happens in addition to the honest exchanges. {@code -Dkinds=REQUESTS,SYNS} runs with these only. */
enum Kind {
    /** REQs in the name of a server. */
    REQUESTS,
    /** ACK, PREP, REP and NAK in the name of a client, ACKs in the name of a server. */
    ANSWERS,
    /** SYNs in everybody's name to control ports, static ranges and stream ports. */
    SYNS,
    /** SYNs of enough spoofed hosts to fill a small flow table. */
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
    /** Any earlier packet comes again. Only for attackers that see the traffic. */
    REPLAYS,
    /** Other SYNs of existing connections. Only for attackers that see the traffic. */
    SECONDS;

    /** Whether only attackers that see the traffic can do it. */
    boolean needsKnowledge() {
        return this == REPLAYS || this == SECONDS;
    }
}
