package org.amverdict.config;

import java.util.function.Consumer;
import java.util.function.Function;
import org.amverdict.json.JsonLine;
import org.jspecify.annotations.Nullable;

/** A value that is one text. Immutable. */
final class Scalar<T> extends Kind<T> {
    private final String form;
    private final Reader<T> reader;
    private final Function<T, String> words;
    private final Function<T, @Nullable String> yaml;
    private final Consumer<JsonLine> schema;

    /** From text to value. */
    @FunctionalInterface
    interface Reader<T> {
        /**
         * Reads.
         *
         * @param path of the key, for messages
         * @throws IllegalArgumentException with a message for the operator
         */
        T read(String text, String path);
    }

    /**
     * A kind whose values are written as people read them.
     *
     * @param words from value to text
     */
    Scalar(
            final String form,
            final Reader<T> reader,
            final Function<T, String> words,
            final Consumer<JsonLine> schema) {
        this(form, reader, words, words, schema);
    }

    private Scalar(
            final String form,
            final Reader<T> reader,
            final Function<T, String> words,
            final Function<T, @Nullable String> yaml,
            final Consumer<JsonLine> schema) {
        this.form = form;
        this.reader = reader;
        this.words = words;
        this.yaml = yaml;
        this.schema = schema;
    }

    /** The same, written as this says; null leaves out the key. */
    Scalar<T> written(final Function<T, @Nullable String> otherYaml) {
        return new Scalar<>(form, reader, words, otherYaml, schema);
    }

    /** The same, written in quotes. */
    Scalar<T> quoted() {
        return written(value -> Kinds.quoted(words.apply(value)));
    }

    @Override
    String form() {
        return form;
    }

    @Override
    @Nullable T read(final Section in, final String name) {
        return in.value(name, text -> reader.read(text, in.pathOf(name)));
    }

    /** Reads one text. */
    T parse(final String text, final String path) {
        return reader.read(text, path);
    }

    @Override
    @Nullable String write(final T value) {
        return yaml.apply(value);
    }

    @Override
    String show(final T value) {
        return words.apply(value);
    }

    @Override
    void describe(final JsonLine description) {
        schema.accept(description);
    }
}
