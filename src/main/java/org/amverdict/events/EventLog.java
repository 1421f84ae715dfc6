package org.amverdict.events;

import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.json.JsonLine;
import org.amverdict.track.FlowEnd;
import org.jspecify.annotations.Nullable;

/**
 * The JSON event log: writes a line for each record to the file and to the watchers, and its own lines at start and
 * stop, on a reload, every minute and when something overflowed. Fed by the reader's thread; any thread may call
 * {@link #note} and {@link #reopen}.
 *
 * <p>The file takes {@link #DROPS_PER_SECOND} lines about drops and packets left to other rules, and {@link #OTHERS_PER_SECOND} others, and many more at
 * once after a quiet time, so that no flood fills the disk: at most about 3 GB a day. Further drops are counted by
 * reason and written as one line per reason every ten seconds, so the sum of {@code count} is right. Other lines beyond
 * the limit are lost and counted.
 */
public final class EventLog implements EventListener {
    static final int DROPS_PER_SECOND = 10;
    static final int DROPS_AT_ONCE = 200;
    static final int OTHERS_PER_SECOND = 100;
    static final int OTHERS_AT_ONCE = 100_000;
    static final long STATS_NANOS = 60_000_000_000L;
    static final long FOLD_NANOS = 10_000_000_000L;

    /** Most waiting notes of other threads; more are not written. */
    private static final int NOTES_MAX = 64;

    private static final int VERDICTS = Verdict.values().length;

    private final EventLines lines;
    private final @Nullable EventFile file;
    private final EventFanOut watchers;
    private final TrackedEnds tracked;
    private final Bucket drops = new Bucket(DROPS_PER_SECOND, DROPS_AT_ONCE);
    private final Bucket others = new Bucket(OTHERS_PER_SECOND, OTHERS_AT_ONCE);
    /** Refused packets without a line in the file, by decision and verdict. */
    private final Map<Reason, long[]> folded = new EnumMap<>(Reason.class);
    /** Those without a line for the watchers. */
    private final Map<Reason, long[]> unwatched = new EnumMap<>(Reason.class);

    private final Queue<Note> notes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private @Nullable StatsWriter stats;
    private long statsNanos;
    private long foldNanos;
    private final AtomicLong limited = new AtomicLong();

    public EventLog(
            final EventLines lines,
            final @Nullable EventFile file,
            final EventFanOut watchers,
            final TrackedEnds tracked,
            final long nowNanos) {
        this.tracked = tracked;
        this.lines = lines;
        this.file = file;
        this.watchers = watchers;
        statsNanos = nowNanos;
        foldNanos = nowNanos;
    }

    private record Note(String type, Consumer<JsonLine> fields) {}

    /** This many, and many more at once after a quiet time. */
    private static final class Bucket {
        private static final long NANOS_PER_SECOND = 1_000_000_000L;

        private final long atOnce;
        private final long nanosEach;
        private long left;
        private long filledNanos;
        private boolean begun;

        Bucket(final int perSecond, final int atOnce) {
            this.atOnce = atOnce;
            nanosEach = NANOS_PER_SECOND / perSecond;
            left = atOnce;
        }

        boolean take(final long nowNanos) {
            if (!begun) {
                begun = true;
                filledNanos = nowNanos;
            }
            final long more = Math.max(0, (nowNanos - filledNanos) / nanosEach);
            filledNanos += more * nanosEach;
            left = Math.min(atOnce, left + more);
            if (left == 0) {
                return false;
            }
            left--;
            return true;
        }
    }

    /** Supplies the lines of every minute; called before the first record. */
    public void stats(final StatsWriter newStats) {
        stats = newStats;
    }

    @Override
    public void event(final EventRecord event) {
        if (file == null && !watchers.isWatched()) {
            return;
        }
        if (event.isRefused()) {
            drop(event);
            return;
        }
        if (event.kind() == EventRecord.FLOW_ENDED && event.flowEnd() == FlowEnd.UNFOLLOWED && tracked.reports(event)) {
            return;
        }
        final String line = lines.line(event);
        if (line != null) {
            write(line, event.knownEnds(), event.nanos());
        }
        final String announcement = lines.announcement(event);
        if (announcement != null) {
            write(announcement, event.knownEnds(), event.nanos());
        }
    }

    private void drop(final EventRecord event) {
        final boolean taken = file != null && drops.take(event.nanos());
        if (taken || watchers.isWatched()) {
            final String line = lines.line(event);
            if (line != null && watchers.isWatched()) {
                watchers.accept(line, event.decided() == Verdict.DROP, event.knownEnds());
            }
            if (line != null && taken && file != null) {
                file.append(line, event.nanos());
            }
        }
        if (!taken) {
            add(folded, event.decided(), event.verdict(), event.reason(), 1);
        }
    }

