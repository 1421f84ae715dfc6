package org.amverdict.report;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.eventfiles.EventFiles;
import org.amverdict.eventfiles.EventLineReader;
import org.amverdict.eventfiles.Gaps;
import org.amverdict.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges and drops of a span of time, put together from the lines of the event files. Beyond
 * {@link #EXCHANGES_MAX} exchanges the oldest ones are left out, and beyond {@link #DROPS_MAX} kinds of drops the newest;
 * both are counted. For one thread.
 */
final class EventHistory {
    static final int EXCHANGES_MAX = 30_000;
    static final int DROPS_MAX = 10_000;
    /** Packets of one kind belong together if they are this close: Amanda repeats a request twice, ten seconds apart. */
    private static final long EPISODE_MILLIS = 120_000;

    /** A program that runs writes an event at least this often, with some time to spare. */
    private static final long QUIET_MILLIS = 90_000;

    /** Connections that no REP announced, such as those of auth bsdtcp. */
    private static final int OTHERS_MAX = 10_000;

    private final List<String> quoted;
    private final String sinceText;
    private final String untilText;
    private final long untilMillis;
    private final Map<Key, PastExchange> exchanges = new LinkedHashMap<>();
    private final Map<Long, PastExchange> latest = new HashMap<>();
    private final List<PastDrop> drops = new ArrayList<>();
    private final Map<PastDrop.Key, PastDrop> newest = new HashMap<>();
    private final Map<String, OtherStreams> others = new LinkedHashMap<>();
    private final Gaps gaps;
    private final List<String> files = new ArrayList<>();
    private long leftOut;
    private long foldedDrops;
    private long lostEvents;
    private int restarts;
    private boolean stopped;
    private String firstTime = "";
    private String lastTime = "";

    /** Numbers repeat after a restart without its state, so the beginning is part of the key. */
    private record Key(long transaction, String requester, String responder, long askedMillis) {}

    /** Connections without an announcement to one host. */
    static final class OtherStreams {
        long connections;
        long bytes;
    }

    /**
     * Begins without any.
     *
     * @param span earlier lines are left out
     * @param hosts lines that name none of these are left out too; empty for all
     * @param gaps gets what is missing from the files
     */
    EventHistory(final Span span, final Set<String> hosts, final Gaps gaps) {
        this.gaps = gaps;
        sinceText = text(span.since());
        untilText = text(span.until());
        untilMillis = span.until().toEpochMilli();
        quoted = hosts.stream().map(host -> '"' + host + '"').toList();
    }

    /** In the form of the event log, which has the order of time. */
    private static String text(final Instant moment) {
        final Instant millis = Instant.ofEpochMilli(moment.toEpochMilli());
        final String plain = millis.toString();
        return plain.contains(".") ? plain : plain.replace("Z", ".000Z");
    }

    /** Reads these files, which are in the order of time. */
    void read(final List<EventFiles.Part> parts) {
        for (int i = 0; i < parts.size(); i++) {
            final boolean over =
                    i + 1 < parts.size() && parts.get(i + 1).firstTime().compareTo(sinceText) <= 0;
            if (!over) {
                files.add(parts.get(i).file().toString());
                EventFiles.read(parts.get(i), this::line, gaps);
            }
        }
    }

    /** Takes a line; false if it is none of the event log's. */
    private boolean line(final String line) {
        final String time = EventLineReader.time(line);
        if (time.isEmpty()) {
            return false;
        }
        if (time.compareTo(sinceText) < 0) {
            return true;
        }
        if (line.startsWith("\"event_type\":\"stats\"", line.indexOf(',') + 1) || isOfOthers(line)) {
            seen(time);
            return true;
        }
        final JsonObject event;
        final long millis;
        try {
            event = JsonObject.parse(line);
            millis = Instant.parse(time).toEpochMilli();
        } catch (final IllegalArgumentException | DateTimeParseException e) {
            return false;
        }
        seen(time);
        take(event, millis, time.compareTo(untilText) <= 0);
        return true;
    }

    /** Whether a line names hosts, and none of those in question; not to be read is faster than to be read. */
    private boolean isOfOthers(final String line) {
        return !quoted.isEmpty()
                && line.contains("\"src_ip\":")
                && quoted.stream().noneMatch(line::contains);
    }

    private void seen(final String time) {
        firstTime = firstTime.isEmpty() || time.compareTo(firstTime) < 0 ? time : firstTime;
        lastTime = time.compareTo(lastTime) > 0 ? time : lastTime;
    }

    /** @param within whether it is in the span; afterwards only the course of what began in it counts */
    private void take(final JsonObject event, final long millis, final boolean within) {
        stopped = event.text("event_type").equals("stop");
        switch (event.text("event_type")) {
            case "request" -> request(event, millis, within);
            case "reply" -> {
                final PastExchange exchange = find(event, false);
                if (exchange != null) {
                    exchange.answered(event, millis);
                }
            }
            case "expect" -> expect(event, millis);
            case "stream" -> stream(event, millis, within);
            case "drop", "continue" -> {
                if (within) {
                    drop(event, millis);
                }
            }
            case "start" -> restarts += within ? 1 : 0;
            case "overload" -> lostEvents += within ? event.number("events_lost") : 0;
            default -> {
                // Of other events nothing is reported.
            }
        }
    }

    private void request(final JsonObject event, final long millis, final boolean within) {
        if (event.text("action").equals("unanswered")) {
            final PastExchange exchange = latest.get(event.number("transaction"));
            if (exchange != null) {
                exchange.unanswered(event, millis);
            }
            return;
        }
        PastExchange exchange = event.text("action").equals("asked") ? null : find(event, true);
        if (exchange == null && event.text("action").equals("asked") && within) {
            exchange = begin(event, millis);
        }
        if (exchange != null) {
            exchange.requested(event, millis);
        }
    }

    private PastExchange begin(final JsonObject event, final long millis) {
        if (exchanges.size() >= EXCHANGES_MAX) {
            leftOut++;
            final PastExchange eldest = exchanges.values().iterator().next();
            exchanges.remove(key(eldest));
            latest.remove(eldest.transaction, eldest);
        }
        final PastExchange exchange = new PastExchange(event, millis);
        exchanges.put(key(exchange), exchange);
        latest.put(exchange.transaction, exchange);
        return exchange;
    }

    private static Key key(final PastExchange exchange) {
        return new Key(exchange.transaction, exchange.requester, exchange.responder, exchange.askedMillis);
    }

    /**
     * The exchange of a datagram, or of a stream; null if it began before the span. A stream may go to the public address
     * of its responder.
     */
    private @Nullable PastExchange find(final JsonObject event, final boolean fromRequester) {
        final PastExchange exchange = latest.get(event.number("transaction"));
        if (exchange == null || !event.has("transaction")) {
            return null;
        }
        final boolean known = exchange.requester.equals(event.text(fromRequester ? "src_ip" : "dest_ip"))
                && (!event.text("proto").equals("UDP")
                        || exchange.responder.equals(event.text(fromRequester ? "dest_ip" : "src_ip")));
        return known ? exchange : null;
    }

    private void expect(final JsonObject event, final long millis) {
        final PastExchange exchange = find(event, true);
        if (exchange == null) {
            return;
        }
        if (event.text("action").equals("announced")) {
            exchange.announced(event, millis);
        } else {
            final PastStream stream = exchange.stream((int) event.number("dest_port"));
            if (stream != null && stream.connectorPort == 0) {
                stream.unused(event);
            }
        }
    }

    private void stream(final JsonObject event, final long millis, final boolean within) {
        final PastExchange exchange = find(event, true);
        final boolean opened = event.text("action").equals("open");
        if (exchange != null) {
            final PastStream stream = exchange.streamOf(event, millis);
            if (opened) {
                stream.opened(event, millis);
            } else {
                closed(stream, event);
            }
        } else if (!event.has("transaction") && within) {
            final OtherStreams other = others.size() < OTHERS_MAX
                    ? others.computeIfAbsent(event.text("dest_ip"), host -> new OtherStreams())
                    : others.getOrDefault(event.text("dest_ip"), new OtherStreams());
            other.connections += opened ? 1 : 0;
            other.bytes += event.number("original_bytes") + event.number("reply_bytes");
        }
    }

    /** A stream that the listener refused, and that is expected once more, waits again. */
    private static void closed(final PastStream stream, final JsonObject event) {
        stream.closed(event);
        if (event.text("cause").equals("refused")) {
            stream.connectorPort = 0;
        }
    }

    private void drop(final JsonObject event, final long millis) {
        if (event.flag("folded")) {
            foldedDrops += event.number("count");
            return;
        }
        final PastDrop.Key key = PastDrop.Key.of(event);
        PastDrop drop = newest.get(key);
        if (drop == null || millis - drop.lastMillis > EPISODE_MILLIS) {
            if (drops.size() >= DROPS_MAX) {
                foldedDrops += event.number("count");
                return;
            }
            drop = new PastDrop(key, event, millis);
            newest.put(key, drop);
            drops.add(drop);
        }
        drop.add(event, millis);
    }

    /** In the order of their requests. */
    Collection<PastExchange> exchanges() {
        return exchanges.values();
    }

    /** In the order of their first packets. */
    Collection<PastDrop> drops() {
        return drops;
    }

    /** Connections that no REP announced, by the host that listened. */
    Map<String, OtherStreams> others() {
        return others;
    }

    /** The files that were read. */
    List<String> files() {
        return files;
    }

    /** Time of the first and of the last event, empty if there is none. */
    String firstTime() {
        return firstTime;
    }

    String lastTime() {
        return lastTime;
    }

    /**
     * Up to when what is not in the files did not happen. The figures are written every minute, so a program that runs
     * has seen a little more than its last event says.
     */
    long endMillis() {
        final long last = Times.millis(lastTime);
        return stopped ? last : Math.max(last, Math.min(untilMillis, last + QUIET_MILLIS));
    }

    /** How often the program started in that time. */
    int starts() {
        return restarts;
    }

    /** Lines that were too long to be read. */
    long longLines() {
        return gaps.longLines();
    }

    /** What is missing, in sentences. */
    List<String> problems() {
        final List<String> all = new ArrayList<>(gaps.sentences());
        if (leftOut > 0) {
            all.add(leftOut + " exchanges before the last " + EXCHANGES_MAX + " are left out; ask for a shorter time");
        }
        if (lostEvents > 0) {
            all.add(lostEvents + " events were lost when they came too fast or the disk was full, so something may be"
                    + " missing here");
        }
        if (foldedDrops > 0) {
            all.add(foldedDrops + " dropped packets of a flood were counted only, without their hosts");
        }
        return all;
    }
}
