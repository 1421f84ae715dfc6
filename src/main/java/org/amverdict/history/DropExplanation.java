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

    private DropExplanation() {}

    /** One sentence without its full stop. */
    public static String explain(final Fact fact) {
        final IpAddress source = fact.source;
        final IpAddress destination = fact.destination;
        return switch (fact.reason) {
            case MALFORMED ->
                fact.decodeStatus == DecodeStatus.TRUNCATED
                        ? "the packet is not whole; control datagrams need a queue with copy: packet"
                        : "the packet is malformed (" + DecodeStatus.name(fact.decodeStatus)
                                + "); no host sends such a one by itself, look for a broken device or a scan";
            case FRAGMENT ->
                "a fragment whose first fragment was not let through; with conntrack in the path (placement"
                        + " gate) the kernel puts fragments together";
            case MERGED ->
                "several datagrams came as one packet, and only the first could be judged; take gso: true from the queue that"
                        + " gets control datagrams, and give that queue copy: packet";
            case NOT_ALLOWED ->
                "no line of `allow` lets " + source + " ask " + destination
                        + "; add one if it is a backup server of that client, or recovers from it";
            case BAD_CONTROL ->
                "it has no Amanda header, though it was sent to a control port; look at what runs on " + source;
            case BAD_REQUEST -> badRequest(fact);
            case SERVICE_NOT_ALLOWED ->
                "no line of `allow` lets " + source + " ask " + destination + " for "
                        + (fact.service == null ? "that service" : fact.service.label())
                        + "; add it to `services` of "
                        + (fact.details.line() == null ? "their line" : line(fact.details.line()))
                        + " if that is meant";
            case WRONG_DIRECTION ->
                source + " sent a message that its side never sends; if " + destination
                        + " is the one that asks, a line of `allow` for that direction is needed";
            case UNSOLICITED -> unsolicited(fact);
            case REFUSED_REPLY -> refusedReply(fact);
            case UNEXPECTED -> unexpected(fact);
            case NO_FLOW ->
                "it belongs to no connection that was let in; one that began before the program ran is taken"
                        + " up with flows.adopt: true";
            case LEGACY_RECOVERY -> "a segment of legacy recovery that came before the one it follows; TCP repeats it";
            case NOT_AMANDA ->
                "it is neither TCP nor a datagram to or from a control port; the firewall rule queues more"
                        + " than it should";
            case ERROR -> "the program failed on this packet; please report it with the log";
            case REQUEST, ACK, REPLY, ESTABLISHED, CONTROL_TCP, EXPECTED, STATIC, RELATED ->
                "it was judged " + fact.reason.label();
        };
    }

    /** What was wrong, without the remedy where that can be left out: for part of a sentence. */
    static String obstacle(final Fact fact) {
        final boolean syn = fact.reason == Reason.UNEXPECTED;
        final boolean answer = fact.reason == Reason.UNSOLICITED;
        if (syn && fact.cause == Cause.OTHER_INTERFACE) {
            return "that port is expected to be connected by " + expected(fact) + ", but the SYN came in by "
                    + actual(fact);
        }
        if (syn && fact.cause == Cause.OTHER_REQUESTER) {
            return "that port is expected from " + fact.other + ", which it was announced to, not from " + fact.source;
        }
        if (syn && fact.cause == Cause.SOURCE_PORT) {
            return "that port is expected, but not from port " + fact.sourcePort;
        }
        if (answer && fact.cause == Cause.OTHER_INTERFACE) {
            return "it answers a request of " + fact.destination + " that left by " + expected(fact)
                    + ", but came in by " + actual(fact);
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

    private static String line(final @Nullable String name) {
        return "the line \"" + name + "\"";
    }

    private static String badRequest(final Fact fact) {
        return switch (fact.cause) {
            case REQUESTER_PORT ->
                "the request came from port " + fact.sourcePort + ", but `requester-ports` is " + fact.details.ports()
                        + (fact.sourcePort < UNPRIVILEGED
                                ? "; add the port there if " + fact.source + " is meant to use it"
                                : ": Amanda asks from ports below 1024, so most likely a NAT box between the hosts has"
                                        + " changed the port; have it keep the port, for the client refuses such a"
                                        + " request too, or use auth bsdtcp");
            case OTHER_INTERFACE ->
                "the request repeats one that came in by " + expected(fact) + ", but itself came in by " + actual(fact)
                        + keepToInterfaces(fact.source);
            case OTHER_REQUEST ->
                "the request has the HANDLE and SEQ of another one that asked for another service; real Amanda does"
                        + " not send it, look at what runs on " + fact.source;
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
                "the request is not well-formed; real Amanda does not send it, look at what runs on " + fact.source;
        };
    }

    /** What to do about a host whose packets arrive by two paths. */
    private static String keepToInterfaces(final IpAddress host) {
        return ": `match-interfaces` holds an exchange to the interfaces that it began on; mend the routes so that "
                + host + " is behind one of them, or set `match-interfaces: false` if both ways are meant";
    }

    private static String unsolicited(final Fact fact) {
        final IpAddress source = fact.source;
        final IpAddress destination = fact.destination;
        final PastExchanges.PastExchange exchange = fact.details.exchange();
        if (fact.cause == Cause.OTHER_INTERFACE) {
            return obstacle(fact) + keepToInterfaces(source);
        }
        if (fact.cause == Cause.OTHER_ADDRESS) {
            return obstacle(fact) + ": the host has several"
                    + " addresses; have it answer from " + fact.other + " (`src` in its route to " + destination
                    + "), or name " + source + " in the disklist and in `allow`";
        }
        if (exchange == null && !fact.read) {
            return "it cannot be read as an answer of Amanda; look at what runs on " + source
                    + ", and have the queue see whole packets (copy: packet)";
        }
        if (exchange == null) {
            return "it answers no request that was seen; queue both directions of the control port, and see"
                    + " whether the request came before the program started";
        }
        final String request = exchange.service() + " request of " + Units.nanos(exchange.askedAgoNanos()) + " before";
        final String gone = Units.nanos(exchange.changedAgoNanos()) + " before";
        return switch (fact.cause) {
            case EXPIRED ->
                "it answers the " + request + ", which was given up " + gone + "; raise transactions.reply-within if "
                        + source + " needs so long";
            case QUOTA ->
                "it answers the " + request + ", which was given up " + gone + " because " + destination
                        + " had more requests open than transactions.per-requester (" + fact.details.limit()
                        + "); raise it";
            case TABLE_FULL ->
                "it answers the " + request + ", which was given up " + gone + " because the table was full; raise"
                        + " transactions.capacity (" + fact.details.limit() + ")";
            case RELOADED ->
                "it answers the " + request + ", which a reload took back " + gone + ": the new configuration does not"
                        + " allow it; mend `allow` and reload, or run the backup again if that was meant for a moment";
            case ANSWERED ->
                "it answers the " + request + ", which was answered " + gone + " and is over; nothing waits for it";
            case NONE,
                    REQUESTER_PORT,
                    OTHER_REQUEST,
                    OTHER_INTERFACE,
                    OTHER_ADDRESS,
                    OTHER_REQUESTER,
                    SOURCE_PORT,
                    PORT_OUTSIDE,
                    ALREADY_TAKEN,
                    FLUSHED,
                    REFUSED_BY_RESPONDER,
                    NEW_REPLY,
                    REPLY_REFUSED,
                    OTHER_PORT,
                    WINDOWS_CLIENT,
                    OLD_RECOVERY,
                    NO_LINE,
                    NOT_ANNOUNCED,
                    NO_REQUEST -> "it answers the " + request + ", but does not fit it";
        };
    }

    private static String refusedReply(final Fact fact) {
        final String subject = fact.service == null ? "the CONNECT line of legacy recovery" : "the REP";
        final String failed = subject + " failed the check " + fact.refusal.label() + ", so it opened nothing";
        return switch (fact.refusal) {
            case PORT_NOT_ALLOWED ->
                fact.cause == Cause.PORT_OUTSIDE && fact.details.ports() != null
                        ? subject + " announced port " + fact.number + ", which is outside `stream-ports` "
                                + fact.details.ports() + " of " + line(fact.details.line())
                                + ", so it opened nothing; widen them, or have " + fact.source
                                + " use them (`unreserved-tcp-port` in its amanda-client.conf)"
                        : failed + "; see `stream-ports` of their line of `allow`";
            case PORT ->
                failed + ": it announces a port below 1024, or one of Amanda's own; have " + fact.source
                        + " use others (`unreserved-tcp-port` in its amanda-client.conf, --with-tcpportrange of old"
                        + " builds)";
            case FRAGMENT ->
                failed + ": it came in fragments that nobody put together; queue it behind conntrack (placement gate)";
            case ERROR_LINE -> failed + ": it says that the service failed; look at its log on " + fact.source;
            case CLOSED -> failed + ": the exchange was over already; nothing waits for it";
            case CHANGED ->
                failed + ": it announces other ports than an earlier one that was acted on, or too many REPs came";
            case TOO_MANY ->
                failed + ": it announces more streams than expectations.per-reply (" + fact.details.limit()
                        + "); raise it";
            case LIMIT ->
                failed + ": " + fact.destination + " had used up expectations.per-requester (" + fact.details.limit()
                        + "), or the table was full; raise it, or expectations.capacity";
            case HELD_BACK ->
                failed + ": a connection to its port could be meant for another host or interface; Amanda repeats it,"
                        + " and it passes when that one has connected";
            case UNREAD ->
                failed + ": the text of the connection could not be read to its end; queue all of its packets";
            case NONE,
                    NUL,
                    MISPLACED,
                    REPEATED,
                    UNTERMINATED,
                    NO_STREAMS,
                    SYNTAX,
                    STREAM_LIST,
                    FEATURE,
                    NUMBER,
                    DUPLICATE,
                    HANDLE,
                    TOO_LONG ->
                failed + ": Amanda does not write such a REP; look at what runs on " + fact.source
                        + ", and report it with a capture if that is Amanda";
        };
    }

    /** A SYN that is not expected. */
    private static String unexpected(final Fact fact) {
        final IpAddress source = fact.source;
        final IpAddress destination = fact.destination;
        final Past past = fact.details.past();
        return switch (fact.cause) {
            case OTHER_INTERFACE -> obstacle(fact) + keepToInterfaces(source);
            case OTHER_REQUESTER ->
                obstacle(fact)
                        + "; if both are one server, have it connect from the address that it asks from (`src` in its"
                        + " route to " + destination + ")";
            case SOURCE_PORT ->
                obstacle(fact) + "; Amanda does not connect from it, a NAT" + " box may have changed it";
            case EXPIRED ->
                past == null || past.state() != Past.State.ENDED
                        ? "the expectation of that port" + (past == null ? "" : " (" + past.what() + ")") + " "
                                + expired(fact.number)
                        : past(past, true);
            case WINDOWS_CLIENT ->
                "no REP announces port " + fact.destinationPort + ": it is the one of Zmanda's client for Windows; if "
                        + destination + " is such a client, `control-ports: [" + AmandaPorts.AMANDA + ", "
                        + AmandaPorts.KAMANDA + "]` lets " + source
                        + " connect to it, or a range in `static`";
            case OLD_RECOVERY ->
                "no REP announces port " + fact.destinationPort + ": it is the one of amrecover before 2.5; if that is"
                        + " meant, add `legacy-recovery: true` to " + line(fact.details.line())
                        + (fact.sourcePort < UNPRIVILEGED
                                ? ""
                                : "; it connects from a port below 1024, and this came from " + fact.sourcePort);
            case NO_LINE ->
                "no line of `allow` lets " + source + " ask " + destination + ", so nothing was announced; add one if "
                        + source + " is a backup server of that client, or recovers from it";
            case OTHER_PORT ->
                past != null
                        ? past(past, false)
                        : "no REP announced that port; the nearest expected one was " + fact.nearestPort;
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
                        ? past(past, past.port() == fact.destinationPort)
                        : fact.nearestPort != 0
                                ? "no REP announced that port; the nearest expected one was " + fact.nearestPort
                                : "no REP announced that port, nor any other between these hosts; see whether the UDP"
                                        + " exchange before it was queued";
        };
    }

    private static String expired(final long agoNanos) {
        return "expired " + Units.nanos(agoNanos) + " before; see what delayed the connection, or raise"
                + " expectations.lifetime";
    }

    /**
     * The state of an announced port.
     *
     * @param exact whether it is exactly the port in question
     */
    static String past(final Past past, final boolean exact) {
        final String subject = exact
                ? "the expectation of that port (" + past.what() + ")"
                : "the nearest expectation was port " + past.port() + " (" + past.what() + "), it";
        final String changed = Units.nanos(past.changedAgoNanos()) + " before";
        return switch (past.state()) {
            case WAITING ->
                subject + " had been announced " + Units.nanos(past.announcedAgoNanos()) + " before and was open"
                        + (exact ? ", but not for this source port or interface" : "");
            case TAKEN ->
                subject + " had been taken from port " + past.outcome().connectorPort() + " " + changed
                        + "; each admits one connection";
            case ENDED -> subject + " " + ended(past.outcome().removal(), past.changedAgoNanos(), changed);
            case REFUSED ->
                (exact ? "it was announced " : "the nearest announced port was " + past.port() + ", ")
                        + changed
                        + (exact ? " (" + past.what() + "), but " : " (" + past.what() + "): ")
                        + (past.outcome().refused() == null
                                ? "the REP was refused"
                                : explain(past.outcome().refused()));
        };
    }

    private static String ended(final Removal removal, final long agoNanos, final String changed) {
        return switch (removal) {
            case RELOADED ->
                "was taken back " + changed + " by a reload: the new configuration does not allow it; mend `allow` and"
                        + " reload, or run the backup again if that was meant for a moment";
            case FLUSHED ->
                "was taken back " + changed + " by the operator (amverdict expectations flush); run the backup again";
            case NAK -> "was taken back " + changed + ": the responder refused the request (NAK); see its log";
            case REVOKED -> "was taken back " + changed + ": a later REP announced other ports in its place";
            case QUOTA ->
                "was given up " + changed + ": the requester's share of the table was used up; raise"
                        + " expectations.per-requester";
            case EVICTED -> "was given up " + changed + ": the table was full; raise expectations.capacity";
            case EXPIRED, MATCHED -> expired(agoNanos);
        };
    }
}
