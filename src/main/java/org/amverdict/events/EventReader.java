package org.amverdict.events;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * The thread behind all reports about packets: takes the records of all workers and passes each to every listener. It
 * is the only reader of the rings and the only caller of the listeners.
 *
 * <p>Records are passed on in the order of cause and effect, regardless of the worker. A packet that is the effect of
 * another was received after that one's verdict, and so after its record, was published. So of a round, all records up
 * to a moment before it began are there, and sorted by the time of their batch they stand in that order.
 */
public final class EventReader implements AutoCloseable {
    private static final long IDLE_MILLIS = 20;
    private static final long BUSY_MILLIS = 5;
    /** Long enough to write all rings to a slow disk. */
    private static final long CLOSE_MILLIS = 5000;
    /** Records passed on before the listeners may look at the time again. */
    private static final int ROUND_MAX = 4 * EventRing.CAPACITY;

    private static final System.Logger LOG = System.getLogger("org.amverdict.log");

    /** What the workers only count. */
    private final List<DropBudget> budgets = new CopyOnWriteArrayList<>();

    private final List<EventRing> rings = new CopyOnWriteArrayList<>();
    private final EventRecord event = new EventRecord();
    private final List<EventListener> listeners;
    private final LongSupplier nanoTime;
    private final Thread thread;
    private volatile boolean closed;
    private boolean failureLogged;

    /** @param listeners in the order in which they are called */
    public EventReader(final List<EventListener> listeners) {
        this(listeners, System::nanoTime);
    }

    public EventReader(final List<EventListener> listeners, final LongSupplier nanoTime) {
        this.listeners = List.copyOf(listeners);
        this.nanoTime = nanoTime;
        thread = new Thread(this::run, "amverdict-events");
        thread.setDaemon(true);
    }

    /** The events of one more worker; any thread, before that worker starts. */
    public WorkerEvents events() {
        final EventRing ring = new EventRing();
        rings.add(ring);
        final WorkerEvents events = new WorkerEvents(ring);
        budgets.add(events.drops());
        return events;
    }

    /** Starts the thread; once. */
    public void start() {
        thread.start();
    }

    /** Drops that were not passed on because a worker was faster than the reader, since the start; any thread. */
    public long lostDrops() {
        return rings.stream().mapToLong(EventRing::lostDrops).sum();
    }

    /** Other records that were not passed on; any thread. */
    public long lostOthers() {
        return rings.stream().mapToLong(EventRing::lostOthers).sum();
    }

    /** Refused packets that were only counted, by reason, since they came too fast; since the start; any thread. */
    public long countedDrops() {
        return budgets.stream().mapToLong(DropBudget::counted).sum();
    }

    private void run() {
        while (!closed) {
            final boolean busy = round(nanoTime.getAsLong());
            try {
                Thread.sleep(busy ? BUSY_MILLIS : IDLE_MILLIS);
            } catch (final InterruptedException e) {
                break;
            }
        }
        finish();
    }

    /** Passes on what is left; no worker is writing by then. */
    private void finish() {
        while (pass(null, ROUND_MAX) > 0) {
            // until the rings are empty
        }
        passCounted();
        final long nowNanos = nanoTime.getAsLong();
        for (final EventListener listener : listeners) {
            try {
                listener.end(nowNanos);
            } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                failed(e);
            }
        }
    }

    /**
     * Passes on what came before {@code nowNanos}, but only so much that the listeners soon see the time again.
     *
     * @return whether there was anything
     */
    public boolean round(final long nowNanos) {
        final int passed = pass(nowNanos, ROUND_MAX);
        passCounted();
        for (final EventListener listener : listeners) {
            try {
                listener.tick(nowNanos);
            } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                failed(e);
            }
        }
        return passed > 0;
    }

    private void passCounted() {
        for (final DropBudget budget : budgets) {
            budget.pass(this::counted);
        }
    }

    private void counted(final Verdict decided, final Verdict verdict, final Reason reason, final long count) {
        for (final EventListener listener : listeners) {
            try {
                listener.counted(decided, verdict, reason, count);
            } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                failed(e);
            }
        }
    }

    private int pass(final @Nullable Long untilNanos, final int most) {
        int passed = 0;
        while (passed < most) {
            final EventRing next = earliest(untilNanos);
            if (next == null || !next.poll(event)) {
                break;
            }
            tellAll();
            passed++;
        }
        return passed;
    }

    /** The ring whose oldest record is the earliest of all, ignoring records later than {@code untilNanos}. */
    private @Nullable EventRing earliest(final @Nullable Long untilNanos) {
        EventRing earliest = null;
        long earliestNanos = 0;
        for (final EventRing ring : rings) {
            if (!ring.isWaiting()) {
                continue;
            }
            final long nanos = ring.headNanos();
            final boolean due = untilNanos == null || nanos - untilNanos <= 0;
            if (due && (earliest == null || nanos - earliestNanos < 0)) {
                earliest = ring;
                earliestNanos = nanos;
            }
        }
        return earliest;
    }

    private void tellAll() {
        for (final EventListener listener : listeners) {
            try {
                listener.event(event);
            } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
                failed(e);
            }
        }
    }

    /** One listener's fault must not silence the others. */
    private void failed(final Throwable e) {
        if (!failureLogged) {
            failureLogged = true;
            LOG.log(System.Logger.Level.ERROR, "a report of events failed; further failures are not logged", e);
        }
    }

    /** Passes on what is left and stops; call it after the workers have stopped. */
    @Override
    public void close() {
        closed = true;
        if (thread.getState() == Thread.State.NEW) {
            finish();
            return;
        }
        try {
            // It only sleeps for a few milliseconds. An interrupt would close the file that it may be writing.
            thread.join(CLOSE_MILLIS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
