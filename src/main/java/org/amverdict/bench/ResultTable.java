package org.amverdict.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results for people: one table for each mix, a line for each contestant. */
final class ResultTable {
    private static final String NOTHING = "-";
    private static final int PERCENT = 100;

    private final Results results;
    private final BenchOptions options;

    ResultTable(final Results results, final BenchOptions options) {
        this.results = results;
        this.options = options;
    }

    /** The lines of all tables. */
    List<String> lines() {
        final List<String> lines = new ArrayList<>();
        for (final Mix mix : options.mixes()) {
            lines.add("");
            lines.add(mix.label() + ": " + mix.description());
            final List<List<String>> cells = new ArrayList<>();
            cells.add(head(mix));
            for (final Contestant contestant : options.contestants()) {
                if (measured(mix, contestant)) {
                    cells.add(line(mix, contestant.name()));
                }
            }
            if (cells.size() > 1) {
                lines.addAll(align(cells));
            }
            results.failed(mix).forEach((contestant, reason) -> lines.add("  " + contestant + " failed, " + reason));
            results.skipped(mix).forEach((contestant, reason) -> lines.add("  " + contestant + " left out: " + reason));
        }
        return lines;
    }

    private boolean measured(final Mix mix, final Contestant contestant) {
        return results.runs().stream()
                .anyMatch(run -> run.mix() == mix && run.contestant().equals(contestant.name()));
    }

    private static List<String> head(final Mix mix) {
        final List<String> head = new ArrayList<>(List.of("contestant"));
        for (final Column column : mix.columns()) {
            head.add(column.title());
            switch (column.beside()) {
                case RATIO, RATIO_TO_ACCEPT -> head.addAll(List.of("spread", "ratio"));
                case ADDED -> head.add("added");
                case NOTHING -> {}
            }
        }
        return head;
    }

    private List<String> line(final Mix mix, final String contestant) {
        final List<String> line = new ArrayList<>(List.of(contestant));
        for (final Column column : mix.columns()) {
            final Map<Integer, Double> values = results.values(mix, contestant, column.key());
            final String form = "%." + column.digits() + "f";
            line.add(text(form, Statistics.median(values.values())));
            switch (column.beside()) {
                case RATIO -> {
                    line.add(text("%.0f%%", PERCENT * Statistics.spread(values.values())));
                    line.add(text("%.2f", Statistics.ratio(values, first(mix, column))));
                }
                case RATIO_TO_ACCEPT -> {
                    line.add(text("%.0f%%", PERCENT * Statistics.spread(values.values())));
                    line.add(text("%.2f", Statistics.ratio(values, accepted(mix, column))));
                }
                case ADDED -> line.add(text(form, Statistics.difference(values, accepted(mix, column))));
                case NOTHING -> {}
            }
        }
        return line;
    }

    private Map<Integer, Double> first(final Mix mix, final Column column) {
        return options.contestants().stream()
                .map(contestant -> results.values(mix, contestant.name(), column.key()))
                .filter(values -> !values.isEmpty())
                .findFirst()
                .orElse(Map.of());
    }

    private Map<Integer, Double> accepted(final Mix mix, final Column column) {
        return results.values(mix, Contestant.ACCEPT.name(), column.key());
    }

    private static String text(final String form, final double value) {
        return Double.isNaN(value) ? NOTHING : String.format(Locale.ROOT, form, value);
    }

    /** Aligns the first column left, numbers right. */
    private static List<String> align(final List<List<String>> cells) {
        final int columns = cells.get(0).size();
        final int[] widths = new int[columns];
        for (final List<String> line : cells) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        final List<String> lines = new ArrayList<>();
        for (final List<String> line : cells) {
            final StringBuilder text = new StringBuilder(" ");
            for (int i = 0; i < columns; i++) {
                final String gap = " ".repeat(widths[i] - line.get(i).length());
                text.append(i == 0 ? " " + line.get(i) + gap : "  " + gap + line.get(i));
            }
            lines.add(text.toString());
        }
        return lines;
    }
}
