package org.amverdict.simulation;

import java.util.List;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.track.Tables;

/**
 * A single worker with tables of its own that judges everything that the workers of a node judge, in the same order. It
 * must decide the same: it does not matter which worker sees a packet (P8).
 */
final class Twin {
    private final Seen seen = new Seen();
    private final VerdictBatch verdicts = new VerdictBatch(Worker.BATCH_MAX);
    private final Tables tables;
    private final VerdictEngine engine;

    Twin(final Tables tables, final EngineSettings settings) {
        this.tables = tables;
        engine = new VerdictEngine(settings, tables, new EngineCounters(), seen);
    }

    Tables tables() {
        return tables;
    }

    void settings(final EngineSettings settings) {
        engine.settings(settings);
    }

    void housekeep(final long engineNow, final int steps) {
        engine.housekeep(engineNow, steps);
    }

    /** Judges what a worker has just judged, and compares. */
    void judge(
            final PacketBatch packets,
            final VerdictBatch ofWorker,
            final Seen seenByWorker,
            final List<KernelQueue.Held> read,
            final long engineNow) {
        seen.clear();
        engine.onBatch(packets, verdicts, engineNow);
        for (int i = 0; i < ofWorker.count(); i++) {
            final boolean same = ofWorker.verdict(i) == verdicts.verdict(i)
                    && ofWorker.mark(i) == verdicts.mark(i)
                    && seenByWorker.get(i).equals(seen.get(i));
            if (!same) {
                throw new AssertionError("P8: one of several workers decided "
                        + seenByWorker.get(i).text() + ", a single one "
                        + seen.get(i).text() + ": "
                        + read.get(i).passage.packet());
            }
        }
    }
}
