package org.amverdict.history;

import org.amverdict.console.Units;
import org.amverdict.events.EventFields;

/**
 * What is said of an exchange, a stream or a connection: how far it came, why it went no further, and what to look at.
 * Made from the facts that were written down when they were seen. Every report takes its words from here. Pure.
 */
final class SessionExplanation {
    /** A requester that hears nothing asks again after so long, a responder answers again (amanda-protocol.md 1.7). */
    static final long REPEAT_NANOS = 10_000_000_000L;

    private static final long SECOND = 1_000_000_000L;

    private SessionExplanation() {}

    /** {@code sendbackup /home level 1}. */
    static String what(final SessionRecord story) {
        return story.service
                + (story.disks.isEmpty() ? "" : " " + String.join(", ", story.disks))
                + (story.level == null ? "" : " level " + story.level);
    }

    /** {@code DATA stream of sendbackup /home level 1 (port 50081)}. */
    static String what(final SessionRecord story, final SessionRecord.Stream stream) {
        return stream.name.name() + " stream of " + what(story) + " (port " + stream.port + ")";
    }

    /** A sentence about the exchange, as {@code why} answers. */
    static String sentence(final SessionRecord story, final long nowNanos) {
        return "Accepted: " + what(story) + ", asked " + Units.nanos(nowNanos - story.requestNanos) + " ago"
                + since(story, nowNanos) + ".";
    }

    /** A sentence about a stream of it, as {@code why} answers. */
    static String sentence(final SessionRecord story, final SessionRecord.Stream stream, final long nowNanos) {
        return verdict(stream) + what(story, stream) + ", " + stream(story, stream, nowNanos) + ".";
    }

    private static String verdict(final SessionRecord.Stream stream) {
        return switch (stream.state) {
            case PENDING -> stream.refusals == 0 ? "Expected: " : "Refused by the host, expected once more: ";
            case NEVER -> "Never connected: ";
            case LET_THROUGH -> stream.syns() > 1 ? "Let through, nobody answered: " : "Let through: ";
            case NO_ANSWER -> "Let through, nobody answered: ";
            case REFUSED -> "Let through, refused by the host: ";
            case CONNECTED, CLOSED -> "Accepted: ";
        };
    }

    /** How far the exchange came, and what to look at. */
    static String exchange(final SessionRecord story, final long nowNanos) {
        return since(story, nowNanos).substring(", ".length());
    }

    /** What came after the request; begins with a comma or a semicolon, and a space. */
    private static String since(final SessionRecord story, final long nowNanos) {
        return switch (story.outcome) {
            case OPEN -> story.ackNanos < 0 ? unanswered(story, nowNanos) : acknowledged(story, nowNanos);
            case REPLIED -> replied(story, nowNanos) + said(story);
            case REFUSED -> "; the REP failed the check " + story.refusal + ", so it opened nothing" + said(story);
            case NAK -> "; " + responder(story) + " refused it (NAK)" + said(story);
            case EXPIRED -> ended(story);
        };
    }

    /** {@code the client 198.51.100.20}; in a recovery the server is the one that is asked. */
    private static String responder(final SessionRecord story) {
        return (asksTheServer(story) ? "the server " : "the client ")
                + EventFields.address(story.responderHigh, story.responderLow);
    }

    private static String requester(final SessionRecord story) {
        return (asksTheServer(story) ? "the client " : "the server ")
                + EventFields.address(story.requesterHigh, story.requesterLow);
    }

    private static boolean asksTheServer(final SessionRecord story) {
        return switch (story.service) {
            case "amindexd", "amidxtaped", "amdumpd", "ambackupd" -> true;
            default -> false;
        };
    }

    private static String said(final SessionRecord story) {
        return story.said == null ? "" : "; " + responder(story) + " says: \"" + story.said + "\"";
    }

    private static String times(final long count) {
        return count == 1 ? "once" : count + " times";
    }

    private static String unanswered(final SessionRecord story, final long nowNanos) {
        if (story.requests == 0) {
            return "; its REQ passed before this program started, "
                    + came(story.strayAnswers, "answer", "was seen since");
        }
        if (story.strayAnswers.last() != null) {
            return ", let through " + times(story.requests) + "; " + came(story.strayAnswers, "answer", "");
        }
        if (story.requests == 1 && nowNanos - story.requestNanos < REPEAT_NANOS) {
            return "; no answer was seen yet";
        }
        return ", let through " + times(story.requests)
                + (story.requests > 1 ? ", the last " + Units.nanos(nowNanos - story.lastRequestNanos) + " ago" : "")
                + "; no answer came back: " + silent(story);
    }

    private static String silent(final SessionRecord story) {
        return "look at " + responder(story) + " (does amandad run, does its own firewall let it in), and"
                + " whether its answers come this way";
    }

