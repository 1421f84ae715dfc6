package org.amverdict.telemetry;

import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.amverdict.history.DropHistory;
import org.amverdict.history.RecentDrop;
import org.amverdict.history.Session;
import org.amverdict.history.SessionHistory;
import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code /search.json}: of all remembered requests and drops those that match, a page of each. Resource
 * search.schema.json describes it. The history is copied at most twice a second however many clients search. Any thread.
 */
public final class StatusSearch {
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final SessionHistory sessions;
    private final DropHistory drops;
    private final LongSupplier clockNanos;
    /** The memory may take it back: nobody may search again. */
    private SoftReference<@Nullable Copy> last = new SoftReference<>(null);

    private record Copy(List<Session> sessions, List<RecentDrop> drops, long nanos) {}

    /** @param clockNanos as {@link System#nanoTime} */
    public StatusSearch(final SessionHistory sessions, final DropHistory drops, final LongSupplier clockNanos) {
        this.sessions = sessions;
        this.drops = drops;
        this.clockNanos = clockNanos;
    }

    /** The JSON. */
    public byte[] json(final StatusQuery query) {
        final Copy copy = copy();
        final List<Session> found =
                copy.sessions().stream().filter(query::matches).toList();
        final List<Session> older =
                found.stream().filter(each -> each.id() < query.before()).toList();
        final List<RecentDrop> foundDrops =
                copy.drops().stream().filter(query::matches).toList();
        return StatusFeedJson.found(
                        new StatusFeedJson.Found<>(
                                copy.sessions().size(),
                                found,
                                found.size() - older.size(),
                                older.stream().limit(StatusFeed.SESSIONS_MAX).toList()),
                        new StatusFeedJson.Found<>(
                                copy.drops().size(),
                                foundDrops,
                                Math.min(query.dropsFrom(), foundDrops.size()),
                                foundDrops.stream()
                                        .skip(query.dropsFrom())
                                        .limit(StatusFeed.DROPS_MAX)
                                        .toList()))
                .getBytes(StandardCharsets.UTF_8);
    }

    private synchronized Copy copy() {
        final long nowNanos = clockNanos.getAsLong();
        final Copy known = last.get();
        if (known != null && nowNanos - known.nanos() < FRESH_NANOS) {
            return known;
        }
        final Copy copy = new Copy(sessions.recent(Integer.MAX_VALUE), drops.recent(Integer.MAX_VALUE), nowNanos);
        last = new SoftReference<>(copy);
        return copy;
    }
}
