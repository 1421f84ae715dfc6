package org.amverdict.control;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.events.Ends;
import org.amverdict.events.EventFeed;
import org.amverdict.events.EventFilter;
import org.amverdict.history.RecentDrop;
import org.amverdict.history.Session;
import org.amverdict.history.Why;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Announcement;
import org.amverdict.track.ExpectationTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableCounters;
import org.jspecify.annotations.Nullable;

/** Answers of a daemon that a test can recognise. */
public final class SampleDaemon {
    public static final long NOW_NANOS = 1_700_000_000_000_000_000L;
    private static final long SECOND = 1_000_000_000L;

    final List<Session> sessions = new CopyOnWriteArrayList<>();
    final List<RecentDrop> drops = new CopyOnWriteArrayList<>();
    final ExpectationTable expectations = new ExpectationTable(64, 64, 1, new TableCounters());
    final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    volatile ReloadOutcome outcome = ReloadOutcome.refused("file", List.of("file:1:1: error: wrong\n    x\n    ^"));
    volatile long reloadMillis;

    /** One watcher's events, and whether it is still there. */
    static final class Watcher implements EventFeed.Subscription {
        final BlockingQueue<String> events;
        final AtomicLong lost = new AtomicLong();
        final EventFilter filter;
        volatile boolean closed;

        Watcher(final int capacity, final EventFilter filter) {
            this.filter = filter;
            events = new LinkedBlockingQueue<>(capacity);
        }

        @Override
        public @Nullable String poll(final long timeoutMillis) throws InterruptedException {
            return events.poll(timeoutMillis, TimeUnit.MILLISECONDS);
        }

