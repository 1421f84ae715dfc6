package org.amverdict.history;

import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.StreamName;
import org.amverdict.console.Units;
import org.amverdict.events.Fault;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.Removal;

/**
 * Describes an exchange, a stream or a connection: how far it got, why it went no further, and what to look at. Works
 * from facts recorded when they were seen. Every report takes its words from here. Pure.
 */
final class SessionExplanation {
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

    /** What became of the exchange, as {@code why} answers. */
    static Finding finding(final SessionRecord session, final long nowNanos) {
        final Advice since = since(session, nowNanos);
        return Finding.of(
                session.changedNanos(),
                "Accepted: " + what(session) + ", asked " + Units.nanos(nowNanos - session.requestNanos) + " ago",
                since,
                session.wentWell() ? session.requestNanos : null);
    }

    /** What became of a stream of it, as {@code why} answers. */
    static Finding finding(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        return Finding.of(
                stream.changedNanos,
                verdict(stream) + what(session, stream) + ", ",
                stream(session, stream, nowNanos),
                stream.wentWell() ? stream.announcedNanos : null);
    }

    private static String verdict(final StreamRecord stream) {
        return switch (stream.state) {
            case PENDING -> stream.refusals == 0 ? "Expected: " : "Refused by the host, expected again: ";
            case NEVER -> "Never connected: ";
            case LET_THROUGH -> stream.syns() > 1 ? "Let through, nobody answered: " : "Let through: ";
            case NO_ANSWER -> "Let through, nobody answered: ";
            case REFUSED -> "Let through, refused by the host: ";
            case CONNECTED, CLOSED -> "Accepted: ";
        };
    }

    /** How far the exchange got, and what to look at. */
    static Advice exchange(final SessionRecord session, final long nowNanos) {
        final Advice since = since(session, nowNanos);
        return new Advice(since.text().substring(", ".length()), since.remedy(), since.fault());
    }

    /** What followed the request; begins with a comma or a semicolon, and a space. */
    private static Advice since(final SessionRecord session, final long nowNanos) {
        return switch (session.outcome) {
            case OPEN -> session.ackNanos < 0 ? unanswered(session, nowNanos) : acknowledged(session, nowNanos);
            case REPLIED -> replied(session, nowNanos);
            case REFUSED -> refusedReply(session);
            case NAK ->
                new Advice(
                        "; " + responder(session) + " refused it (NAK)" + said(session),
                        session.said == null
                                ? "look at the debug files of amandad on " + session.responder
                                : mend(session),
                        Fault.ELSEWHERE);
            case EXPIRED -> ended(session);
        };
    }

