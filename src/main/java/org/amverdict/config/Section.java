package org.amverdict.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One mapping of the file, bound strictly: what is not known, given twice or of the wrong kind is reported, and the
 * default stands in so that checking goes on. Used by one thread during loading.
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
    Section(final @Nullable Node node, final String path, final Problems problems, final String... keys) {
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
            bind(entry, List.of(keys));
        }
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

    private String pathOf(final String key) {
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

    Section section(final String key, final String... keys) {
        final Node value = values.get(key);
        if (value != null && isEmpty(value)) {
            reportEmpty(key, value, "{}");
            return new Section(null, pathOf(key), problems, keys);
        }
        return new Section(value, pathOf(key), problems, keys);
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

    /** A value that the function reads; its IllegalArgumentException is reported at the value. */
    <T> T value(final String key, final T absent, final Function<String, T> reader) {
        final String text = text(key);
        if (text == null) {
            return absent;
        }
        try {
            return reader.apply(text);
        } catch (final IllegalArgumentException e) {
            error(key, String.valueOf(e.getMessage()));
            return absent;
        }
    }

    /** One of a few words. */
    <T> T choice(final String key, final T absent, final T[] all, final Function<T, String> label) {
        return value(key, absent, text -> {
            final List<String> words = new ArrayList<>();
            for (final T one : all) {
                if (label.apply(one).equals(text)) {
                    return one;
                }
                words.add(label.apply(one));
            }
            throw new IllegalArgumentException(
                    "'" + text + "' is not a value of '" + pathOf(key) + "'; " + Suggestion.of(text, words));
        });
    }

    /** A whole number in a range; decimal. */
    int integer(final String key, final int absent, final int min, final int max) {
        return value(key, absent, text -> {
            final String digits = text.startsWith("-") ? text.substring(1) : text;
            if (!digits.matches("[0-9]+")) {
                throw new IllegalArgumentException(
                        "'" + text + "' is not a whole number; '" + pathOf(key) + "' is " + min + " to " + max);
            }
            final long number = digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(text);
            if (number < min || number > max) {
                throw new IllegalArgumentException(
                        text + " is out of range; '" + pathOf(key) + "' is " + min + " to " + max);
            }
            return (int) number;
        });
    }

    /** A duration in a range, in nanoseconds. */
    long duration(final String key, final long absentNs, final long minNs, final long maxNs) {
        return value(key, absentNs, text -> {
            final long ns = Durations.parse(text);
            if (ns < minNs || ns > maxNs) {
                throw new IllegalArgumentException(text + " is out of range; '" + pathOf(key) + "' is "
                        + Durations.format(minNs) + " to " + Durations.format(maxNs));
            }
            return ns;
        });
    }

    boolean bool(final String key, final boolean absent) {
        return value(key, absent, text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException("'" + text + "' is neither true nor false");
            }
            return text.equals("true");
        });
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
}