    private static String acknowledged(final SessionRecord story, final long nowNanos) {
        final String after = ", acknowledged after " + Units.nanos(story.ackNanos);
        final long waiting = nowNanos - story.requestNanos - story.ackNanos;
        if (story.deafRequests > 0) {
            return after + ", yet " + requester(story) + " asked " + times(story.deafRequests)
                    + " more: the ACK is lost behind this firewall on its way to " + requester(story)
                    + ", or refused there; " + came(story.strayAnswers, "REP", "came here yet");
        }
        if (story.strayAnswers.last() != null) {
            return after + "; " + came(story.strayAnswers, "answer", "");
        }
        return waiting < replyNanos(story.service)
                ? after + ", waiting for the REP"
                : after + "; the answer never came here in " + Units.nanos(waiting) + ": " + mute(story);
    }

    private static String mute(final SessionRecord story) {
        return "look at " + responder(story) + " (the debug files of its amandad)"
                + (story.service.equals("sendsize") ? "; estimates of large disks take long" : "");
    }

    /** How long a requester waits for the REP of that service; of estimates, of one (amanda-protocol.md 1.7). */
    private static long replyNanos(final String service) {
        return switch (service) {
            case "sendbackup", "amindexd", "amidxtaped" -> 60 * SECOND;
            case "sendsize" -> 300 * SECOND;
            default -> 30 * SECOND;
        };
    }

    private static String replied(final SessionRecord story, final long nowNanos) {
        final String answered = ", answered after " + Units.nanos(story.replyNanos)
                + (story.streams.isEmpty() ? "" : " with " + story.streams.size() + " streams");
        if (story.acknowledged || story.taken()) {
            return answered;
        }
        final long waiting = nowNanos - story.lastReplyNanos;
        if (story.replies < 2 && waiting < REPEAT_NANOS) {
            return answered + ", not acknowledged yet";
        }
        if (story.strayAcks.last() != null) {
            return answered + "; " + came(story.strayAcks, "ACK", "");
        }
        return answered + ", never acknowledged: the REP passed " + times(story.replies)
                + " and was lost behind this firewall on its way to " + requester(story) + ", or refused there";
    }

    private static String ended(final SessionRecord story) {
        final String far = story.ackNanos >= 0
                ? ", acknowledged after " + Units.nanos(story.ackNanos)
                : ", let through " + times(story.requests)
                        + (story.strayAnswers.last() == null ? ", never answered" : "");
        return far
                + switch (story.endCause) {
                    case "", "expired" ->
                        story.strayAnswers.last() != null
                                ? "; " + came(story.strayAnswers, "answer", "")
                                : "; no REP came in the time that Amanda waits: "
                                        + (story.ackNanos < 0 ? silent(story) : mute(story));
                    case "evicted" ->
                        "; given up for newer requests because the table was full (transactions.capacity), so a later REP"
                                + " is refused";
                    case "quota" ->
                        "; given up because " + requester(story) + " had more requests open than"
                                + " transactions.per-requester, so a later REP is refused";
                    case "reloaded" ->
                        "; taken back by a reload: the new configuration does not allow it, so a later REP is refused";
                    case "flushed" -> "; taken back by the operator";
                    default -> "; taken back (" + story.endCause + ")";
                };
    }

    /** How far a stream came, and what to look at. */
    static String stream(final SessionRecord story, final SessionRecord.Stream stream, final long nowNanos) {
        return switch (stream.state) {
            case PENDING -> pending(story, stream, nowNanos);
            case NEVER -> never(story, stream, nowNanos);
            case LET_THROUGH -> letThrough(story, stream, nowNanos);
            case NO_ANSWER -> passed(stream, nowNanos) + unheard(story, stream);
            case REFUSED -> passed(stream, nowNanos) + "; " + refused(story, stream);
            case CONNECTED -> connected(stream) + ", open" + carriedSoFar(stream, nowNanos);
            case CLOSED ->
                connected(stream) + carried(stream) + ", " + stream.cause + " after "
                        + Units.nanos(stream.durationNanos);
        };
    }

    private static String announced(final SessionRecord.Stream stream, final long nowNanos) {
        return "announced " + Units.nanos(nowNanos - stream.announcedNanos) + " ago";
    }

    private static String pending(final SessionRecord story, final SessionRecord.Stream stream, final long nowNanos) {
        return stream.refusals == 0
                ? announced(stream, nowNanos) + "; " + came(stream.strays, "SYN", "came yet")
                : announced(stream, nowNanos) + ", let through " + times(stream.refusals) + "; "
                        + refused(story, stream);
    }

    private static String refused(final SessionRecord story, final SessionRecord.Stream stream) {
        return responder(story) + " answered with RST: nothing listens on port " + stream.port
                + " there, or its own firewall rejects it";
    }

