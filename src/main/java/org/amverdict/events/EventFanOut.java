package org.amverdict.events;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Gives each watcher the events that it wants. {@link #accept} never waits for a watcher. */
public final class EventFanOut implements EventFeed {
    /** Most watchers; each has its own queue. */
    static final int WATCHERS_MAX = 64;

    private static final int CAPACITY_MAX = 65_536;

    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

    /** Whether there are watchers. */
    boolean isWatched() {
        return !watchers.isEmpty();
    }

    /**
     * Passes a line on; called by the reader's thread only.
     *
     * @param drop whether it reports a drop
     * @param ends of the packet or connection that it reports, or null if it reports none
     */
    void accept(final String line, final boolean drop, final @Nullable Ends ends) {
        for (final Watcher watcher : watchers) {
            if (watcher.filter.matches(drop, ends) && !watcher.lines.offer(line)) {
                watcher.lost.incrementAndGet();
            }
        }
    }

    /**
     * Begins to watch.
     *
     * @throws IllegalStateException if there are {@link #WATCHERS_MAX} already
     */
    @Override
    public synchronized Subscription subscribe(final int capacity, final EventFilter filter) {
        if (watchers.size() >= WATCHERS_MAX) {
            throw new IllegalStateException("already " + WATCHERS_MAX + " watch");
        }
        final Watcher watcher = new Watcher(Math.max(1, Math.min(capacity, CAPACITY_MAX)), filter);
        watchers.add(watcher);
        return watcher;
    }

    private final class Watcher implements Subscription {
        private final ArrayBlockingQueue<String> lines;
        private final EventFilter filter;
        private final AtomicLong lost = new AtomicLong();

        Watcher(final int capacity, final EventFilter filter) {
            this.filter = filter;
            lines = new ArrayBlockingQueue<>(capacity);
        }

        @Override
        public @Nullable String poll(final long timeoutMillis) throws InterruptedException {
            return lines.poll(timeoutMillis, TimeUnit.MILLISECONDS);
        }

        @Override
        public long lost() {
            return lost.get();
        }

        @Override
        public void close() {
            watchers.remove(this);
        }
    }
}
