package org.amverdict.report;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.events.Fault;
import org.amverdict.history.Patience;
import org.amverdict.history.Session;
import org.amverdict.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** One request and what came of it, as the event files have it. For one thread. */
final class PastExchange {
    /** Most streams that are kept, as for a session. */
    private static final int STREAMS_MAX = 32;

    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final double NANOS_PER_SECOND = 1e9;

    final long transaction;
    final String requester;
    final int requesterPort;
    final String responder;
    final int controlPort;
    final String service;
    final String handle;
    final String line;
    final long askedMillis;
    final List<PastStream> streams = new ArrayList<>();

    List<String> disks = List.of();
    String level = "";
    /** How many it names; the list may be shorter. */
    int diskCount;

    int requests;
    int replies;
    long lastReplyMillis;
    double ackSeconds = -1;
    double replySeconds = -1;
    boolean acknowledged;
    long lastMillis;
    Session.Outcome outcome = Session.Outcome.OPEN;
    String refusal = "";
    String text = "";
    /** What went wrong with the exchange itself. */
    Wrong wrong = Wrong.NOTHING;

    /** Begun by its request. */
    PastExchange(final JsonObject asked, final long millis) {
        final JsonObject amanda = asked.object("amanda");
        transaction = asked.number("transaction");
        requester = asked.text("src_ip");
        requesterPort = (int) asked.number("src_port");
        responder = asked.text("dest_ip");
        controlPort = (int) asked.number("dest_port");
        service = amanda.text("service");
        handle = amanda.text("handle");
        line = asked.text("line");
        askedMillis = millis;
    }

    /** The host that is backed up: in a recovery it is the one that asks. */
    String client() {
        return isRecovery() ? requester : responder;
    }

    boolean isRecovery() {
        return switch (service) {
            case "amindexd", "amidxtaped", "amdumpd", "ambackupd" -> true;
            default -> false;
        };
    }

    static boolean isDump(final String service) {
        return service.equals("sendbackup");
    }

    void requested(final JsonObject event, final long millis) {
        lastMillis = millis;
        if (event.text("action").equals("acknowledged")) {
            acknowledged |= replies > 0;
            return;
        }
        requests++;
        if (event.has("disks")) {
            disks = event.texts("disks");
            diskCount = (int) event.number("disk_count");
            level = event.text("level");
        }
    }

    void unanswered(final JsonObject event, final long millis) {
        lastMillis = millis;
        outcome = Session.Outcome.EXPIRED;
        final String cause = event.text("cause");
        final Wrong found = Wrong.of(Kind.UNANSWERED, event, "no REP came: " + cause);
        if (!cause.equals("expired")) {
            wrong = found.as(Kind.GIVEN_UP);
        } else if (found.here()) {
            wrong = found.as(Kind.ANSWER_DROPPED);
        } else {
            wrong = ackSeconds >= 0 ? found.as(Kind.NO_REPLY) : found;
        }
    }

    void answered(final JsonObject event, final long millis) {
        lastMillis = millis;
        final double after = event.decimal("since_request_seconds");
        if (event.has("text")) {
            text = event.text("text");
        }
        switch (event.object("amanda").text("type")) {
            case "ACK" -> ackSeconds = ackSeconds < 0 ? after : ackSeconds;
            case "NAK" -> {
                outcome = Session.Outcome.NAK;
                wrong = Wrong.of(Kind.NAK, event, "the client refused it" + words());
            }
            case "REP" -> replied(event, after, millis);
            default -> {
                // PREP: an estimate is still running.
            }
        }
    }

    private String words() {
        return text.isEmpty() ? "" : "; it says: \"" + text + "\"";
    }

    private void replied(final JsonObject event, final double after, final long millis) {
        if (event.has("refusal")) {
            refusal = event.text("refusal");
            outcome = outcome == Session.Outcome.REPLIED ? outcome : Session.Outcome.REFUSED;
            // The responder's own words say more than that its REP opens nothing.
            wrong = Wrong.of(
                    event.has("text") ? Kind.ERROR : Kind.REPLY_REFUSED,
                    event,
                    "the REP failed the check " + refusal + ", so it opened nothing" + words());
        } else {
            outcome = Session.Outcome.REPLIED;
            wrong = event.has("text") ? Wrong.of(Kind.ERROR, event, "answered with an error" + words()) : Wrong.NOTHING;
        }
        if (!event.text("verdict").equals("drop")) {
            replies++;
            lastReplyMillis = millis;
            replySeconds = replySeconds < 0 ? after : replySeconds;
        }
    }