        @Override
        public long lost() {
            return lost.get();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    void happen(final String event) {
        final JsonObject read = JsonObject.parse(event);
        final IpAddress source = IpAddress.parse(read.text("src_ip"));
        final IpAddress destination = IpAddress.parse(read.text("dest_ip"));
        final IpAddress nobody = new IpAddress(0, 0);
        final Ends ends = new Ends(source == null ? nobody : source, 0, destination == null ? nobody : destination, 0);
        for (final Watcher watcher : watchers) {
            final boolean wanted =
                    watcher.filter.matches(read.text("event_type").equals("drop"), ends);
            if (wanted && !watcher.events.offer(event)) {
                watcher.lost.incrementAndGet();
            }
        }
    }

    ControlSources sources() {
        final Why why = (source, destination, port) -> {
            if (port == 1) {
                throw new IllegalArgumentException("no such port");
            }
            return new Why.Answer(
                    Why.Was.NO,
                    "nothing was dropped",
                    "look at the client",
                    List.of(source + " to " + destination + " port " + port, "nothing was dropped"));
        };
        return new ControlSources(
                SampleDaemon::status,
                new ControlSources.History(
                        max -> sessions.subList(0, Math.min(max, sessions.size())),
                        max -> drops.subList(0, Math.min(max, drops.size())),
                        why),
                (capacity, filter) -> {
                    final Watcher watcher = new Watcher(capacity, filter);
                    watchers.add(watcher);
                    return watcher;
                },
                expectations,
                () -> expectations.flush(new Scratch()),
                this::reload);
    }

    private ReloadOutcome reload() {
        try {
            Thread.sleep(reloadMillis);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return outcome;
    }

    void expect(final String requester, final String responder, final int port) {
        final IpAddress from = IpAddress.parse(requester);
        final IpAddress to = IpAddress.parse(responder);
        if (from == null || to == null) {
            throw new IllegalArgumentException(requester + " " + responder);
        }
        final long now = System.nanoTime();
        expectations.expect(
                new Scratch(),
                new Tuple().set(from.high(), from.low(), 0, to.high(), to.low(), port),
                new Announcement()
                        .stream(StreamName.DATA)
                                .service(Service.SENDBACKUP)
                                .owner(1)
                                .until(now + 100 * SECOND),
                now - 20 * SECOND);
    }

    /** A status with figures. */
    public static String status() {
        final JsonLine line = new JsonLine()
                .addTimestamp("timestamp", NOW_NANOS / 1_000_000)
                .add("version", "0.1.0")
                .add("java", "17")
                .add("pid", 4711)
                .add("ready", true)
                .add("mode", "enforce")
                .addTimestamp("started", NOW_NANOS / 1_000_000 - 11_520_000)
                .add("uptime_seconds", 11_520);
        line.openObject("config")
                .add("file", "/etc/amverdict/amverdict.yaml")
                .addTimestamp("loaded", NOW_NANOS / 1_000_000 - 60_000)
                .add("last_reload_successful", true)
                .add("last_reload_message", "")
                .closeObject()
                .openObject("rules")
                .add("standing", "in-place")
                .add("in_place", true)
                .add("message", "")
                .add("restored", 0)
                .closeObject()
                .openArray("queues");
        for (int queue = 10; queue < 15; queue++) {
            line.openElement()
                    .add("queue", queue)
                    .add("bound", true)
                    .add("length", 3)
                    .add("kernel_dropped", 4);
            for (final String none : List.of("user_dropped", "overruns", "id_gaps", "uninspected", "foreign")) {
                line.add(none, 0);
            }
            line.add("packets", 1_234_567)
                    .add("batches", 400_000)
                    .addNumber("batch_mean", "3.09")
                    .addNumber("latency_p50_seconds", "0.00002")
                    .addNumber("latency_p99_seconds", "0.0005")
                    .add("idle_seconds", 1)
                    .closeObject();
        }
        line.closeArray().openArray("verdicts");
        verdict(line, "accept", "established", 6_000_000_000L);
        verdict(line, "drop", "unexpected", 12);
        line.closeArray()
                .add("accepted_bytes", 1_000_000)
                .add("dropped_bytes", 720)
                .add("continued_bytes", 0)
                .add("not_continued", 0);
        count(line, "would_drop", "reason", "no-flow", "packets", 2);
        line.openArray("lines")
                .openElement()
                .add("line", "nightly backup")
                .add("requests", 1_040)
                .add("streams", 3_120)
                .add("connections", 0)
                .closeObject()
                .closeArray();
        line.openArray("tables");
        table(line, "transactions", 3, 65_536);
        table(line, "expectations", 4, 65_536);
        table(line, "flows", 100_000, 262_144);
        line.closeArray()
                .openArray("limits_reached")
                .openElement()
                .add("table", "expectations")
                .add("scope", "requester")
                .add("count", 1)
                .closeObject()
                .closeArray()
                .openObject("expectations")
                .add("created", 10)
                .add("restored", 0)
                .add("rearmed", 0);
        count(line, "removed", "cause", "matched", "count", 8);
        line.closeObject()
                .openObject("dumps")
                .add("running", 1)
                .add("unseen", 2)
                .closeObject()
                .openObject("exchanges");
        count(line, "messages", "type", "req", "count", 5);
        count(line, "replies_refused", "why", "port-not-allowed", "count", 2);
        count(line, "requests_unanswered", "service", "sendsize", "count", 3);
        return line.closeObject()
                .openObject("losses")
                .add("log_lines", 1)
                .add("events", 2)
                .add("sessions", 3)
                .add("control_connections", 4)
                .add("conntrack_messages", 0)
                .add("conntrack_truncated", 0)
                .add("watchers", 0)
                .add("http_connections", 0)
                .add("http_requests", 0)
                .add("control_requests", 0)
                .add("unanswered_packets", 0)
                .closeObject()
                .end();
    }

    private static void verdict(final JsonLine line, final String verdict, final String reason, final long packets) {
        line.openElement()
                .add("verdict", verdict)
                .add("reason", reason)
                .add("packets", packets)
                .closeObject();
    }

    private static void table(final JsonLine line, final String table, final long entries, final long limit) {
        line.openElement()
                .add("table", table)
                .add("entries", entries)
                .add("limit", limit)
                .closeObject();
    }

    /** An array of one object. */
    private static void count(
            final JsonLine line,
            final String array,
            final String nameKey,
            final String name,
            final String countKey,
            final long count) {
        line.openArray(array)
                .openElement()
                .add(nameKey, name)
                .add(countKey, count)
                .closeObject()
                .closeArray();
    }

    /** A dump between these hosts; DATA runs, INDEX is pending or was never connected. */
    public static Session session(final long id, final String requester, final String responder, final boolean over) {
        final Session.Stream data = over
                ? new Session.Stream(
                        "DATA",
                        11_001,
                        Session.StreamState.CLOSED,
                        400_000,
                        50_001,
                        0,
                        2048,
                        13_000_000,
                        300 * SECOND,
                        SECOND,
                        "finished",
                        "connected 400 us after the REP, 13.0 MB (longest silence 1.0 s), finished after 5 min")
                : new Session.Stream(
                        "DATA",
                        11_001,
                        Session.StreamState.CONNECTED,
                        400_000,
                        50_001,
                        0,
                        2048,
                        13_000_000,
                        -1,
                        SECOND,
                        "",
                        "connected 400 us after the REP, open, 13.0 MB (longest silence 1.0 s)");
        return new Session(
                id,
                requester,
                843,
                responder,
                10_080,
                "sendbackup",
                "000-" + id,
                List.of("/home"),
                "1",
                NOW_NANOS - 100 * SECOND,
                2_000_000,
                1_200_000_000,
                Session.Outcome.REPLIED,
                null,
                1,
                1,
                true,
                null,
                "answered after 1.2 s with 2 streams",
                !over,
                over,
                List.of(
                        data,
                        new Session.Stream(
                                "INDEX",
                                11_003,
                                over ? Session.StreamState.NEVER : Session.StreamState.PENDING,
                                -1,
                                0,
                                0,
                                -1,
                                -1,
                                -1,
                                -1,
                                over ? "expired" : "",
                                over
                                        ? "announced 99 s ago, expired; no SYN reached the queue in that time"
                                        : "announced 99 s ago; no SYN came yet")));
    }
}
