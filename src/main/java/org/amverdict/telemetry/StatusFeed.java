package org.amverdict.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.amverdict.history.DropHistory;
import org.amverdict.history.ExpectedStreams;
import org.amverdict.history.SessionHistory;

/**
 * The answer of {@code /status.json}:
 * {@code {"status": …, "sessions_max": …, "sessions": […], "expected": …, "drops": […]}}, the first as in
 * status.schema.json, the whole as in statuspage.schema.json. Its size is bounded whatever the traffic, and it is
 * generated at most twice a second however many clients ask. Any thread.
 */
public final class StatusFeed {
    /** Newest first; more would make the page too long to read. */
    static final int SESSIONS_MAX = 50;

    static final int DROPS_MAX = 50;
    static final int EXPECTED_MAX = 50;

    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Supplier<String> status;
    private final SessionHistory sessions;
    private final ExpectedStreams expected;
    private final DropHistory drops;
    private final LongSupplier clockNanos;

    private byte[] made = {};
    private long madeNanos;

    /** @param clockNanos as {@link System#nanoTime} */
    StatusFeed(
            final Supplier<String> status,
            final SessionHistory sessions,
            final ExpectedStreams expected,
            final DropHistory drops,
            final LongSupplier clockNanos) {
        this.status = status;
        this.sessions = sessions;
        this.expected = expected;
        this.drops = drops;
        this.clockNanos = clockNanos;
    }

    public StatusFeed(
            final Supplier<String> status,
            final SessionHistory sessions,
            final ExpectedStreams expected,
            final DropHistory drops) {
        this(status, sessions, expected, drops, System::nanoTime);
    }

    /** The JSON, at most half a second old; must not be modified. */
    public synchronized byte[] json() {
        final long nowNanos = clockNanos.getAsLong();
        if (made.length == 0 || nowNanos - madeNanos >= FRESH_NANOS) {
            made = ("{\"status\":" + status.get() + ","
                            + StatusFeedJson.lists(
                                    sessions.recent(SESSIONS_MAX), expected.now(EXPECTED_MAX), drops.recent(DROPS_MAX)))
                    .getBytes(StandardCharsets.UTF_8);
            madeNanos = nowNanos;
        }
        return made;
    }
}
