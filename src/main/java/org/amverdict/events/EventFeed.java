package org.amverdict.events;

import org.jspecify.annotations.Nullable;

/** The events as they happen, for watchers. Any thread. */
public interface EventFeed {
    /**
     * Begins to watch.
     *
     * @param capacity most events that wait for the watcher; what does not fit is counted as lost to it
     * @param filter the events that it wants
     * @throws IllegalStateException if too many watch already
     */
    Subscription subscribe(int capacity, EventFilter filter);

    /** One watcher's events. For one thread; close it. */
    interface Subscription extends AutoCloseable {
        /** The next event as a line of JSON without its end, or null if none came in that time. */
        @Nullable String poll(long timeoutMillis) throws InterruptedException;

        /** Events that did not fit. */
        long lost();

        @Override
        void close();
    }
}
