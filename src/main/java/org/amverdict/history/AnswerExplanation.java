package org.amverdict.history;

import org.amverdict.console.Units;
import org.amverdict.engine.Cause;
import org.amverdict.packet.IpAddress;

/**
 * Turns the {@link Fact} of an answer that was not let through, or that opened nothing, into words. Pure.
 */
final class AnswerExplanation {
    private AnswerExplanation() {}

    /** An answer that no request waits for. */
    static Advice unsolicited(final Fact fact) {
        final IpAddress source = fact.source;
        final IpAddress destination = fact.destination;
        final PastExchanges.PastExchange exchange = fact.details.exchange();
        if (fact.cause == Cause.OTHER_INTERFACE) {
            return DropExplanation.keepToInterfaces(DropExplanation.obstacle(fact), source);
        }
        if (fact.cause == Cause.OTHER_ADDRESS) {
            return Advice.of(
                    DropExplanation.obstacle(fact) + ": the host has several addresses",
                    "; ",
                    "have it answer from " + fact.other + " (`src` in its route to " + destination + "), or name "
                            + source + " in the disklist and in `allow`");
        }
        if (exchange == null && !fact.read) {
            return Advice.of(
                    "it cannot be read as an answer of Amanda",
                    "; ",
                    "look at what runs on " + source + ", and have the queue see whole packets (copy: packet)");
        }
        if (exchange == null) {
            return Advice.of(
                    "it answers no request that was seen",
                    "; ",
                    "queue both directions of the control port, and see whether the request came before the program"
                            + " started");
        }
        final String request = exchange.service() + " request of " + Units.nanos(exchange.askedAgoNanos()) + " before";
        final String gone = Units.nanos(exchange.changedAgoNanos()) + " before";
        return switch (fact.cause) {
            case EXPIRED ->
                Advice.of(
                        "it answers the " + request + ", which was given up " + gone,
                        "; ",
                        "raise transactions.reply-within if " + source + " needs that much time");
            case QUOTA ->
                Advice.of(
                        "it answers the " + request + ", which was given up " + gone + " because " + destination
                                + " had more requests open than transactions.per-requester (" + fact.details.limit()
                                + ")",
                        "; ",
                        "raise transactions.per-requester");
            case TABLE_FULL ->
                Advice.of(
                        "it answers the " + request + ", which was given up " + gone + " because the table was full",
                        "; ",
                        "raise transactions.capacity (" + fact.details.limit() + ")");
            case RELOADED ->
                Advice.of(
                        "it answers the " + request + ", which a reload took back " + gone
                                + ": the new configuration does not allow it",
                        "; ",
                        DropExplanation.FIX_AND_RELOAD);
            case ANSWERED ->
                Advice.of("it answers the " + request + ", which was answered " + gone
                        + " and is over; nothing waits for it");
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
                    NO_REQUEST -> Advice.of("it answers the " + request + ", but does not fit it");
        };
    }

    /** A REP, or the CONNECT line of legacy recovery, that opened nothing. */
    static Advice refusedReply(final Fact fact) {
        final String subject = fact.service == null ? "the CONNECT line of legacy recovery" : "the REP";
        final String failed = subject + " failed the check " + fact.refusal.label() + ", so it opened nothing";
        return switch (fact.refusal) {
            case PORT_NOT_ALLOWED ->
                fact.cause == Cause.PORT_OUTSIDE && fact.details.ports() != null
                        ? Advice.of(
                                subject + " announced port " + fact.number + ", which is outside `stream-ports` "
                                        + fact.details.ports() + " of " + DropExplanation.line(fact.details.line())
                                        + ", so it opened nothing",
                                "; ",
                                "widen `stream-ports`, or have " + fact.source
                                        + " use them (`unreserved-tcp-port` in its amanda-client.conf)")
                        : Advice.of(failed, "; ", "see `stream-ports` of their line of `allow`");
            case PORT ->
                Advice.of(
                        failed + ": it announces a port below 1024, or one of Amanda's own",
                        "; ",
                        "have " + fact.source + " use other ports (`unreserved-tcp-port` in its amanda-client.conf,"
                                + " --with-tcpportrange of old builds)");
            case FRAGMENT ->
                Advice.of(
                        failed + ": it came in fragments that were not reassembled",
                        "; ",
                        "queue it behind conntrack (placement gate)");
            case ERROR_LINE ->
                Advice.of(
                        failed + ": it says that the service failed",
                        "; ",
                        "look at the log of the service on " + fact.source);
            case CLOSED -> Advice.of(failed + ": the exchange was over already; nothing waits for it");
            case CHANGED ->
                Advice.of(failed
                        + ": it announces other ports than an earlier one that was acted on, or too many REPs came");
            case TOO_MANY ->
                Advice.of(
                        failed + ": it announces more streams than expectations.per-reply (" + fact.details.limit()
                                + ")",
                        "; ",
                        "raise expectations.per-reply");
            case LIMIT ->
                Advice.of(
                        failed + ": " + fact.destination + " had used up expectations.per-requester ("
                                + fact.details.limit() + "), or the table was full",
                        "; ",
                        "raise expectations.per-requester, or expectations.capacity");
            case HELD_BACK ->
                Advice.of(failed + ": a connection to its port could be meant for another host or interface; Amanda"
                        + " repeats it, and it passes when that one has connected");
            case UNREAD ->
                Advice.of(
                        failed + ": the text of the connection could not be read to its end",
                        "; ",
                        "queue all packets of legacy recovery");
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
                Advice.of(
                        failed + ": Amanda does not write such a REP",
                        "; ",
                        "look at what runs on " + fact.source + ", and report it with a capture if that is Amanda");
        };
    }
}
