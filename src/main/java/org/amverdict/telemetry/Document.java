package org.amverdict.telemetry;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.amverdict.json.JsonLine;

/** A JSON object whose fields come in any order and grow while figures are read. For one thread. */
final class Document {
    /** Contents: an inner Document, Rows, a Long, a BigDecimal, a Boolean or a string. */
    private final Map<String, Object> fields = new LinkedHashMap<>();
    /** Keys that are left out while all numbers below them are 0. */
    private final Set<String> optional = new HashSet<>();

    /** The objects of an array, by the fields that tell them apart, which each of them begins with. */
    private static final class Rows {
        private final Map<Map<String, Object>, Document> rows = new LinkedHashMap<>();
        private final boolean optional;

        Rows(final boolean optional) {
            this.optional = optional;
        }
    }

    /** The object under that key, created if missing. */
    Document object(final String key, final boolean leaveOutZero) {
        mayLeaveOut(key, leaveOutZero);
        return (Document) fields.computeIfAbsent(key, each -> new Document());
    }

    /** The object of the array under that key that begins with these fields, created if missing. */
    Document row(final String key, final Map<String, Object> first, final boolean leaveOutZero) {
        final Rows rows = (Rows) fields.computeIfAbsent(key, each -> new Rows(leaveOutZero));
        return rows.rows.computeIfAbsent(first, each -> new Document());
    }

    /** Puts a value under that key; a number is added to an existing one. */
    void add(final String key, final Object value, final boolean leaveOutZero) {
        mayLeaveOut(key, leaveOutZero);
        if (value instanceof Long number) {
            fields.merge(key, number, (one, other) -> (Long) one + (Long) other);
        } else {
            fields.put(key, value);
        }
    }

    private void mayLeaveOut(final String key, final boolean leaveOutZero) {
        if (leaveOutZero) {
            optional.add(key);
        }
    }

    /** Adds all of it to the open object of the line. */
    void writeTo(final JsonLine line) {
        fields.forEach((key, value) -> {
            if (!optional.contains(key) || !isZero(value)) {
                write(line, key, value);
            }
        });
    }

    private static void write(final JsonLine line, final String key, final Object value) {
        if (value instanceof Document inner) {
            line.openObject(key);
            inner.writeTo(line);
            line.closeObject();
        } else if (value instanceof Rows array) {
            line.openArray(key);
            array.rows.forEach((first, row) -> {
                if (!array.optional || !row.isZero()) {
                    line.openElement();
                    first.forEach((name, text) -> write(line, name, text));
                    row.writeTo(line);
                    line.closeObject();
                }
            });
            line.closeArray();
        } else if (value instanceof Long number) {
            line.add(key, number);
        } else if (value instanceof Boolean flag) {
            line.add(key, flag);
        } else if (value instanceof BigDecimal number) {
            line.addNumber(key, number.toPlainString());
        } else if (value instanceof String text) {
            line.add(key, text);
        } else {
            throw new IllegalArgumentException(key + " has no type of JSON: " + value.getClass());
        }
    }

    private boolean isZero() {
        return fields.values().stream().allMatch(Document::isZero);
    }

    private static boolean isZero(final Object value) {
        return value instanceof Document inner ? inner.isZero() : value.equals(0L);
    }
}
