package org.amverdict.history;

import org.amverdict.amanda.AmandaPorts;
import org.amverdict.console.Units;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Reason;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.IpAddress;
import org.amverdict.track.Removal;
import org.jspecify.annotations.Nullable;

/**
 * Turns a {@link Fact} into words: what was wrong with the packet and what to do about it. The log, the events, the
 * status, the page and {@code why} all take their words from here. Says nothing about the present. Pure.
 */
public final class DropExplanation {
    private static final int UNPRIVILEGED = 1024;
    static final String FIX_AND_RELOAD = "fix `allow` and reload, or run the backup again if the change was temporary";

    private DropExplanation() {}

    /** One sentence without its full stop. */
    public static String explain(final Fact fact) {
        return advice(fact).text();
    }

    /** The sentence with its remedy. */
    static Advice advice(final Fact fact) {
        final IpAddress source = fact.source;
        final IpAddress destination = fact.destination;
        return switch (fact.reason) {
            case MALFORMED ->
                fact.decodeStatus == DecodeStatus.TRUNCATED
                        ? Advice.of("the packet is not whole", "; ", "control datagrams need a queue with copy: packet")
                        : Advice.of(
                                "the packet is malformed (" + DecodeStatus.name(fact.decodeStatus)
                                        + "); no host sends such a packet on its own",
                                ", ",
                                "look for a broken device or a scan");
            case FRAGMENT ->
                Advice.of(
                        "a fragment whose first fragment was not let through",
                        "; ",
                        "with conntrack in the path (placement gate) the kernel puts fragments together");
            case MERGED ->
                Advice.of(
                        "several datagrams came as one packet, and only the first could be judged",
                        "; ",
                        "take gso: true from the queue that gets control datagrams, and give that queue copy: packet");
            case NOT_ALLOWED ->
                Advice.of(
                        "no line of `allow` lets " + source + " ask " + destination,
                        "; ",
                        "add one if " + source + " is a backup server of " + destination + ", or recovers from it");
            case BAD_CONTROL ->
                Advice.of(
                        "it has no Amanda header, though it was sent to a control port",
                        "; ",
                        "look at what runs on " + source);
            case BAD_REQUEST -> badRequest(fact);
            case SERVICE_NOT_ALLOWED ->
                Advice.of(
                        "no line of `allow` lets " + source + " ask " + destination + " for " + service(fact),
                        "; ",
                        "add " + service(fact) + " to `services` of "
                                + (fact.details.line() == null
                                        ? "the line that allows these hosts"
                                        : line(fact.details.line()))
                                + " if that is meant");
            case WRONG_DIRECTION ->
                Advice.of(
                        source + " sent a message that only the other side sends",
                        "; ",
                        "if " + destination + " is the requester, add a line of `allow` for that direction");
            case UNSOLICITED -> AnswerExplanation.unsolicited(fact);
            case REFUSED_REPLY -> AnswerExplanation.refusedReply(fact);
            case UNEXPECTED -> unexpected(fact);
            case NO_FLOW ->
                Advice.of(
                        "it belongs to no connection that was let in",
                        "; ",
                        "flows.adopt: true takes up connections that began before the program");
            case LEGACY_RECOVERY ->
                Advice.of("a segment of legacy recovery that came before the one it follows; TCP repeats it");
            case NOT_AMANDA ->
                Advice.of(
                        "it is neither TCP nor a datagram to or from a control port",
                        "; ",
                        "the firewall rule queues more than it should");
            case ERROR -> Advice.of("the program failed on this packet", "; ", "please report it with the log");
            case REQUEST, ACK, REPLY, ESTABLISHED, CONTROL_TCP, EXPECTED, STATIC, RELATED ->
                Advice.of("it was judged " + fact.reason.label());
        };
    }

    private static String service(final Fact fact) {
        return fact.service == null ? "that service" : fact.service.label();
    }

    /** What was wrong, without the remedy where that can be left out: for part of a sentence. */
    static String obstacle(final Fact fact) {
        final boolean syn = fact.reason == Reason.UNEXPECTED;
        final boolean answer = fact.reason == Reason.UNSOLICITED;
        if (syn && fact.cause == Cause.OTHER_INTERFACE) {
            return "that port is expected to be connected through " + expected(fact) + ", but the SYN came in through "
                    + actual(fact);
        }
        if (syn && fact.cause == Cause.OTHER_REQUESTER) {
            return "that port was announced to " + fact.other + ", so it is expected from there, not from "
                    + fact.source;
        }
        if (syn && fact.cause == Cause.SOURCE_PORT) {
            return "that port is expected, but not from port " + fact.sourcePort;
        }
        if (answer && fact.cause == Cause.OTHER_INTERFACE) {
            return "it answers a request of " + fact.destination + " that left through " + expected(fact)
                    + ", but came in through " + actual(fact);
        }
        if (answer && fact.cause == Cause.OTHER_ADDRESS) {
            return fact.source + " answered in place of " + fact.other + ", which was asked";
        }
        return explain(fact);
    }

