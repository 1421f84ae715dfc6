package org.amverdict.telemetry;

import java.util.List;
import java.util.function.Function;

/**
 * A label of figures and all its values: a closed list, so that the number of series does not grow with traffic.
 *
 * @param key its name in the metrics
 * @param values in the order in which they are listed
 * @param text how a value is published: a text, or a {@code Long} where JSON has a number
 */
record Label<T>(String key, List<T> values, Function<T, Object> text) {
    Label {
        values = List.copyOf(values);
    }
}
