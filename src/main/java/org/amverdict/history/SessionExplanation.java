package org.amverdict.history;

import org.amverdict.console.Units;
import org.amverdict.track.Removal;

/**
 * Describes an exchange, a stream or a connection: how far it got, why it went no further, and what to look at. Works
 * from facts recorded when they were seen. Every report takes its words from here. Pure.
 */
final class SessionExplanation {
    /** A requester without an answer asks again after this time, a responder answers again (amanda-protocol.md 1.7). */
    static final long REPEAT_NANOS = 10_000_000_000L;

    private static final long SECOND = 1_000_000_000L;

    private SessionExplanation() {}

    /** {@code sendbackup /home level 1}. */
    static String what(final SessionRecord session) {
        return session.service
                + (session.disks.isEmpty() ? "" : " " + String.join(", ", session.disks))
                + (session.level == null ? "" : " level " + session.level);
    }

    /** {@code DATA stream of sendbackup /home level 1 (port 50081)}. */
    static String what(final SessionRecord session, final StreamRecord stream) {
        return stream.name.name() + " stream of " + what(session) + " (port " + stream.port + ")";
    }

    /** A sentence about the exchange, as {@code why} answers. */
    static String sentence(final SessionRecord session, final long nowNanos) {
        return "Accepted: " + what(session) + ", asked " + Units.nanos(nowNanos - session.requestNanos) + " ago"
                + since(session, nowNanos) + ".";
    }

    /** A sentence about a stream of it, as {@code why} answers. */
    static String sentence(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        return verdict(stream) + what(session, stream) + ", " + stream(session, stream, nowNanos) + ".";
    }

    private static String verdict(final StreamRecord stream) {
        return switch (stream.state) {
            case PENDING -> stream.refusals == 0 ? "Expected: " : "Refused by the host, expected once more: ";
            case NEVER -> "Never connected: ";
            case LET_THROUGH -> stream.syns() > 1 ? "Let through, nobody answered: " : "Let through: ";
            case NO_ANSWER -> "Let through, nobody answered: ";
            case REFUSED -> "Let through, refused by the host: ";
            case CONNECTED, CLOSED -> "Accepted: ";
        };
    }

    /** How far the exchange got, and what to look at. */
    static String exchange(final SessionRecord session, final long nowNanos) {
        return since(session, nowNanos).substring(", ".length());
    }

    /** What followed the request; begins with a comma or a semicolon, and a space. */
    private static String since(final SessionRecord session, final long nowNanos) {
        return switch (session.outcome) {
            case OPEN -> session.ackNanos < 0 ? unanswered(session, nowNanos) : acknowledged(session, nowNanos);
            case REPLIED -> replied(session, nowNanos) + said(session);
            case REFUSED -> "; the REP failed the check " + session.refusal + ", so it opened nothing" + said(session);
            case NAK -> "; " + responder(session) + " refused it (NAK)" + said(session);
            case EXPIRED -> ended(session);
        };
    }

    /** {@code the client 198.51.100.20}; in a recovery the server is the responder. */
    private static String responder(final SessionRecord session) {
        return (asksTheServer(session) ? "the server " : "the client ") + session.responder;
    }

    private static String requester(final SessionRecord session) {
        return (asksTheServer(session) ? "the client " : "the server ") + session.requester;
    }

    private static boolean asksTheServer(final SessionRecord session) {
        return switch (session.service) {
            case "amindexd", "amidxtaped", "amdumpd", "ambackupd" -> true;
            default -> false;
        };
    }

    private static String said(final SessionRecord session) {
        return session.said == null ? "" : "; " + responder(session) + " says: \"" + session.said + "\"";
    }

    private static String unanswered(final SessionRecord session, final long nowNanos) {
        if (session.requests == 0) {
            return "; its REQ passed before this program started, "
                    + came(session.strayAnswers, "answer", "was seen since");
        }
        if (session.strayAnswers.last() != null) {
            return ", let through " + Units.times(session.requests) + "; " + came(session.strayAnswers, "answer", "");
        }
        if (session.requests == 1 && nowNanos - session.requestNanos < REPEAT_NANOS) {
            return "; no answer was seen yet";
        }
        return ", let through " + Units.times(session.requests)
                + (session.requests > 1
                        ? ", the last " + Units.nanos(nowNanos - session.lastRequestNanos) + " ago"
                        : "")
                + "; no answer came back: " + silent(session);
    }

    private static String silent(final SessionRecord session) {
        return "look at " + responder(session) + " (does amandad run, does its own firewall let it in), and"
                + " whether its answers come this way";
    }

