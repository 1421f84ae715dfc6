package org.amverdict.config;

import java.util.function.Function;
import org.amverdict.json.JsonLine;
import org.jspecify.annotations.Nullable;

/** What the value of a key looks like: how it is read, written and described. Immutable. */
abstract class Kind<T> {
    /** For people, with its range: "duration, 1s to 1h". */
    abstract String form();

    /** The value in that section; null if it is absent, or invalid and reported. */
    abstract @Nullable T read(Section in, String name);

    /** The value in YAML; null if such a value is written by leaving out the key. */
    abstract @Nullable String write(T value);

    /** The value for people. */
    abstract String show(T value);

    /** Adds the JSON Schema description of such values. */
    abstract void describe(JsonLine schema);

    /**
     * This kind, without some of its values.
     *
     * @param limit what is left, for people
     * @param fault what is wrong with a value, for the operator; null if it is fine
     */
    Kind<T> but(final String limit, final Function<T, @Nullable String> fault) {
        final Kind<T> all = this;
        return new Kind<>() {
            @Override
            String form() {
                return all.form() + ", " + limit;
            }

            @Override
            @Nullable T read(final Section in, final String name) {
                final T value = all.read(in, name);
                final String message = value == null ? null : fault.apply(value);
                if (message != null) {
                    in.error(name, message);
                }
                return value;
            }

            @Override
            @Nullable String write(final T value) {
                return all.write(value);
            }

            @Override
            String show(final T value) {
                return all.show(value);
            }

            @Override
            void describe(final JsonLine schema) {
                all.describe(schema);
            }
        };
    }
}
