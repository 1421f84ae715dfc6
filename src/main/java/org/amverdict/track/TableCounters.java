package org.amverdict.track;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.table.ChargedTable;

/**
 * What happened in the tables. Shared by all workers, any thread may read; all events are rare, so plain atomics do.
 */
public final class TableCounters {
    private static final int SCOPES = LimitScope.values().length;

    private static final long MICRO = 1000;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000_000_000;
    private static final long[] WAIT_BOUNDS_NANOS = {
        200 * MICRO, 500 * MICRO, MILLI, 2 * MILLI, 5 * MILLI, 10 * MILLI, 100 * MILLI, SECOND, 10 * SECOND, 60 * SECOND
    };
    private static final int WAIT_BUCKETS = WAIT_BOUNDS_NANOS.length + 1;
    private static final int STREAMS = StreamName.values().length;

    private final AtomicLongArray waits = new AtomicLongArray(STREAMS * WAIT_BUCKETS);
    private final AtomicLongArray waitSums = new AtomicLongArray(STREAMS);
    private final AtomicLongArray created = new AtomicLongArray(STREAMS);
    private final AtomicLongArray restored = new AtomicLongArray(STREAMS);
    private final AtomicLong restoredExpired = new AtomicLong();
    private final AtomicLong rearmed = new AtomicLong();
    private final AtomicLongArray removed = new AtomicLongArray(Removal.values().length);
    private final AtomicLongArray tallies = new AtomicLongArray(Tally.slots());
    private final AtomicLongArray limits = new AtomicLongArray(TableName.values().length * SCOPES);

    void countCreated(final StreamName stream) {
        created.getAndIncrement(stream.ordinal());
    }

    void countRestored(final StreamName stream) {
        restored.getAndIncrement(stream.ordinal());
    }

    void countRestoredExpired() {
        restoredExpired.getAndIncrement();
    }

    void countRearmed() {
        rearmed.getAndIncrement();
    }

    void countRemoved(final Removal cause) {
        removed.getAndIncrement(cause.ordinal());
    }

    /** A request that ended without a reply; one that had to make room may yet have been answered. */
    void countUnanswered(final Service service, final Removal cause) {
        if (cause == Removal.EXPIRED) {
            count(Tally.REQUESTS_UNANSWERED, service);
        }
    }

    <T extends Enum<T>> void count(final Tally<T> tally, final T constant) {
        tallies.getAndIncrement(tally.slot(constant));
    }

    void countLimit(final TableName table, final LimitScope scope) {
        limits.getAndIncrement(table.ordinal() * SCOPES + scope.ordinal());
    }

    /** Counts the limits of that table. */
    ChargedTable.LimitCounter limitsOf(final TableName table) {
        return new ChargedTable.LimitCounter() {
            @Override
            public void quotaReached() {
                countLimit(table, LimitScope.REQUESTER);
            }

            @Override
            public void tableFull() {
                countLimit(table, LimitScope.GLOBAL);
            }
        };
    }

    void countWait(final StreamName stream, final long nanos) {
        int bucket = 0;
        while (bucket < WAIT_BOUNDS_NANOS.length && nanos > WAIT_BOUNDS_NANOS[bucket]) {
            bucket++;
        }
        waits.getAndIncrement(stream.ordinal() * WAIT_BUCKETS + bucket);
        waitSums.getAndAdd(stream.ordinal(), nanos);
    }

    /** Inclusive upper bounds of the buckets of {@link #waits}, ascending; one more bucket takes longer waits. */
    public static long[] waitBoundsNanos() {
        return WAIT_BOUNDS_NANOS.clone();
    }

    /** Expectations of this stream with a waiting time in that bucket. */
    public long waits(final StreamName stream, final int bucket) {
        return waits.get(stream.ordinal() * WAIT_BUCKETS + bucket);
    }

    /** Sum of those times. */
    public long waitSumNanos(final StreamName stream) {
        return waitSums.get(stream.ordinal());
    }

    /** Expectations created for this stream; a refreshed one is not counted again. */
    public long created(final StreamName stream) {
        return created.get(stream.ordinal());
    }

    /** Expectations for this stream that were restored after a restart; not counted as created. */
    public long restored(final StreamName stream) {
        return restored.get(stream.ordinal());
    }

    /** How many of the restored ones expired; also counted as removed. */
    public long restoredExpired() {
        return restoredExpired.get();
    }

    /** Expectations rearmed after a refused connection; also counted as created. */
    public long rearmed() {
        return rearmed.get();
    }

    /** Expectations that ended this way. */
    public long removed(final Removal cause) {
        return removed.get(cause.ordinal());
    }

    /** How often a table has counted that constant. */
    public <T extends Enum<T>> long of(final Tally<T> tally, final T constant) {
        return tallies.get(tally.slot(constant));
    }

    /** Times that this limit was reached. */
    public long limitReached(final TableName table, final LimitScope scope) {
        return limits.get(table.ordinal() * SCOPES + scope.ordinal());
    }
}
