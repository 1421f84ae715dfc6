package org.amverdict.cli;

import java.util.List;
import org.amverdict.telemetry.DropHistory;
import org.amverdict.telemetry.EventFeed;
import org.amverdict.telemetry.SessionHistory;
import org.amverdict.telemetry.Why;
import org.jspecify.annotations.Nullable;

/** Remembers nothing: what the control socket answers from where no history is kept. */
final class NoHistory {
    static final SessionHistory SESSIONS = max -> List.of();
    static final DropHistory DROPS = max -> List.of();
    static final Why WHY = (source, destination, port) -> List.of("No history is kept.");
    static final EventFeed EVENTS = capacity -> new EventFeed.Subscription() {
        @Override
        public @Nullable String poll(final long timeoutMillis) throws InterruptedException {
            Thread.sleep(timeoutMillis);
            return null;
        }

        @Override
        public long lost() {
            return 0;
        }

        @Override
        public void close() {
            // Nothing to give back.
        }
    };

    private NoHistory() {}
}
