package org.amverdict.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * One run: a mix, judged by one contestant, measured once.
 *
 * @param mix traffic
 * @param contestant name of the one that was measured
 * @param round from 0
 * @param values by name; an unknown value is missing
 */
record Run(Mix mix, String contestant, int round, Map<String, Double> values) {
    Run {
        final Map<String, Double> known = new TreeMap<>(values);
        known.values().removeIf(value -> value.isNaN() || value.isInfinite());
        values = known;
    }
}