    /** With the cause that was found when the REP was judged. */
    private static Advice refusedReply(final SessionRecord session) {
        final Advice found = session.refused;
        final boolean error = Refusal.ERROR_LINE.label().equals(session.refusal);
        return new Advice(
                error
                        ? answered(session) + ", so the ports in its REP stay closed" + said(session)
                        : "; the REP failed the check " + session.refusal + ", so it opened nothing" + said(session),
                found == null ? null : found.remedy(),
                found == null ? Fault.HERE : found.fault());
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

    private static Advice unanswered(final SessionRecord session, final long nowNanos) {
        if (session.requests == 0) {
            return came(session.strayAnswers, "answer", "was seen since")
                    .after("; its REQ passed before this program started, ");
        }
        if (session.strayAnswers.last() != null) {
            return came(session.strayAnswers, "answer", "")
                    .after(", let through " + Units.times(session.requests) + "; ");
        }
        if (!Patience.isUnanswered(session.requests, nowNanos - session.requestNanos)) {
            return Advice.of("; no answer was seen yet");
        }
        return Advice.of(
                ", let through " + Units.times(session.requests)
                        + (session.requests > 1
                                ? ", the last " + Units.nanos(nowNanos - session.lastRequestNanos) + " ago"
                                : "")
                        + "; no answer came back",
                ": ",
                silent(session));
    }

    private static String silent(final SessionRecord session) {
        return "look at " + responder(session) + " (does amandad run, does its own firewall let it in), and"
                + " whether its answers come this way";
    }

    private static Advice acknowledged(final SessionRecord session, final long nowNanos) {
        final String after = ", acknowledged after " + Units.nanos(session.ackNanos);
        final long waiting = nowNanos - session.requestNanos - session.ackNanos;
        if (session.deafRequests > 0) {
            final Advice answers = came(session.strayAnswers, "REP", "came here yet")
                    .after(after + ", yet " + requester(session) + " asked " + Units.times(session.deafRequests)
                            + " more: the ACK is lost behind this firewall on its way to " + requester(session)
                            + ", or refused there; ");
            return answers.remedy() == null ? new Advice(answers.text(), behind(session), Fault.ELSEWHERE) : answers;
        }
        if (session.strayAnswers.last() != null) {
            return came(session.strayAnswers, "answer", "").after(after + "; ");
        }
        return waiting < Patience.replyNanos(session.service, session.diskCount)
                ? Advice.of(after + ", waiting for the REP")
                : Advice.of(after + "; the answer never came here in " + Units.nanos(waiting), ": ", mute(session));
    }

    private static String mend(final SessionRecord session) {
        return "fix what " + session.responder + " reports";
    }

    /** What to do about answers that leave here and do not arrive. */
    private static String behind(final SessionRecord session) {
        return "look at the path from here to " + requester(session) + ", and at the firewall of that host";
    }

    private static String mute(final SessionRecord session) {
        return "look at " + responder(session) + " (the debug files of its amandad)"
                + (session.service.equals("sendsize") ? "; estimates of large disks take long" : "");
    }

    private static Advice replied(final SessionRecord session, final long nowNanos) {
        final String answered =
                answered(session) + (session.streams.isEmpty() ? "" : " with " + session.streams.size() + " streams");
        if (session.acknowledged || session.taken()) {
            return saying(session, answered);
        }
        if (!Patience.isUnacknowledged(session.replies, nowNanos - session.lastReplyNanos)) {
            // That the service failed says more than that the ACK may be on its way.
            return saying(session, answered + (session.said == null ? ", not acknowledged yet" : ""));
        }
        if (session.strayAcks.last() != null) {
            final Advice acks = came(session.strayAcks, "ACK", "").after(answered + "; ");
            return new Advice(acks.text() + said(session), acks.remedy(), acks.fault());
        }
        return new Advice(
                answered + ", never acknowledged: the REP passed " + Units.times(session.replies)
                        + " and was lost behind this firewall on its way to " + requester(session)
                        + ", or refused there" + said(session),
                behind(session),
                Fault.ELSEWHERE);
    }

    private static String answered(final SessionRecord session) {
        return ", answered" + (session.said == null ? "" : " with an error") + " after "
                + Units.nanos(session.replyNanos);
    }

    /** The exchange went well, but the responder may have said that the service failed. */
    private static Advice saying(final SessionRecord session, final String answered) {
        return session.said == null
                ? Advice.of(answered)
                : new Advice(answered + said(session), mend(session), Fault.ELSEWHERE);
    }

    private static Advice ended(final SessionRecord session) {
        final String far = session.ackNanos >= 0
                ? ", acknowledged after " + Units.nanos(session.ackNanos)
                : ", let through " + Units.times(session.requests)
                        + (session.strayAnswers.last() == null ? ", never answered" : "");
        return gone(session, session.removal == null ? Removal.EXPIRED : session.removal)
                .after(far);
    }

    private static Advice gone(final SessionRecord session, final Removal removal) {
        return switch (removal) {
            case EXPIRED ->
                session.strayAnswers.last() != null
                        ? came(session.strayAnswers, "answer", "").after("; ")
                        : Advice.of(
                                "; no REP came in the time that Amanda waits",
                                ": ",
                                session.ackNanos < 0 ? silent(session) : mute(session));
            case EVICTED ->
                new Advice(
                        "; given up for newer requests because the table was full (transactions.capacity), so a later"
                                + " REP is refused",
                        "raise transactions.capacity",
                        Fault.HERE);
            case QUOTA ->
                new Advice(
                        "; given up because " + requester(session) + " had more requests open than"
                                + " transactions.per-requester, so a later REP is refused",
                        "raise transactions.per-requester",
                        Fault.HERE);
            case RELOADED ->
                new Advice(
                        "; taken back by a reload: the new configuration does not allow it, so a later REP is refused",
                        DropExplanation.FIX_AND_RELOAD,
                        Fault.HERE);
            case FLUSHED -> new Advice("; taken back by the operator", "run the backup again", Fault.HERE);
            case MATCHED, REVOKED, NAK -> Advice.of("; taken back (" + removal.label() + ")");
        };
    }

    /** How far a stream got, and what to look at. */
    static Advice stream(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        return switch (stream.state) {
            case PENDING -> pending(session, stream, nowNanos);
            case NEVER -> never(session, stream, nowNanos);
            case LET_THROUGH -> letThrough(session, stream, nowNanos);
            case NO_ANSWER -> unheard(session, stream).after(passed(stream, nowNanos));
            case REFUSED -> refused(session, stream).after(passed(stream, nowNanos) + "; ");
            case CONNECTED -> Advice.of(connected(stream) + ", open" + carriedSoFar(stream, nowNanos));
            case CLOSED -> closed(session, stream);
        };
    }

    /** An end that is none of TCP's has a remedy, and so has a reset of the stream that carries the backup. */
    private static Advice closed(final SessionRecord session, final StreamRecord stream) {
        final String text = connected(stream) + carried(stream) + ", " + stream.cause + " after "
                + Units.nanos(stream.durationNanos);
        if (stream.cause.equals(FlowEnd.IDLE.label())) {
            return new Advice(
                    text,
                    "look at both hosts: neither sent anything for longer than flows.idle; raise flows.idle if"
                            + " that can be",
                    Fault.ELSEWHERE);
        }
        if (stream.cause.equals(FlowEnd.EVICTED.label())) {
            return new Advice(text, "raise flows.capacity, the table of connections was full", Fault.HERE);
        }
        if (stream.cause.equals(FlowEnd.RESET.label()) && stream.name == StreamName.DATA) {
            return new Advice(
                    text,
                    "look at the debug files of " + requester(session) + " and " + responder(session)
                            + ", for one of them broke the stream off",
                    Fault.ELSEWHERE);
        }
        return Advice.of(text);
    }

    private static String announced(final StreamRecord stream, final long nowNanos) {
        return "announced " + Units.nanos(nowNanos - stream.announcedNanos) + " ago";
    }

    private static Advice pending(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        return stream.refusals == 0
                ? came(stream.strays, "SYN", "came yet").after(announced(stream, nowNanos) + "; ")
                : refused(session, stream)
                        .after(announced(stream, nowNanos) + ", let through " + Units.times(stream.refusals) + "; ");
    }

    private static Advice refused(final SessionRecord session, final StreamRecord stream) {
        return new Advice(
                responder(session) + " answered with RST: nothing listens on port " + stream.port
                        + " there, or its own firewall rejects it",
                "look at " + responder(session) + " (its own firewall, and the debug files of its amandad)",
                Fault.ELSEWHERE);
    }

    private static Advice never(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        return neverTaken(session, stream).after(announced(stream, nowNanos));
    }

    private static Advice neverTaken(final SessionRecord session, final StreamRecord stream) {
        return switch (stream.removal) {
            case EXPIRED ->
                stream.strays.last() == null
                        ? Advice.of(
                                ", expired; "
                                        + came(stream.strays, "SYN", "reached the queue in that time")
                                                .text(),
                                ": ",
                                "look at " + requester(session) + ", and at rules that drop it before the queue")
                        : came(stream.strays, "SYN", "").after(", expired; ");
            case REVOKED ->
                Advice.of(
                        ", taken back: " + responder(session) + " announced other ports, or this one to another dump");
            case NAK -> Advice.of(", taken back: " + responder(session) + " refused the request after that (NAK)");
            case RELOADED ->
                new Advice(
                        ", taken back by a reload: the new configuration does not allow it",
                        DropExplanation.FIX_AND_RELOAD,
                        Fault.HERE);
            case QUOTA ->
                new Advice(
                        ", given up because " + requester(session) + " had used up expectations.per-requester",
                        "raise expectations.per-requester",
                        Fault.HERE);
            case EVICTED ->
                new Advice(
                        ", given up because the table was full (expectations.capacity)",
                        "raise expectations.capacity",
                        Fault.HERE);
            case FLUSHED ->
                new Advice(", taken back by the operator (expectations flush)", "run the backup again", Fault.HERE);
            case MATCHED -> Advice.of(", " + stream.removal.label());
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

    private static Advice letThrough(final SessionRecord session, final StreamRecord stream, final long nowNanos) {
        if (stream.syns() > 1) {
            return unheard(session, stream).after(passed(stream, nowNanos));
        }
        final boolean fresh = !stream.unseen && stream.syns() == 1;
        return Advice.of(passed(stream, nowNanos)
                + (fresh
                        ? "; no answer was seen yet"
                        : "; what answers it is not queued, so whether it answered is not known, last heard of "
                                + Units.nanos(nowNanos - stream.heardNanos) + " ago"));
    }

    /**
     * That none came, if that is certain; otherwise what came.
     *
     * @param none says that none came: {@code came yet}
     */
    private static Advice came(final Strays strays, final String what, final String none) {
        final Fact last = strays.last();
        if (last == null) {
            return Advice.of(
                    strays.blurred()
                            ? "no " + what + " is on record, but records of drops were lost in that time"
                            : "no " + what + " " + none);
        }
        final long count = strays.dropped() + strays.passed() + strays.left();
        final boolean one = count == 1;
        return new Advice(
                count + " " + what + (one ? "" : "s") + " came and " + fate(strays, one) + ", "
                        + (one ? "" : "the last one ") + "from " + last.source + ": " + DropExplanation.obstacle(last),
                DropExplanation.advice(last).remedy(),
                strays.fault());
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

    private static Advice unheard(final SessionRecord session, final StreamRecord stream) {
        if (stream.strayAnswers.last() != null) {
            return came(stream.strayAnswers, "answer", "").after("; ");
        }
        if (stream.cause.equals("reset")) {
            return new Advice(
                    "; " + requester(session) + " gave up, nobody had answered",
                    listening(session, stream),
                    Fault.ELSEWHERE);
        }
        return Advice.of(", and nobody answered", ": ", listening(session, stream));
    }

    private static String listening(final SessionRecord session, final StreamRecord stream) {
        return "look at " + responder(session) + " (does its own firewall let port " + stream.port
                + " in, does anything listen there)";
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
}