    private static String acknowledged(final SessionRecord session, final long nowNanos) {
        final String after = ", acknowledged after " + Units.nanos(session.ackNanos);
        final long waiting = nowNanos - session.requestNanos - session.ackNanos;
        if (session.deafRequests > 0) {
            return after + ", yet " + requester(session) + " asked " + Units.times(session.deafRequests)
                    + " more: the ACK is lost behind this firewall on its way to " + requester(session)
                    + ", or refused there; " + came(session.strayAnswers, "REP", "came here yet");
        }
        if (session.strayAnswers.last() != null) {
            return after + "; " + came(session.strayAnswers, "answer", "");
        }
        return waiting < replyNanos(session.service)
                ? after + ", waiting for the REP"
                : after + "; the answer never came here in " + Units.nanos(waiting) + ": " + mute(session);
    }

    private static String mute(final SessionRecord session) {
        return "look at " + responder(session) + " (the debug files of its amandad)"
                + (session.service.equals("sendsize") ? "; estimates of large disks take long" : "");
    }

    /** How long a requester waits for the REP of that service; for estimates, per estimate (amanda-protocol.md 1.7). */
    private static long replyNanos(final String service) {
        return switch (service) {
            case "sendbackup", "amindexd", "amidxtaped" -> 60 * SECOND;
            case "sendsize" -> 300 * SECOND;
            default -> 30 * SECOND;
        };
    }

    private static String replied(final SessionRecord session, final long nowNanos) {
        final String answered = ", answered after " + Units.nanos(session.replyNanos)
                + (session.streams.isEmpty() ? "" : " with " + session.streams.size() + " streams");
        if (session.acknowledged || session.taken()) {
            return answered;
        }
        final long waiting = nowNanos - session.lastReplyNanos;
        if (session.replies < 2 && waiting < REPEAT_NANOS) {
            return answered + ", not acknowledged yet";
        }
        if (session.strayAcks.last() != null) {
            return answered + "; " + came(session.strayAcks, "ACK", "");
        }
        return answered + ", never acknowledged: the REP passed " + Units.times(session.replies)
                + " and was lost behind this firewall on its way to " + requester(session) + ", or refused there";
    }

    private static String ended(final SessionRecord session) {
        final String far = session.ackNanos >= 0
                ? ", acknowledged after " + Units.nanos(session.ackNanos)
                : ", let through " + Units.times(session.requests)
                        + (session.strayAnswers.last() == null ? ", never answered" : "");
        return far + gone(session, session.removal == null ? Removal.EXPIRED : session.removal);
    }

    private static String gone(final SessionRecord session, final Removal removal) {
        return switch (removal) {
            case EXPIRED ->
                session.strayAnswers.last() != null
                        ? "; " + came(session.strayAnswers, "answer", "")
                        : "; no REP came in the time that Amanda waits: "
                                + (session.ackNanos < 0 ? silent(session) : mute(session));
            case EVICTED ->
                "; given up for newer requests because the table was full (transactions.capacity), so a later REP is"
                        + " refused";
            case QUOTA ->
                "; given up because " + requester(session) + " had more requests open than"
                        + " transactions.per-requester, so a later REP is refused";
            case RELOADED ->
                "; taken back by a reload: the new configuration does not allow it, so a later REP is refused";
            case FLUSHED -> "; taken back by the operator";
            case MATCHED, REVOKED, NAK -> "; taken back (" + removal.label() + ")";
        };
    }

    /** How far a stream got, and what to look at. */
    static String stream(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        return switch (stream.state) {
            case PENDING -> pending(session, stream, nowNanos);
            case NEVER -> never(session, stream, nowNanos);
            case LET_THROUGH -> letThrough(session, stream, nowNanos);
            case NO_ANSWER -> passed(stream, nowNanos) + unheard(session, stream);
            case REFUSED -> passed(stream, nowNanos) + "; " + refused(session, stream);
            case CONNECTED -> connected(stream) + ", open" + carriedSoFar(stream, nowNanos);
            case CLOSED ->
                connected(stream) + carried(stream) + ", " + stream.cause + " after "
                        + Units.nanos(stream.durationNanos);
        };
    }

    private static String announced(final StreamRecord stream, final long nowNanos) {
        return "announced " + Units.nanos(nowNanos - stream.announcedNanos) + " ago";
    }

    private static String pending(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        return stream.refusals == 0
                ? announced(stream, nowNanos) + "; " + came(stream.strays, "SYN", "came yet")
                : announced(stream, nowNanos) + ", let through " + Units.times(stream.refusals) + "; "
                        + refused(session, stream);
    }

    private static String refused(final SessionRecord session, final StreamRecord stream) {
        return responder(session) + " answered with RST: nothing listens on port " + stream.port
                + " there, or its own firewall rejects it";
    }

