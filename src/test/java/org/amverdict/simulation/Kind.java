package org.amverdict.simulation;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

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
    /** Packets of which the kernel hands over less than the headers. */
    CUTS,
    /** A network gets another interface index, as a tunnel that is set up again. */
    INTERFACES,
    /** A worker gets no processor for up to three seconds, if workers take turns. */
    STALLS,
    /** The program dies with all that it knew; what is under way then may fail. */
    KILLS,
    /** Two allowed hosts that conspire: exchanges, announcements and connections in their own names. */
    HOSTILE,
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

    /** These names, separated by commas; all if there are none. */
    static Set<Kind> named(final String names) {
        final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        Arrays.stream(names.split(",")).filter(name -> !name.isEmpty()).forEach(name -> kinds.add(valueOf(name)));
        return kinds.isEmpty() ? EnumSet.allOf(Kind.class) : kinds;
    }

    /** The option of a command that names these; empty for all. */
    static String option(final Set<Kind> kinds) {
        return kinds.size() == values().length
                ? ""
                : " -Dkinds=" + kinds.stream().sorted().map(Kind::name).collect(Collectors.joining(","));
    }
}
