package org.amverdict.telemetry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.history.Dumps;
import org.jspecify.annotations.Nullable;

/**
 * One reading of all figures, for a scrape, a status or a line of {@code stats}. Expensive values are looked up once,
 * and only if a figure needs them. For the reading thread only.
 */
final class Reading {
    private final TelemetrySources sources;
    private @Nullable Map<Integer, KernelQueueReader.KernelQueue> kernel;
    private @Nullable List<Integer> missing;
    private @Nullable Dumps dumps;

    Reading(final TelemetrySources sources) {
        this.sources = sources;
    }

    /** The kernel's figures for that queue, null if there are none. */
    KernelQueueReader.@Nullable KernelQueue kernel(final int queue) {
        Map<Integer, KernelQueueReader.KernelQueue> known = kernel;
        if (known == null) {
            known = new HashMap<>();
            for (final KernelQueueReader.KernelQueue each :
                    sources.kernelQueues().read()) {
                known.put(each.number(), each);
            }
            kernel = known;
        }
        return known.get(queue);
    }

    /** The configured queues that are not bound, or whose worker is stuck. */
    List<Integer> missing() {
        List<Integer> known = missing;
        if (known == null) {
            known = sources.program().missingQueues().get();
            missing = known;
        }
        return known;
    }

    /** How many dumps are running. */
    Dumps dumps() {
        Dumps known = dumps;
        if (known == null) {
            known = sources.reports().dumps().get();
            dumps = known;
        }
        return known;
    }
}