    private static @Nullable String expected(final Fact fact) {
        return fact.details.interfaces() == null
                ? null
                : fact.details.interfaces().expected();
    }

    private static @Nullable String actual(final Fact fact) {
        return fact.details.interfaces() == null
                ? null
                : fact.details.interfaces().actual();
    }

    static String line(final @Nullable String name) {
        return "the line \"" + name + "\"";
    }

    private static Advice badRequest(final Fact fact) {
        return switch (fact.cause) {
            case REQUESTER_PORT ->
                fact.sourcePort < UNPRIVILEGED
                        ? Advice.of(
                                requesterPorts(fact),
                                "; ",
                                "add the port to `requester-ports` if " + fact.source + " is meant to use it")
                        : Advice.of(
                                requesterPorts(fact) + ": Amanda asks from ports below 1024, so most likely a NAT box"
                                        + " between the hosts has changed the port",
                                "; ",
                                "set the NAT box to keep the port (the client refuses such a request too), or use auth"
                                        + " bsdtcp");
            case OTHER_INTERFACE ->
                keepToInterfaces(
                        "the request repeats one that came in through " + expected(fact)
                                + ", but itself came in through " + actual(fact),
                        fact.source);
            case OTHER_REQUEST ->
                Advice.of(
                        "the request has the HANDLE and SEQ of another one that asked for another service; real Amanda"
                                + " does not send it",
                        ", ",
                        "look at what runs on " + fact.source);
            case NONE,
                    OTHER_ADDRESS,
                    OTHER_REQUESTER,
                    SOURCE_PORT,
                    EXPIRED,
                    PORT_OUTSIDE,
                    ALREADY_TAKEN,
                    RELOADED,
                    QUOTA,
                    TABLE_FULL,
                    FLUSHED,
                    REFUSED_BY_RESPONDER,
                    NEW_REPLY,
                    REPLY_REFUSED,
                    ANSWERED,
                    OTHER_PORT,
                    WINDOWS_CLIENT,
                    OLD_RECOVERY,
                    NO_LINE,
                    NOT_ANNOUNCED,
                    NO_REQUEST ->
                Advice.of(
                        "the request is not well-formed; real Amanda does not send it",
                        ", ",
                        "look at what runs on " + fact.source);
        };
    }

    private static String requesterPorts(final Fact fact) {
        return "the request came from port " + fact.sourcePort + ", but `requester-ports` is " + fact.details.ports();
    }

    /** What to do about a host whose packets arrive by two paths. */
    static Advice keepToInterfaces(final String cause, final IpAddress host) {
        return Advice.of(
                cause + ": `match-interfaces` holds an exchange to the interfaces that it began on",
                "; ",
                "correct the routes so that only one of them leads to " + host
                        + ", or set `match-interfaces: false` if both" + " paths are intended");
    }

