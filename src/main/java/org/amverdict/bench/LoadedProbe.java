package org.amverdict.bench;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Times requests on a thread that also makes other traffic, and polls for them after each send. So a time is too long
 * by at most the time since the previous poll, which is recorded too. A slow request counts once, however long it
 * delayed the next ones. One thread.
 */
final class LoadedProbe {
    private final LatencyProbe probe;
    private final long[] nanos;
    private final long[] late;
    private long due = System.nanoTime();
    private long looked;
    private boolean underway;
    private int arrived;
    private int lost;

    /** @param capacity how many times are kept; later ones are not measured */
    LoadedProbe(final LatencyProbe probe, final int capacity) {
        this.probe = probe;
        nanos = new long[capacity];
        late = new long[capacity];
    }

    /**
     * Sends the next request if it is due, or polls for the one on its way.
     *
     * @param now as {@link System#nanoTime}
     * @param measuring whether a result counts
     */
    void step(final long now, final boolean measuring) throws IOException {
        if (!underway) {
            if (now - due >= 0) {
                due = Math.max(due + LatencyProbe.INTERVAL_NANOS, now);
                looked = now;
                probe.begin();
                underway = true;
            }
            return;
        }
        final long took = probe.poll();
        if (took == LatencyProbe.UNDERWAY) {
            looked = now;
            return;
        }
        underway = false;
        if (!measuring || arrived == nanos.length) {
            return;
        }
        if (took == LatencyProbe.LOST) {
            lost++;
        } else {
            nanos[arrived] = took;
            late[arrived] = System.nanoTime() - looked;
            arrived++;
        }
    }

    /** Percentiles by the names of the JSON document. */
    Map<String, Double> values() {
        final Map<String, Double> values = new TreeMap<>();
        Statistics.putMicros(values, "", Statistics.sorted(nanos, arrived));
        values.put("resolution_p99_us", Statistics.micros(Statistics.sorted(late, arrived), 0.99));
        values.put("probes", (double) arrived + lost);
        values.put("lost", (double) lost);
        return values;
    }
}