    private static String never(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        return announced(stream, nowNanos)
                + switch (stream.removal) {
                    case EXPIRED ->
                        ", expired; " + came(stream.strays, "SYN", "reached the queue in that time")
                                + (stream.strays.last() == null
                                        ? ": look at " + requester(session)
                                                + ", and at rules that drop it before the queue"
                                        : "");
                    case REVOKED ->
                        ", taken back: " + responder(session) + " announced other ports, or this one to another dump";
                    case NAK -> ", taken back: " + responder(session) + " refused the request after that (NAK)";
                    case RELOADED -> ", taken back by a reload: the new configuration does not allow it";
                    case QUOTA ->
                        ", given up because " + requester(session) + " had used up expectations.per-requester";
                    case EVICTED -> ", given up because the table was full (expectations.capacity)";
                    case FLUSHED -> ", taken back by the operator (expectations flush)";
                    case MATCHED -> ", " + stream.removal.label();
                };
    }

    /** How often and when its SYN passed. */
    private static String passed(final StreamRecord stream, final long nowNanos) {
        final int syns = stream.syns();
        if (syns == 1) {
            return "let through " + Units.nanos(stream.waitedNanos) + " after the REP";
        }
        return (syns == 0 ? stream.originalPackets + " packets let through" : "let through " + Units.times(syns))
                + ", the first " + Units.nanos(stream.waitedNanos) + " after the REP"
                + (stream.heardNanos == stream.openedNanos
                        ? ""
                        : ", the last " + Units.nanos(nowNanos - stream.heardNanos) + " ago");
    }

    private static String letThrough(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        if (stream.syns() > 1) {
            return passed(stream, nowNanos) + unheard(session, stream);
        }
        final boolean fresh = !stream.unseen && stream.syns() == 1;
        return passed(stream, nowNanos)
                + (fresh
                        ? "; no answer was seen yet"
                        : "; what answers it is not queued, so whether it answered is not known, last heard of "
                                + Units.nanos(nowNanos - stream.heardNanos) + " ago");
    }

    /**
     * That none came, if that is certain; otherwise what came.
     *
     * @param none says that none came: {@code came yet}
     */
    private static String came(final Strays strays, final String what, final String none) {
        final Fact last = strays.last();
        if (last == null) {
            return strays.blurred()
                    ? "no " + what + " is on record, but records of drops were lost in that time"
                    : "no " + what + " " + none;
        }
        final long count = strays.dropped() + strays.passed() + strays.left();
        final boolean one = count == 1;
        return count + " " + what + (one ? "" : "s") + " came and " + fate(strays, one) + ", "
                + (one ? "" : "the last one ") + "from " + last.source + ": " + DropExplanation.obstacle(last);
    }

    private static String fate(final Strays strays, final boolean one) {
        final String was = one ? "was" : "were";
        if (strays.left() > 0) {
            return was
                    + (strays.dropped() + strays.passed() == 0
                            ? " left to the host's other rules"
                            : " not let through");
        }
        return strays.passed() == 0
                ? was + " dropped"
                : strays.dropped() == 0
                        ? "would have been dropped (mode monitor)"
                        : "were dropped, or would have been in mode monitor";
    }

    private static String unheard(final SessionRecord session, final StreamRecord stream) {
        if (stream.strayAnswers.last() != null) {
            return "; " + came(stream.strayAnswers, "answer", "");
        }
        return stream.cause.equals("reset")
                ? "; " + requester(session) + " gave up, nobody had answered"
                : ", and nobody answered: look at " + responder(session) + " (does its own firewall let port "
                        + stream.port + " in, does anything listen there)";
    }

    private static String connected(final StreamRecord stream) {
        return "connected " + Units.nanos(stream.waitedNanos) + " after the REP";
    }

    private static String carriedSoFar(final StreamRecord stream, final long nowNanos) {
        return stream.originalBytes() < 0 && stream.replyBytes() < 0
                ? ", what it carries is not queued, last heard of " + Units.nanos(nowNanos - stream.heardNanos) + " ago"
                : carried(stream);
    }

    /** Bytes of both directions, and the longest silence, where they are known. */
    private static String carried(final StreamRecord stream) {
        if (stream.originalBytes() < 0 && stream.replyBytes() < 0) {
            return ", bytes not counted";
        }
        return ", " + Units.bytes(Math.max(0, stream.originalBytes()) + Math.max(0, stream.replyBytes()))
                + (stream.longestGapNanos >= SECOND
                        ? " (longest silence " + Units.nanos(stream.longestGapNanos) + ")"
                        : "");
    }

    /** The progress of a connection that no REP announced. */
    static String connection(final Connections.Connection connection) {
        final Connections.Course course = connection.course();
        final String carried = course.bytes() < 0 ? "" : ", " + Units.bytes(course.bytes());
        final String duration = Units.nanos(course.endedNanos() - connection.openedNanos());
        return switch (course.state()) {
            case LET_THROUGH -> ", no end of it was seen";
            case UNSEEN -> ", no answer of it was queued, so whether it answered is not known";
            case ANSWERED -> ", answered, no end of it was seen";
            case UNANSWERED -> ", nobody answered: look at the host that was connected to";
            case REFUSED -> ", refused by the host that was connected to (RST)";
            case ENDED -> carried + ", " + course.cause() + " after " + duration;
        };
    }
}
