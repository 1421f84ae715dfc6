package org.amverdict.telemetry;

import java.util.List;
import java.util.function.Function;

/**
 * A label of figures and all its values: a closed list, so that the number of series does not grow with traffic. Two
 * labels may share a key and still differ. Immutable.
 */
final class Label<T> {
    private final String key;
    private final List<T> values;
    private final Function<T, Object> text;

    /**
     * @param key its name in the metrics
     * @param values in the order in which they are listed
     * @param text how a value is published: a text, or a {@code Long} where JSON has a number
     */
    Label(final String key, final List<T> values, final Function<T, Object> text) {
        this.key = key;
        this.values = List.copyOf(values);
        this.text = text;
    }

    String key() {
        return key;
    }

    List<T> values() {
        return values;
    }

    Object text(final T value) {
        return text.apply(value);
    }
}
