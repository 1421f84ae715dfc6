package org.amverdict.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One mapping of the file, bound strictly: anything unknown, duplicated or of the wrong kind is reported, and the
 * default stands in so that checking continues. Used by one thread during loading.
 */
final class Section {
    private final @Nullable Node node;
    private final String path;
    private final Problems problems;
    private final Map<String, Node> values = new LinkedHashMap<>();

    /**
     * @param node the mapping, or null when the file does not have it
     * @param path its place, "" for the whole file
     * @param keys all that may occur
     */
    private Section(final @Nullable Node node, final String path, final Problems problems, final List<String> keys) {
        this.node = node;
        this.path = path;
        this.problems = problems;
        if (node == null) {
            return;
        }
        if (!path.isEmpty()) {
            problems.place(path, node);
        }
        if (!(node instanceof MappingNode mapping)) {
            problems.error(
                    node,
                    (path.isEmpty() ? "the file" : "'" + path + "'") + " must be keys with values, not " + kind(node)
                            + "; keys are " + String.join(", ", keys));
            return;
        }
        for (final NodeTuple entry : mapping.getValue()) {
            bind(entry, keys);
        }
    }

    /** The whole file; null when it is empty. */
    static Section file(final @Nullable Node root, final Problems problems) {
        return new Section(root, "", problems, SettingsKeys.namesIn(""));
    }

    private void bind(final NodeTuple entry, final List<String> keys) {
        if (!(entry.getKeyNode() instanceof ScalarNode key)) {
            problems.error(entry.getKeyNode(), "a key must be a word, not " + kind(entry.getKeyNode()));
        } else if (!keys.contains(key.getValue())) {
            final String merge = "merge keys are not part of YAML 1.2; write the keys out";
            problems.error(
                    key,
                    "unknown key '" + key.getValue() + "'" + (path.isEmpty() ? "" : " in '" + path + "'") + "; "
                            + (key.getValue().equals("<<") ? merge : Suggestion.of(key.getValue(), keys)));
        } else if (values.putIfAbsent(key.getValue(), entry.getValueNode()) != null) {
            problems.error(key, "key '" + key.getValue() + "' is given twice; keep one");
        } else {
            problems.place(pathOf(key.getValue()), key);
        }
    }

    String pathOf(final String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String kind(final Node node) {
        return node instanceof SequenceNode ? "a list" : node instanceof MappingNode ? "keys with values" : "one value";
    }

    private static boolean isEmpty(final Node node) {
        return node instanceof ScalarNode scalar
                && scalar.isPlain()
                && scalar.getValue().isEmpty();
    }

    boolean has(final String key) {
        return values.containsKey(key);
    }

    /** The mapping under a key. */
    Section section(final String key) {
        final Node value = values.get(key);
        final List<String> keys = SettingsKeys.namesIn(key);
        if (value != null && isEmpty(value)) {
            reportEmpty(key, value, "{}");
            return new Section(null, pathOf(key), problems, keys);
        }
        return new Section(value, pathOf(key), problems, keys);
    }

    /** An entry of the list under a key. */
    Section entry(final String key, final int index, final Node entry) {
        return new Section(entry, pathOf(key) + "[" + index + "]", problems, SettingsKeys.namesIn(key));
    }

    /** The value of a key, or its default; null if there is none. Errors have been reported. */
    <T> @Nullable T get(final SettingsKey<T> key) {
        final T value = key.kind().read(this, key.name());
        if (value == null && key.isRequired()) {
            missing(key.name(), key.example());
        }
        return value == null ? key.absentValue() : value;
    }

    private void reportEmpty(final String key, final Node value, final String instead) {
        problems.error(value, "'" + pathOf(key) + "' has no value; write " + instead + " or remove the key");
    }

    /** The one value of a key as text, or null when it is not there or was reported. */
    @Nullable String text(final String key) {
        final Node value = values.get(key);
        if (value == null) {
            return null;
        }
        if (isEmpty(value)) {
            reportEmpty(key, value, "a value");
            return null;
        }
        if (!(value instanceof ScalarNode scalar)) {
            problems.error(value, "'" + pathOf(key) + "' must be one value, not " + kind(value));
            return null;
        }
        return scalar.getValue();
    }

    /** A value that the function reads; null when the key is absent, or was reported as {@link #checked} does. */
    <T> @Nullable T value(final String key, final Function<String, T> reader) {
        final String text = text(key);
        return text == null ? null : checked(key, () -> reader.apply(text));
    }

    /** What the function makes; null when it throws an IllegalArgumentException, which is reported at the key's value. */
    <T> @Nullable T checked(final String key, final Supplier<T> maker) {
        try {
            return maker.get();
        } catch (final IllegalArgumentException e) {
            error(key, String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** What the function reads from each text; null when an IllegalArgumentException was reported at one of them. */
    <T> @Nullable List<T> each(final List<ScalarNode> texts, final Function<String, T> reader) {
        final List<T> read = new ArrayList<>(texts.size());
        for (final ScalarNode text : texts) {
            try {
                read.add(reader.apply(text.getValue()));
            } catch (final IllegalArgumentException e) {
                problems.error(text, String.valueOf(e.getMessage()));
            }
        }
        return read.size() == texts.size() ? read : null;
    }

    /** The entries of a list; null when the key is absent or was reported. */
    @Nullable List<Node> list(final String key) {
        final Node value = values.get(key);
        if (value == null) {
            return null;
        }
        if (isEmpty(value)) {
            reportEmpty(key, value, "[]");
            return null;
        }
        if (!(value instanceof SequenceNode sequence)) {
            problems.error(value, "'" + pathOf(key) + "' must be a list, not " + kind(value) + "; write [ ] around it");
            return null;
        }
        return sequence.getValue();
    }

    /** The texts of a list, or the one value; null when the key is absent or something was reported. */
    @Nullable List<ScalarNode> texts(final String key) {
        final Node value = values.get(key);
        final List<Node> entries = value instanceof ScalarNode && !isEmpty(value) ? List.of(value) : list(key);
        if (entries == null) {
            return null;
        }
        final List<ScalarNode> texts = new ArrayList<>(entries.size());
        for (final Node entry : entries) {
            if (entry instanceof ScalarNode scalar && !isEmpty(entry)) {
                texts.add(scalar);
            } else {
                problems.error(
                        entry,
                        "an entry of '" + pathOf(key) + "' must be one value, not "
                                + (isEmpty(entry) ? "empty" : kind(entry)));
            }
        }
        return texts.size() == entries.size() ? texts : null;
    }

    /** Reports at a key's value, or at the section when the key is not there. */
    void error(final String key, final String message) {
        final Node at = values.getOrDefault(key, node);
        if (at != null) {
            problems.error(at, message);
        }
    }

    /** Reports that a key is missing; true when it is. */
    boolean missing(final String key, final String example) {
        if (!has(key) && node instanceof MappingNode) {
            problems.error(node, "'" + path + "' has no '" + key + "'; write " + key + ": " + example);
        }
        return !has(key);
    }

    String path() {
        return path;
    }

    Problems problems() {
        return problems;
    }
}