    void announced(final JsonObject event, final long millis) {
        streams.removeIf(stream -> stream.connectorPort == 0);
        for (final JsonObject opened : event.objects("opens")) {
            if (streams.size() < STREAMS_MAX) {
                streams.add(new PastStream(opened.text("stream"), (int) opened.number("port"), millis));
            }
        }
    }

    /** The newest stream to that port, or null. */
    @Nullable PastStream stream(final int port) {
        for (int i = streams.size() - 1; i >= 0; i--) {
            if (streams.get(i).port == port) {
                return streams.get(i);
            }
        }
        return null;
    }

    /** That one; created if its announcement is not in the files. */
    PastStream streamOf(final JsonObject event, final long millis) {
        lastMillis = millis;
        final int port = (int) event.number("dest_port");
        final PastStream known = stream(port);
        if (known != null) {
            return known;
        }
        final PastStream stream = new PastStream(event.object("amanda").text("stream"), port, millis);
        if (streams.size() < STREAMS_MAX) {
            streams.add(stream);
        }
        return stream;
    }

    /** Whether one of its streams was connected to, which shows that its REP arrived. */
    private boolean taken() {
        return streams.stream().anyMatch(stream -> stream.connectorPort != 0);
    }

    /**
     * The failure of the whole: the exchange's own, else the first of its streams'.
     *
     * @param endMillis when the files end
     */
    Wrong failure(final long endMillis) {
        if (wrong.any()) {
            return wrong;
        }
        if (outcome == Session.Outcome.OPEN) {
            return waiting(endMillis);
        }
        if (isReplyLost(endMillis)) {
            return new Wrong(
                    Kind.NOT_ACKNOWLEDGED,
                    "the REP passed " + (replies == 1 ? "once" : replies + " times")
                            + " and was never acknowledged: it was lost behind this firewall on its way to " + requester
                            + ", or refused there",
                    "look at the path from here to " + requester + ", and at the firewall of that host",
                    Fault.ELSEWHERE);
        }
        Wrong worst = Wrong.NOTHING;
        for (final PastStream stream : streams) {
            if (stream.wrong.any() && stream.wrong.kind().compareTo(worst.kind()) < 0) {
                worst = stream.wrong;
            }
        }
        return worst.kind() == Kind.NEVER_CONNECTED && worst.here() ? worst.as(Kind.SYN_DROPPED) : worst;
    }

    private boolean isReplyLost(final long endMillis) {
        return !acknowledged && !taken() && Patience.isUnacknowledged(replies, nanos(endMillis - lastReplyMillis));
    }

    /** Whether its answer may still come. */
    boolean isWaiting(final long endMillis) {
        return outcome == Session.Outcome.OPEN && !isOverdue(endMillis);
    }

    private boolean isOverdue(final long endMillis) {
        final long since = nanos(endMillis - askedMillis);
        return ackSeconds < 0
                ? Patience.isUnanswered(requests, since)
                : since - (long) (ackSeconds * NANOS_PER_SECOND) >= Patience.replyNanos(service, diskCount);
    }

    private static long nanos(final long millis) {
        return millis * NANOS_PER_MILLI;
    }

    /** What to say about a request that has neither an answer nor an end. */
    private Wrong waiting(final long endMillis) {
        if (!isOverdue(endMillis)) {
            return Wrong.NOTHING;
        }
        return ackSeconds < 0
                ? new Wrong(
                        Kind.UNANSWERED,
                        "let through " + (requests == 1 ? "once" : requests + " times") + "; no answer came back",
                        "look at " + responder + " (does amandad run, does its own firewall let it in), and whether its"
                                + " answers come this way",
                        Fault.ELSEWHERE)
                : new Wrong(
                        Kind.NO_REPLY,
                        "acknowledged; the answer never came here",
                        "look at " + responder + " (the debug files of its amandad)",
                        Fault.ELSEWHERE);
    }

    /** The names of the streams that something of this kind befell. */
    List<String> streams(final Kind kind) {
        final Kind sought = kind == Kind.SYN_DROPPED ? Kind.NEVER_CONNECTED : kind;
        return streams.stream()
                .filter(stream -> stream.wrong.kind() == sought)
                .map(stream -> stream.name)
                .toList();
    }
}
