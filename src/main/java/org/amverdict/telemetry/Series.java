package org.amverdict.telemetry;

import java.util.List;

/** One value for each label of a figure, while the figures are read. For the reading thread only. */
final class Series {
    private final Reading reading;
    private final List<Label<?>> labels;
    private final Object[] values;

    Series(final Reading reading, final List<Label<?>> labels, final Object[] values) {
        this.reading = reading;
        this.labels = labels;
        this.values = values.clone();
    }

    Reading reading() {
        return reading;
    }

    /** The value of that label, which the figure must have. */
    @SuppressWarnings("unchecked") // the values of a label are of its type
    <T> T get(final Label<T> label) {
        for (int i = 0; i < values.length; i++) {
            if (labels.get(i) == label) {
                return (T) values[i];
            }
        }
        throw new IllegalArgumentException("the figure has no label " + label.key());
    }

    /** The published form of the value of the label with that key. */
    Object text(final String key) {
        for (final Label<?> label : labels) {
            if (label.key().equals(key)) {
                return text(label);
            }
        }
        throw new IllegalArgumentException("the figure has no label " + key);
    }

    private <T> Object text(final Label<T> label) {
        return label.text(get(label));
    }
}
