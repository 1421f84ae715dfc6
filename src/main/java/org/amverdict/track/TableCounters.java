package org.amverdict.track;

import java.util.concurrent.atomic.AtomicLongArray;
import org.amverdict.amanda.StreamName;

/** What happened in the tables. Shared by all workers, any thread may read; all of it is rare, so it is plainly atomic. */
public final class TableCounters {
    private static final int SCOPES = LimitScope.values().length;

    private final AtomicLongArray created = new AtomicLongArray(StreamName.values().length);
    private final AtomicLongArray removed = new AtomicLongArray(Removal.values().length);
    private final AtomicLongArray limits = new AtomicLongArray(TableName.values().length * SCOPES);

    void countCreated(final StreamName stream) {
        created.getAndIncrement(stream.ordinal());
    }

    void countRemoved(final Removal cause) {
        removed.getAndIncrement(cause.ordinal());
    }

    void countLimit(final TableName table, final LimitScope scope) {
        limits.getAndIncrement(table.ordinal() * SCOPES + scope.ordinal());
    }

    /** Expectations created for this stream; a refreshed one is not counted again. */
    public long created(final StreamName stream) {
        return created.get(stream.ordinal());
    }

    /** Expectations that ended this way. */
    public long removed(final Removal cause) {
        return removed.get(cause.ordinal());
    }

    /** Times that this limit was reached. */
    public long limitReached(final TableName table, final LimitScope scope) {
        return limits.get(table.ordinal() * SCOPES + scope.ordinal());
    }
}
