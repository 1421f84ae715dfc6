package org.amverdict.telemetry;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.history.DropJson;
import org.amverdict.history.ExpectedStreams;
import org.amverdict.history.RecentDrop;
import org.amverdict.history.Session;
import org.amverdict.history.SessionJson;
import org.amverdict.json.JsonLine;

/** Sessions and drops as the status page reads them; resource statuspage.schema.json describes the fields. */
final class StatusFeedJson {
    /** The page shows only the first disks of a request that names hundreds. */
    static final int DISKS_MAX = 8;

    private StatusFeedJson() {}

    /** The rest of the object, from the key {@code sessions_max} to its closing brace. */
    static String lists(
            final List<Session> sessions, final ExpectedStreams.View expected, final List<RecentDrop> drops) {
        final JsonLine line = new JsonLine().add("sessions_max", StatusFeed.SESSIONS_MAX);
        sessions(line, sessions);
        line.openObject("expected").add("count", expected.count()).openArray("newest");
        expected.newest()
                .forEach(each -> line.openElement()
                        .add("requester", each.requester())
                        .add("responder", each.responder())
                        .add("port", each.port())
                        .add("stream", each.stream())
                        .addSeconds("age_seconds", each.ageNanos())
                        .closeObject());
        line.closeArray().closeObject();
        drops(line, drops);
        return line.end().substring(1);
    }

    /**
     * One page of what a search found.
     *
     * @param remembered how many there are
     * @param matches all that was found
     * @param skipped how many of those are newer than the page
     * @param page newest first
     */
    record Found<T>(int remembered, List<T> matches, int skipped, List<T> page) {
        void count(final JsonLine line, final String key) {
            line.openObject(key)
                    .add("remembered", remembered)
                    .add("matches", matches.size())
                    .add("skipped", skipped)
                    .closeObject();
        }
    }

    /** The answer to a search; resource search.schema.json describes the fields. */
    static String found(final Found<Session> sessions, final Found<RecentDrop> drops) {
        final JsonLine line = new JsonLine();
        sessions.count(line, "of_sessions");
        sessions(line, sessions.page());
        drops.count(line, "of_drops");
        drops(line, drops.page());
        return line.end();
    }

    private static void sessions(final JsonLine line, final List<Session> sessions) {
        line.openArray("sessions");
        sessions.forEach(session -> session(line, session));
        line.closeArray();
    }

    private static void drops(final JsonLine line, final List<RecentDrop> drops) {
        line.openArray("drops");
        drops.forEach(drop -> {
            line.openElement();
            DropJson.add(line, drop);
            line.closeObject();
        });
        line.closeArray();
    }

    private static void session(final JsonLine line, final Session session) {
        line.openElement()
                .add("id", session.id())
                .addTimestamp("requested", millis(session.requestEpochNanos()))
                .add("requester", session.requester())
                .add("responder", session.responder())
                .add("service", session.service())
                .add("disk_count", session.disks().size());
        line.add(
                "disks",
                session.disks().subList(0, Math.min(DISKS_MAX, session.disks().size())));
        if (session.level() != null) {
            line.add("level", session.level());
        }
        line.add("outcome", session.outcome().label());
        if (session.refusal() != null) {
            line.add("refusal", session.refusal());
        }
        SessionJson.addIfKnown(line, "reply_delay_seconds", session.replyDelayNanos());
        SessionJson.told(line, session);
        line.openArray("streams");
        session.streams().forEach(stream -> SessionJson.stream(line, stream));
        line.closeArray().closeObject();
    }

    private static long millis(final long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