    private static String never(final SessionRecord story, final SessionRecord.Stream stream, final long nowNanos) {
        return announced(stream, nowNanos)
                + switch (stream.cause) {
                    case "expired" ->
                        ", expired; " + came(stream.strays, "SYN", "reached the queue in that time")
                                + (stream.strays.last() == null
                                        ? ": look at " + requester(story)
                                                + ", and at rules that drop it before the queue"
                                        : "");
                    case "revoked" ->
                        ", taken back: " + responder(story) + " announced other ports, or this one to another dump";
                    case "nak" -> ", taken back: " + responder(story) + " refused the request after that (NAK)";
                    case "reloaded" -> ", taken back by a reload: the new configuration does not allow it";
                    case "quota" ->
                        ", given up because " + requester(story) + " had used up expectations.per-requester";
                    case "evicted" -> ", given up because the table was full (expectations.capacity)";
                    case "flushed" -> ", taken back by the operator (expectations flush)";
                    default -> ", " + stream.cause;
                };
    }

    /** How often and when its SYN passed. */
    private static String passed(final SessionRecord.Stream stream, final long nowNanos) {
        final int syns = stream.syns();
        if (syns == 1) {
            return "let through " + Units.nanos(stream.waitedNanos) + " after the REP";
        }
        return (syns == 0 ? stream.originalPackets + " packets let through" : "let through " + times(syns))
                + ", the first " + Units.nanos(stream.waitedNanos) + " after the REP"
                + (stream.heardNanos == stream.openedNanos
                        ? ""
                        : ", the last " + Units.nanos(nowNanos - stream.heardNanos) + " ago");
    }

    private static String letThrough(
            final SessionRecord story, final SessionRecord.Stream stream, final long nowNanos) {
        if (stream.syns() > 1) {
            return passed(stream, nowNanos) + unheard(story, stream);
        }
        final boolean fresh = !stream.unseen && stream.syns() == 1;
        return passed(stream, nowNanos)
                + (fresh
                        ? "; no answer was seen yet"
                        : "; what answers it is not queued, so whether it answered is not known, last heard of "
                                + Units.nanos(nowNanos - stream.heardNanos) + " ago");
    }

    /**
     * That none came, where that is a fact; else what came.
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
        final long count = strays.dropped() + strays.passed();
        final boolean one = count == 1;
        final String fate = strays.passed() == 0
                ? (one ? "was" : "were") + " dropped"
                : strays.dropped() == 0
                        ? "would have been dropped (passed, mode monitor)"
                        : "were dropped, or would have been in mode monitor";
        return count + " " + what + (one ? "" : "s") + " came and " + fate + ", " + (one ? "" : "the last one ")
                + "from " + last.source() + ": " + DropExplanation.obstacle(last);
    }

    private static String unheard(final SessionRecord story, final SessionRecord.Stream stream) {
        if (stream.strayAnswers.last() != null) {
            return "; " + came(stream.strayAnswers, "answer", "");
        }
        return stream.cause.equals("reset")
                ? "; " + requester(story) + " gave up, nobody had answered"
                : ", and nobody answered: look at " + responder(story) + " (does its own firewall let port "
                        + stream.port + " in, does anything listen there)";
    }

    private static String connected(final SessionRecord.Stream stream) {
        return "connected " + Units.nanos(stream.waitedNanos) + " after the REP";
    }

    private static String carriedSoFar(final SessionRecord.Stream stream, final long nowNanos) {
        return stream.originalBytes() < 0 && stream.replyBytes() < 0
                ? ", what it carries is not queued, last heard of " + Units.nanos(nowNanos - stream.heardNanos) + " ago"
                : carried(stream);
    }

    /** Bytes of both directions, and the longest silence, where they are known. */
    private static String carried(final SessionRecord.Stream stream) {
        if (stream.originalBytes() < 0 && stream.replyBytes() < 0) {
            return ", bytes not counted";
        }
        return ", " + Units.bytes(Math.max(0, stream.originalBytes()) + Math.max(0, stream.replyBytes()))
                + (stream.longestGapNanos >= SECOND
                        ? " (longest silence " + Units.nanos(stream.longestGapNanos) + ")"
                        : "");
    }

    /** How a connection that no REP announced goes on. */
    static String connection(final Connections.Connection connection) {
        final String carried = connection.bytes() < 0 ? "" : ", " + Units.bytes(connection.bytes());
        final String duration = Units.nanos(connection.endedNanos() - connection.openedNanos());
        return switch (connection.state()) {
            case LET_THROUGH -> ", no end of it was seen";
            case UNSEEN -> ", no answer of it was queued, so whether it answered is not known";
            case ANSWERED -> ", answered, no end of it was seen";
            case UNANSWERED -> ", nobody answered: look at the host that was connected to";
            case REFUSED -> ", refused by the host that was connected to (RST)";
            case ENDED -> carried + ", " + connection.cause() + " after " + duration;
        };
    }
}
