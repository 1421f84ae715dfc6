package org.amverdict.events;

import java.util.function.Consumer;
import org.amverdict.json.JsonLine;

/** What the lines of the event log say that are not about one packet. Called by the reader's thread alone. */
public interface StatsWriter {
    /** Adds how long the program has run. */
    void addUptime(JsonLine line, long nowNanos);

    /** Adds all counters. */
    void addStats(JsonLine line, long nowNanos);

    /** Whether anything overflowed since {@link #addOverload}. */
    boolean overflowed();

    /** Adds what overflowed since the last call. */
    void addOverload(JsonLine line);

    /** Visits the flows that have not ended, or that carried packets since their end was reported. */
    void forEachOpenFlow(long nowNanos, Consumer<EventRecord> visitor);
}
