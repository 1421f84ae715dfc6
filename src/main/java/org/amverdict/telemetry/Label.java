package org.amverdict.telemetry;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A label of figures and all its values: a closed list, or one that only a reload extends, so that the number of series
 * does not grow with traffic. Two labels may share a key and still differ. Immutable; any thread.
 */
final class Label<T> {
    private final String key;
    private final Supplier<List<T>> values;
    private final Function<T, Object> text;

    /**
     * @param key its name in the metrics
     * @param values in the order in which they are listed
     * @param text how a value is published: a text, or a {@code Long} where JSON has a number
     */
    Label(final String key, final List<T> values, final Function<T, Object> text) {
        this(key, text, constant(List.copyOf(values)));
    }

    private Label(final String key, final Function<T, Object> text, final Supplier<List<T>> values) {
        this.key = key;
        this.text = text;
        this.values = values;
    }

    /**
     * A label of names from the configuration: a reload may add some, up to a stated limit.
     *
     * @param values called at each reading; never loses a value, and no longer than that limit
     */
    static <T> Label<T> ofConfiguration(
            final String key, final Supplier<List<T>> values, final Function<T, Object> text) {
        return new Label<>(key, text, values);
    }

    private static <T> Supplier<List<T>> constant(final List<T> values) {
        return () -> values;
    }

    String key() {
        return key;
    }

    List<T> values() {
        return values.get();
    }

    Object text(final T value) {
        return text.apply(value);
    }
}
