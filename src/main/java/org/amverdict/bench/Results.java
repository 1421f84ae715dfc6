package org.amverdict.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All runs so far, what was left out and what failed, and why. One thread. */
final class Results {
    private final List<Run> runs = new ArrayList<>();
    private final Map<Mix, Map<String, String>> skipped = new LinkedHashMap<>();
    private final Map<Mix, Map<String, String>> failed = new LinkedHashMap<>();

    void add(final Run run) {
        runs.add(run);
    }

    void skip(final Mix mix, final Contestant contestant, final String reason) {
        skipped.computeIfAbsent(mix, key -> new LinkedHashMap<>()).put(contestant.name(), reason);
    }

    void fail(final Mix mix, final Contestant contestant, final String reason) {
        failed.computeIfAbsent(mix, key -> new LinkedHashMap<>()).put(contestant.name(), reason);
    }

    List<Run> runs() {
        return List.copyOf(runs);
    }

    /** Reasons by contestant. */
    Map<String, String> skipped(final Mix mix) {
        return skipped.getOrDefault(mix, Map.of());
    }

    /** Reasons by contestant; runs of earlier rounds may exist. */
    Map<String, String> failed(final Mix mix) {
        return failed.getOrDefault(mix, Map.of());
    }

    /** Values of one column by round; rounds without one are missing. */
    Map<Integer, Double> values(final Mix mix, final String contestant, final String key) {
        final Map<Integer, Double> values = new TreeMap<>();
        for (final Run run : runs) {
            final Double value = run.values().get(key);
            if (run.mix() == mix && run.contestant().equals(contestant) && value != null) {
                values.put(run.round(), value);
            }
        }
        return values;
    }
}
