package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The declaration of one figure: the name, labels and help text of its metric, how it is read, and its place in
 * {@code status} and in the event {@code stats}. {@link Figures} makes all of them; nothing changes them later.
 */
final class Figure {
    /** Stands for an unknown number, such as the kernel's where its file is not readable. */
    static final long UNKNOWN = -1;

    /** The type of the metric. */
    enum Kind {
        COUNTER,
        GAUGE,
        /** Always 1; the information is in its labels. */
        INFO,
        /** A count and a sum, without quantiles. */
        SUMMARY,
        HISTOGRAM,
        /** No metric: only a number or a flag in the status. */
        UNPUBLISHED
    }

    /** Reads the JSON value: a Long, BigDecimal or Boolean; null if unknown. */
    @FunctionalInterface
    interface Shown {
        @Nullable Object read(Series at);
    }

    private final Kind kind;
    private final String name;
    private final String help;
    private final List<Place> status = new ArrayList<>();
    private final List<Place> stats = new ArrayList<>();

    private List<Label<?>> labels = List.of();
    private ToLongFunction<Series> value = at -> 1;
    private ToLongFunction<Series> sum = at -> 0;
    private @Nullable Function<Series, HistogramSource> histogram;
    private @Nullable Shown shown;

    private Figure(final Kind kind, final String name, final String help) {
        this.kind = kind;
        this.name = name;
        this.help = help;
    }

    /**
     * A metric.
     *
     * @param name as a scrape shows it, ending in its unit, a counter's in {@code _total}
     * @param help one sentence, which is also the one in src/docs/metrics.md
     */
    static Figure of(final Kind kind, final String name, final String help) {
        return new Figure(kind, name, help);
    }

    /** A figure that only the status shows. */
    static Figure shown(final Shown reader) {
        final Figure figure = new Figure(Kind.UNPUBLISHED, "", "");
        figure.shown = reader;
        return figure;
    }

    /** With these labels: one series for each combination of their values. */
    Figure by(final Label<?>... all) {
        labels = List.of(all);
        return this;
    }

    /** Sets how it is read; {@link #UNKNOWN} leaves the series out. */
    Figure is(final ToLongFunction<Series> reader) {
        value = reader;
        return this;
    }

    /** A summary's sum; {@link #is} reads its count. */
    Figure sum(final ToLongFunction<Series> reader) {
        sum = reader;
        return this;
    }

    Figure histogram(final Function<Series, HistogramSource> reader) {
        histogram = reader;
        return this;
    }

    /** Also in the status, at that {@link Place}. */
    Figure status(final String place) {
        status.add(Place.parse(place));
        return this;
    }

    /** Also in the event {@code stats}, at that {@link Place}. */
    Figure stats(final String place) {
        stats.add(Place.parse(place));
        return this;
    }

    Kind kind() {
        return kind;
    }

    String name() {
        return name;
    }

    String help() {
        return help;
    }

    List<Label<?>> labels() {
        return labels;
    }

    long value(final Series at) {
        return value.applyAsLong(at);
    }

    long sum(final Series at) {
        return sum.applyAsLong(at);
    }

    HistogramSource histogram(final Series at) {
        if (histogram == null) {
            throw new IllegalStateException(name + " has no histogram");
        }
        return histogram.apply(at);
    }

    /** Visits every series. */
    void forEach(final Reading reading, final Consumer<Series> visitor) {
        visit(reading, new Object[labels.size()], 0, visitor);
    }

    private void visit(final Reading reading, final Object[] values, final int from, final Consumer<Series> visitor) {
        if (from == values.length) {
            visitor.accept(new Series(reading, labels, values));
            return;
        }
        for (final Object each : labels.get(from).values()) {
            values[from] = each;
            visit(reading, values, from + 1, visitor);
        }
    }

    /** Puts it in its place in the status. */
    void addStatus(final Reading reading, final Document document) {
        add(status, reading, document);
    }

    /** Puts it in its place in the event {@code stats}. */
    void addStats(final Reading reading, final Document document) {
        add(stats, reading, document);
    }

    private void add(final List<Place> places, final Reading reading, final Document document) {
        if (!places.isEmpty()) {
            forEach(reading, at -> {
                final Object seen = seen(at);
                if (seen != null) {
                    places.forEach(place -> place.put(document, at, seen));
                }
            });
        }
    }

    private @Nullable Object seen(final Series at) {
        if (shown != null) {
            return shown.read(at);
        }
        final long number = value(at);
        return number == UNKNOWN ? null : (Object) number;
    }
}
