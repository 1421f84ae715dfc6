package org.amverdict.events;

import java.util.function.Consumer;
import org.amverdict.json.JsonLine;

/** Contents of the event log's lines that are not about one packet. Called by the reader's thread only. */
public interface StatsWriter {
    /** Adds the uptime of the program. */
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