    private static void add(
            final Map<Reason, long[]> to,
            final Verdict decided,
            final Verdict verdict,
            final Reason reason,
            final long count) {
        to.computeIfAbsent(reason, each -> new long[VERDICTS * VERDICTS])[
                decided.ordinal() * VERDICTS + verdict.ordinal()] += count;
    }

    @Override
    public void counted(final Verdict decided, final Verdict verdict, final Reason reason, final long count) {
        if (file != null) {
            add(folded, decided, verdict, reason, count);
        }
        if (watchers.isWatched()) {
            add(unwatched, decided, verdict, reason, count);
        }
    }

    private void write(final String line, final @Nullable Ends ends, final long nowNanos) {
        if (watchers.isWatched()) {
            watchers.accept(line, false, ends);
        }
        if (file != null) {
            if (others.take(nowNanos)) {
                file.append(line, nowNanos);
            } else {
                limited.incrementAndGet();
            }
        }
    }

    /** Writes a line of this type with these fields at the next tick. Any thread. */
    public void note(final String type, final Consumer<JsonLine> fields) {
        if (waiting.incrementAndGet() <= NOTES_MAX) {
            notes.add(new Note(type, fields));
        } else {
            waiting.decrementAndGet();
        }
    }

    /** Starts a new file. Any thread. */
    public void reopen() {
        if (file != null) {
            file.reopen();
        }
    }

    /** Lines of the event log lost for that cause. Any thread. */
    public long lost(final EventLoss loss) {
        return switch (loss) {
            case LIMIT -> limited.get();
            case FILE -> file == null ? 0 : file.lost();
            case RING_DROP, RING, CONNTRACK -> 0;
        };
    }

    @Override
    public void tick(final long nowNanos) {
        writeTracked(nowNanos);
        writeNotes(nowNanos);
        if (nowNanos - foldNanos >= FOLD_NANOS) {
            foldNanos = nowNanos;
            writeFolded(nowNanos);
            writeOverload(nowNanos);
        }
        if (nowNanos - statsNanos >= STATS_NANOS) {
            statsNanos = nowNanos;
            writeStats(false, nowNanos);
        }
        if (file != null) {
            file.tick(nowNanos);
        }
    }

    private void writeTracked(final long nowNanos) {
        for (TrackedEnd end = tracked.poll(); end != null; end = tracked.poll()) {
            if (file != null || watchers.isWatched()) {
                write(lines.closed(end, nowNanos), end.ends(), nowNanos);
            }
        }
    }

    private void writeNotes(final long nowNanos) {
        for (Note note = notes.poll(); note != null; note = notes.poll()) {
            waiting.decrementAndGet();
            final JsonLine line = lines.begin(note.type(), nowNanos);
            note.fields().accept(line);
            write(line.end(), null, nowNanos);
        }
    }

    private void writeFolded(final long nowNanos) {
        if (file != null) {
            forEach(folded, nowNanos, (line, decided) -> file.append(line, nowNanos));
        }
        forEach(unwatched, nowNanos, (line, decided) -> watchers.accept(line, decided == Verdict.DROP, null));
    }

    /** Makes a line of each count, and forgets them. */
    private void forEach(final Map<Reason, long[]> counted, final long nowNanos, final BiConsumer<String, Verdict> to) {
        counted.forEach((reason, counts) -> {
            for (final Verdict decided : Verdict.values()) {
                for (final Verdict verdict : Verdict.values()) {
                    final long count = counts[decided.ordinal() * VERDICTS + verdict.ordinal()];
                    if (count > 0) {
                        to.accept(lines.folded(decided, verdict, reason, count, nowNanos), decided);
                    }
                }
            }
        });
        counted.clear();
    }

    private void writeOverload(final long nowNanos) {
        if (stats != null && stats.overflowed()) {
            final JsonLine line = lines.begin("overload", nowNanos);
            stats.addOverload(line);
            write(line.end(), null, nowNanos);
        }
    }

    private void writeStats(final boolean last, final long nowNanos) {
        if (stats != null) {
            final JsonLine line = lines.begin("stats", nowNanos).add("final", last);
            stats.addStats(line, nowNanos);
            write(line.end(), null, nowNanos);
        }
    }

    @Override
    public void end(final long nowNanos) {
        writeTracked(nowNanos);
        writeNotes(nowNanos);
        writeFolded(nowNanos);
        writeOverload(nowNanos);
        if (stats != null) {
            stats.forEachOpenFlow(nowNanos, open -> {
                if (!tracked.reports(open)) {
                    write(lines.closed(open, "stop"), open.knownEnds(), nowNanos);
                }
            });
            tracked.open().forEach(open -> write(lines.closed(open, nowNanos), open.ends(), nowNanos));
        }
        writeStats(true, nowNanos);
        final JsonLine line = lines.begin("stop", nowNanos);
        if (stats != null) {
            stats.addUptime(line, nowNanos);
        }
        write(line.end(), null, nowNanos);
        if (file != null) {
            file.close(nowNanos);
        }
    }
}