    /** A SYN that is not expected. */
    private static Advice unexpected(final Fact fact) {
        final IpAddress source = fact.source;
        final IpAddress destination = fact.destination;
        final Past past = fact.details.past();
        return switch (fact.cause) {
            case OTHER_INTERFACE -> keepToInterfaces(obstacle(fact), source);
            case OTHER_REQUESTER ->
                Advice.of(
                        obstacle(fact),
                        "; ",
                        "if both are one server, have it connect from the address that it asks from (`src` in its"
                                + " route to " + destination + ")");
            case SOURCE_PORT ->
                Advice.of(
                        obstacle(fact),
                        "; ",
                        "Amanda does not connect from port " + fact.sourcePort + ", a NAT box may have changed it");
            case EXPIRED ->
                past == null || past.state() != Past.State.ENDED
                        ? expired(
                                "the expectation of that port" + (past == null ? "" : " (" + past.what() + ")"),
                                fact.number)
                        : pastAdvice(past, true);
            case WINDOWS_CLIENT ->
                Advice.of(
                        "no REP announces port " + fact.destinationPort
                                + ": it is the port of Zmanda's client for Windows",
                        "; ",
                        "if " + destination + " is such a client, `control-ports: [" + AmandaPorts.AMANDA + ", "
                                + AmandaPorts.KAMANDA + "]` lets " + source
                                + " connect to it, or a range in `static`");
            case OLD_RECOVERY ->
                Advice.of(
                        "no REP announces port " + fact.destinationPort + ": it is the port of amrecover before 2.5",
                        "; ",
                        "if that is meant, add `legacy-recovery: true` to " + line(fact.details.line())
                                + (fact.sourcePort < UNPRIVILEGED
                                        ? ""
                                        : "; it connects from a port below 1024, and this came from "
                                                + fact.sourcePort));
            case NO_LINE ->
                Advice.of(
                        "no line of `allow` lets " + source + " ask " + destination + ", so nothing was announced",
                        "; ",
                        "add one if " + source + " is a backup server of " + destination + ", or recovers from it");
            case OTHER_PORT ->
                past != null
                        ? pastAdvice(past, false)
                        : Advice.of("no REP announced that port; the nearest expected one was " + fact.nearestPort);
            case NONE,
                    REQUESTER_PORT,
                    OTHER_REQUEST,
                    OTHER_ADDRESS,
                    PORT_OUTSIDE,
                    ALREADY_TAKEN,
                    RELOADED,
                    QUOTA,
                    TABLE_FULL,
                    FLUSHED,
                    REFUSED_BY_RESPONDER,
                    NEW_REPLY,
                    REPLY_REFUSED,
                    ANSWERED,
                    NOT_ANNOUNCED,
                    NO_REQUEST ->
                past != null
                        ? pastAdvice(past, past.port() == fact.destinationPort)
                        : fact.nearestPort != 0
                                ? Advice.of(
                                        "no REP announced that port; the nearest expected one was " + fact.nearestPort)
                                : Advice.of(
                                        "no REP announced that port, nor any other between these hosts",
                                        "; ",
                                        "see whether the UDP exchange before it was queued");
        };
    }

    private static Advice expired(final String subject, final long agoNanos) {
        return Advice.of(
                subject + " expired " + Units.nanos(agoNanos) + " before",
                "; ",
                "see what delayed the connection, or raise expectations.lifetime");
    }

    /**
     * The state of an announced port.
     *
     * @param exact whether it is exactly the port in question
     */
    static String past(final Past past, final boolean exact) {
        return pastAdvice(past, exact).text();
    }

    private static Advice pastAdvice(final Past past, final boolean exact) {
        final String subject = exact
                ? "the expectation of that port (" + past.what() + ")"
                : "the nearest expectation was port " + past.port() + " (" + past.what() + "), it";
        final String changed = Units.nanos(past.changedAgoNanos()) + " before";
        return switch (past.state()) {
            case WAITING ->
                Advice.of(subject + " had been announced " + Units.nanos(past.announcedAgoNanos())
                        + " before and was open"
                        + (exact ? ", but not for this source port or interface" : ""));
            case TAKEN ->
                Advice.of(subject + " had been taken from port "
                        + past.outcome().connectorPort() + " " + changed + "; each admits one connection");
            case ENDED -> ended(subject, past.outcome().removal(), past.changedAgoNanos());
            case REFUSED -> {
                final String beginning =
                        (exact ? "it was announced " : "the nearest announced port was " + past.port() + ", ")
                                + changed
                                + (exact ? " (" + past.what() + "), but " : " (" + past.what() + "): ");
                final Fact refused = past.outcome().refused();
                yield (refused == null ? Advice.of("the REP was refused") : advice(refused)).after(beginning);
            }
        };
    }

    private static Advice ended(final String subject, final Removal removal, final long agoNanos) {
        final String takenBack = subject + " was taken back " + Units.nanos(agoNanos) + " before";
        final String givenUp = subject + " was given up " + Units.nanos(agoNanos) + " before";
        return switch (removal) {
            case RELOADED ->
                Advice.of(takenBack + " by a reload: the new configuration does not allow it", "; ", FIX_AND_RELOAD);
            case FLUSHED ->
                Advice.of(takenBack + " by the operator (amverdict expectations flush)", "; ", "run the backup again");
            case NAK ->
                Advice.of(takenBack + ": the responder refused the request (NAK)", "; ", "see the responder's log");
            case REVOKED -> Advice.of(takenBack + ": a later REP announced other ports in its place");
            case QUOTA ->
                Advice.of(
                        givenUp + ": the requester's share of the table was used up",
                        "; ",
                        "raise expectations.per-requester");
            case EVICTED -> Advice.of(givenUp + ": the table was full", "; ", "raise expectations.capacity");
            case EXPIRED, MATCHED -> expired(subject, agoNanos);
        };
    }
}
