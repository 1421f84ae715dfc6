package org.amverdict.report;

import org.amverdict.history.Session;
import org.amverdict.json.JsonObject;

/** One announced stream, as the event files have it. For one thread. */
final class PastStream {
    final String name;
    final int port;
    final long announcedMillis;

    Session.StreamState state = Session.StreamState.PENDING;
    int connectorPort;
    long openedMillis;
    double waitedSeconds = -1;
    double durationSeconds = -1;
    double longestGapSeconds = -1;
    long originalBytes = -1;
    long replyBytes = -1;
    String cause = "";
    /** What went wrong with it last; {@link Wrong#NOTHING} if nothing did. */
    Wrong wrong = Wrong.NOTHING;

    PastStream(final String name, final int port, final long announcedMillis) {
        this.name = name;
        this.port = port;
        this.announcedMillis = announcedMillis;
    }

    void opened(final JsonObject event, final long millis) {
        state = Session.StreamState.LET_THROUGH;
        connectorPort = (int) event.number("src_port");
        openedMillis = millis;
        waitedSeconds = event.has("waited_seconds") ? event.decimal("waited_seconds") : -1;
        wrong = Wrong.NOTHING;
    }

    void unused(final JsonObject event) {
        state = wrong.kind() == Kind.REFUSED_STREAM ? Session.StreamState.REFUSED : Session.StreamState.NEVER;
        cause = event.text("cause");
        if (state == Session.StreamState.NEVER) {
            wrong = Wrong.of(unusedKind(cause), event, "no connection came: " + cause);
        }
    }

    private static Kind unusedKind(final String cause) {
        return switch (cause) {
            case "expired" -> Kind.NEVER_CONNECTED;
            // A later REP, or a NAK, which is reported itself.
            case "revoked", "nak" -> Kind.NONE;
            default -> Kind.TAKEN_BACK;
        };
    }

    void closed(final JsonObject event) {
        cause = event.text("cause");
        durationSeconds = event.decimal("duration_seconds");
        originalBytes = count(event, "original_bytes", originalBytes);
        replyBytes = count(event, "reply_bytes", replyBytes);
        if (event.has("longest_gap_seconds")) {
            longestGapSeconds = event.decimal("longest_gap_seconds");
        }
        final boolean conntrack = event.text("source").equals("conntrack");
        final boolean answered = conntrack || event.number("reply_packets") > 0;
        switch (cause) {
            case "refused" -> {
                state = Session.StreamState.REFUSED;
                wrong = Wrong.of(Kind.REFUSED_STREAM, event, "the host answered with RST");
            }
            case "unfollowed" -> unfollowed(event);
            case "stop" -> state = answered ? Session.StreamState.CONNECTED : state;
            case "idle", "evicted", "reset" -> {
                state = answered ? Session.StreamState.CLOSED : Session.StreamState.NO_ANSWER;
                wrong = answered
                        ? event.has("remedy") || cause.equals("idle")
                                ? Wrong.of(Kind.BROKEN_OFF, event, "it ended with " + cause)
                                : Wrong.NOTHING
                        : Wrong.of(Kind.NO_ANSWER, event, "nobody answered");
            }
            default -> {
                state = answered ? Session.StreamState.CLOSED : Session.StreamState.NO_ANSWER;
                wrong = answered ? Wrong.NOTHING : Wrong.of(Kind.NO_ANSWER, event, "nobody answered");
            }
        }
    }

    /** Of such a stream only the SYNs were seen: repeated ones were not answered, of a single one nothing is known. */
    private void unfollowed(final JsonObject event) {
        if (event.has("remedy") || event.number("original_packets") > 1) {
            state = Session.StreamState.NO_ANSWER;
            wrong = Wrong.of(Kind.NO_ANSWER, event, "nobody answered");
        }
    }

    private static long count(final JsonObject event, final String key, final long otherwise) {
        return event.has(key) ? event.number(key) : otherwise;
    }

    /** Whether the host that listened has answered it. */
    boolean connected() {
        return state == Session.StreamState.CONNECTED || state == Session.StreamState.CLOSED;
    }

    /** Bytes of both directions that were counted. */
    long bytes() {
        return connected() ? Math.max(0, originalBytes) + Math.max(0, replyBytes) : 0;
    }
}
