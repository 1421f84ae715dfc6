package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a figure in a JSON object: a path of keys separated by dots, {@code expectations.created}. In a key,
 * {@code {reason}} is the value of the label {@code reason}, and {@code {TYPE}} that of {@code type} in capitals.
 * Series with the same place are added up. Also:
 *
 * <ul>
 *   <li>{@code queues[queue].overruns}: an array with one object for each value of the label, its first field;
 *   {@code tables[table=flows].limit}: the same with a fixed text.
 *   <li>{@code would_drop.{reason}?}: a key that ends in {@code ?} is left out while all numbers in it are 0.
 *   <li>{@code verdict=drop: dropped_bytes}: only the series with that value.
 * </ul>
 *
 * Immutable.
 */
final class Place {
    private static final Pattern LABEL = Pattern.compile("\\{(\\w+)}");

    private final Map<String, String> only;
    private final List<Step> steps;

    /**
     * One key of the path.
     *
     * @param name of the key, with labels in braces
     * @param row keys and values that tell the objects of an array apart; empty if it is no array
     * @param optional left out while all numbers in it are 0
     */
    private record Step(String name, Map<String, String> row, boolean optional) {}

    private Place(final Map<String, String> only, final List<Step> steps) {
        this.only = only;
        this.steps = steps;
    }

    static Place parse(final String text) {
        final int colon = text.indexOf(": ");
        final List<Step> steps = new ArrayList<>();
        for (final String key : text.substring(colon < 0 ? 0 : colon + 2).split("\\.", -1)) {
            final boolean optional = key.endsWith("?");
            final String name = optional ? key.substring(0, key.length() - 1) : key;
            final int bracket = name.indexOf('[');
            steps.add(
                    bracket < 0
                            ? new Step(name, Map.of(), optional)
                            : new Step(
                                    name.substring(0, bracket),
                                    pairs(name.substring(bracket + 1, name.length() - 1)),
                                    optional));
        }
        return new Place(colon < 0 ? Map.of() : pairs(text.substring(0, colon)), List.copyOf(steps));
    }

    /** {@code a,b=c} as {a: "", b: "c"}. */
    private static Map<String, String> pairs(final String text) {
        final Map<String, String> pairs = new LinkedHashMap<>();
        for (final String pair : text.split(",", -1)) {
            final int sign = pair.indexOf('=');
            pairs.put(sign < 0 ? pair : pair.substring(0, sign), sign < 0 ? "" : pair.substring(sign + 1));
        }
        return pairs;
    }

    /** Puts a series there if it belongs there. */
    void put(final Document document, final Series at, final Object value) {
        for (final Map.Entry<String, String> each : only.entrySet()) {
            if (!at.text(each.getKey()).equals(each.getValue())) {
                return;
            }
        }
        Document inner = document;
        for (final Step step : steps.subList(0, steps.size() - 1)) {
            final String key = key(step.name(), at);
            inner = step.row().isEmpty()
                    ? inner.object(key, step.optional())
                    : inner.row(key, row(step, at), step.optional());
        }
        final Step last = steps.get(steps.size() - 1);
        inner.add(key(last.name(), at), value, last.optional());
    }

    private static Map<String, Object> row(final Step step, final Series at) {
        final Map<String, Object> row = new LinkedHashMap<>();
        step.row().forEach((key, fixed) -> row.put(key, fixed.isEmpty() ? at.text(key) : fixed));
        return row;
    }

    private static String key(final String name, final Series at) {
        if (name.indexOf('{') < 0) {
            return name;
        }
        return LABEL.matcher(name).replaceAll(match -> Matcher.quoteReplacement(label(match.group(1), at)));
    }

    private static String label(final String name, final Series at) {
        final String lower = name.toLowerCase(Locale.ROOT);
        final String text = String.valueOf(at.text(lower));
        return name.equals(lower) ? text : text.toUpperCase(Locale.ROOT);
    }
}
