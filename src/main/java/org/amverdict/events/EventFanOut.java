package org.amverdict.events;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Gives each watcher every event. {@link #accept} never waits for one. */
public final class EventFanOut implements EventFeed {
    /** Most watchers; each has a queue of its own. */
    static final int WATCHERS_MAX = 64;

    private static final int CAPACITY_MAX = 65_536;

    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

    /** Whether anybody watches. */
    boolean isWatched() {
        return !watchers.isEmpty();
    }

    /** Passes a line on; the reader's thread alone. */
    void accept(final String line) {
        for (final Watcher watcher : watchers) {
            if (!watcher.lines.offer(line)) {
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
    public synchronized Subscription subscribe(final int capacity) {
        if (watchers.size() >= WATCHERS_MAX) {
            throw new IllegalStateException("already " + WATCHERS_MAX + " watch");
        }
        final Watcher watcher = new Watcher(Math.max(1, Math.min(capacity, CAPACITY_MAX)));
        watchers.add(watcher);
        return watcher;
    }

    private final class Watcher implements Subscription {
        private final ArrayBlockingQueue<String> lines;
        private final AtomicLong lost = new AtomicLong();

        Watcher(final int capacity) {
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
