package org.amverdict.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.amverdict.json.JsonLine;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** A list whose entries have keys. Immutable. */
abstract class Entries<E> extends Kind<List<E>> {
    private final List<Part<E, ?>> parts;
    private final boolean onOneLine;

    /**
     * One key of the entries.
     *
     * @param of the value that an entry has; null if it is written by leaving out the key
     */
    record Part<E, T>(SettingsKey<T> key, Function<E, @Nullable T> of) {
        private @Nullable String write(final E entry) {
            final T value = of.apply(entry);
            final String yaml = value == null ? null : key.kind().write(value);
            return yaml == null ? null : key.name() + ": " + yaml;
        }
    }

    /** Reads the entries of one list, in order. */
    @FunctionalInterface
    interface Reader<E> {
        /** The entry; null if it is invalid, which was reported. */
        @Nullable E read(Section entry, int index);
    }

    /**
     * The kind.
     *
     * @param onOneLine whether an entry is written on one line, or each of its keys on one
     */
    Entries(final boolean onOneLine, final List<Part<E, ?>> parts) {
        this.parts = List.copyOf(parts);
        this.onOneLine = onOneLine;
    }

    /** What reads one list. */
    abstract Reader<E> reader();

    /** The keys that an entry may have. */
    final List<SettingsKey<?>> keys() {
        final List<SettingsKey<?>> keys = new ArrayList<>();
        parts.forEach(part -> keys.add(part.key()));
        return keys;
    }

    @Override
    @Nullable List<E> read(final Section in, final String name) {
        final List<Node> nodes = in.list(name);
        return nodes == null ? null : read(in, name, nodes);
    }

    /** The valid ones of these entries. */
    final List<E> read(final Section in, final String name, final List<Node> nodes) {
        final Reader<E> reader = reader();
        final List<E> entries = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            final E entry = reader.read(in.entry(name, i, nodes.get(i)), i);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    @Override
    String form() {
        return "list";
    }

    @Override
    String write(final List<E> value) {
        return value.isEmpty() ? "[]" : write(value, onOneLine ? "{" : "", onOneLine ? ", " : "\n    ");
    }

    private String write(final List<E> value, final String open, final String between) {
        final StringBuilder text = new StringBuilder();
        for (final E entry : value) {
            final List<String> written = new ArrayList<>();
            for (final Part<E, ?> part : parts) {
                final String yaml = part.write(entry);
                if (yaml != null) {
                    written.add(yaml);
                }
            }
            text.append("\n  - ").append(open).append(String.join(between, written));
            text.append(open.isEmpty() ? "" : "}");
        }
        return text.toString();
    }

    @Override
    String show(final List<E> value) {
        return write(value);
    }

    @Override
    void describe(final JsonLine schema) {
        schema.add("type", "array").openObject("items");
        SettingsSchema.object(schema, keys());
        schema.closeObject();
    }
}
