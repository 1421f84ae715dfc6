package org.amverdict.log;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.history.Facts;
import org.amverdict.packet.IpAddress;

/**
 * Turns decisions into lines: the first drop of a reason and source host is written at once, further ones are counted
 * and written as one line per minute. Hosts beyond the table are counted together; so a flood from invented addresses
 * makes at most a few hundred lines per minute. Not thread-safe: for the reader's thread only.
 *
 * <p>Only a packet's addresses and numbers are written: text from the wire never gets here. A line describes the state
 * at the time when the packet was judged.
 */
public final class DropLog implements EventListener {
    /** Most pairs of reason and host that are folded separately. */
    static final int HOSTS_MAX = 256;
    /** Most lines about expectations per minute; more are counted. */
    static final int OPENED_MAX = 600;

    static final long WINDOW_NANOS = 60_000_000_000L;

    private final Map<Key, Window> windows = new HashMap<>();
    private final Facts facts;
    private final LongSupplier losses;
    private final Consumer<LogEntry> lines;
    private long lostBefore;
    private long roundStartNanos;
    private boolean roundStarted;
    private long others;
    /** Drops that came too fast to be told one by one. */
    private long counted;

    private long lost;
    private int opened;

    /**
     * Writes to {@code lines}.
     *
     * @param facts what was wrong with a packet
     * @param losses records lost before they got here, since the start
     */
    public DropLog(final Facts facts, final LongSupplier losses, final Consumer<LogEntry> lines) {
        this.facts = facts;
        this.losses = losses;
        this.lines = lines;
    }

    private record Key(LogText.What what, IpAddress source) {}

    /** What happened since the last line about this key. */
    private static final class Window {
        private long startNanos;
        private long count;

        Window(final long startNanos) {
            this.startNanos = startNanos;
        }
    }

    @Override
    public void event(final EventRecord event) {
        final boolean wanted = event.kind() == EventRecord.DECISION
                && (event.decided() == Verdict.DROP
                        || event.streamCount() > 0
                        || event.reason() == Reason.REFUSED_REPLY);
        if (wanted) {
            add(event, event.nanos());
        }
    }

    void add(final EventRecord entry, final long nowNanos) {
        if (!roundStarted) {
            roundStarted = true;
            roundStartNanos = nowNanos;
        }
        if (entry.decided() != Verdict.DROP && entry.streamCount() > 0) {
            if (opened++ < OPENED_MAX) {
                lines.accept(LogText.opened(entry));
            }
            return;
        }
        final Key key = new Key(LogText.What.of(entry), entry.source());
        final Window window = windows.get(key);
        if (window != null) {
            window.count++;
            return;
        }
        if (windows.size() >= HOSTS_MAX) {
            others++;
            return;
        }
        windows.put(key, new Window(nowNanos));
        lines.accept(LogText.first(entry, facts.of(entry)));
    }

    @Override
    public void counted(final Verdict decided, final Verdict verdict, final Reason reason, final long count) {
        if (decided == Verdict.DROP) {
            counted += count;
        }
    }

    /** Writes the counts whose minute is over. */
    @Override
    public void tick(final long nowNanos) {
        final long lostNow = losses.getAsLong();
        lost += lostNow - lostBefore;
        lostBefore = lostNow;
        final Iterator<Map.Entry<Key, Window>> each = windows.entrySet().iterator();
        while (each.hasNext()) {
            final Map.Entry<Key, Window> next = each.next();
            final Window window = next.getValue();
            if (nowNanos - window.startNanos < WINDOW_NANOS) {
                continue;
            }
            if (window.count == 0) {
                each.remove();
                continue;
            }
            write(next.getKey(), window);
            window.count = 0;
            window.startNanos = nowNanos;
        }
        if (!roundStarted) {
            roundStarted = lost > 0 || counted > 0;
            roundStartNanos = nowNanos;
        } else if (nowNanos - roundStartNanos >= WINDOW_NANOS) {
            summary();
            roundStarted = false;
        }
    }

    /** Writes every count at once. */
    @Override
    public void end(final long nowNanos) {
        tick(nowNanos);
        windows.forEach((key, window) -> {
            if (window.count > 0) {
                write(key, window);
            }
        });
        windows.clear();
        summary();
        roundStarted = false;
    }

    private void write(final Key key, final Window window) {
        lines.accept(LogText.folded(key.what(), key.source(), window.count));
    }

    private void summary() {
        if (others > 0) {
            lines.accept(
                    new LogEntry("drop: " + others + " more from other hosts", new LogFields().with("count", others)));
        }
        if (counted > 0) {
            lines.accept(new LogEntry(
                    "drop: " + counted + " more in a flood, without their hosts",
                    new LogFields().with("count", counted)));
        }
        if (opened > OPENED_MAX) {
            lines.accept(new LogEntry(
                    "expect: " + (opened - OPENED_MAX) + " more replies opened streams",
                    new LogFields().with("count", opened - OPENED_MAX)));
        }
        if (lost > 0) {
            lines.accept(new LogEntry(
                    "log: " + lost + " decisions not shown, it could not keep up; the metrics have them all",
                    new LogFields().with("count", lost)));
        }
        others = 0;
        counted = 0;
        opened = 0;
        lost = 0;
    }
}
