package org.amverdict.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Checks a document of {@code bench --json} against bench.schema.json, with as much of JSON Schema as that file uses:
 * type, properties, additionalProperties, required, items, enum, const.
 */
public final class BenchDocument {
    private BenchDocument() {}

    /** JSON is a subset of YAML 1.2, whose parser is on the class path. */
    public static Map<?, ?> parse(final String json) {
        return (Map<?, ?>)
                Objects.requireNonNull(new Load(LoadSettings.builder().build()).loadFromString(json));
    }

    /** The rows of a document. */
    public static List<Map<?, ?>> rows(final Map<?, ?> document) {
        final List<Map<?, ?>> rows = new ArrayList<>();
        ((List<?>) Objects.requireNonNull(document.get("rows"))).forEach(row -> rows.add((Map<?, ?>) row));
        return rows;
    }

    /** Everything that is not as the schema says, sorted by place. */
    public static List<String> problems(final Map<?, ?> document) throws IOException {
        return problems(document, "/org/amverdict/bench/bench.schema.json");
    }

    /** As {@link #problems(Map)}, with another schema on the class path. */
    public static List<String> problems(final Map<?, ?> document, final String schema) throws IOException {
        final List<String> found = new ArrayList<>();
        check(schema(schema), document, "$", found);
        return found;
    }

    private static Map<?, ?> schema(final String resource) throws IOException {
        try (InputStream in = BenchDocument.class.getResourceAsStream(resource)) {
            return parse(new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void check(
            final Map<?, ?> schema, final @Nullable Object value, final String place, final List<String> found) {
        if (schema.containsKey("const") && !Objects.equals(schema.get("const"), value)) {
            found.add(place + ": is " + value);
        }
        if (schema.get("enum") instanceof List<?> allowed && !allowed.contains(value)) {
            found.add(place + ": is " + value);
        }
        final Object type = schema.get("type");
        if (type != null && !isA(type, value)) {
            found.add(place + ": is no " + type);
        } else if (value instanceof Map<?, ?> object) {
            checkObject(schema, object, place, found);
        } else if (value instanceof List<?> list && schema.get("items") instanceof Map<?, ?> items) {
            for (int i = 0; i < list.size(); i++) {
                check(items, list.get(i), place + "[" + i + "]", found);
            }
        }
    }

    private static void checkObject(
            final Map<?, ?> schema, final Map<?, ?> object, final String place, final List<String> found) {
        final Map<?, ?> properties = (Map<?, ?>) Objects.requireNonNull(schema.get("properties"));
        final List<?> required = (List<?>) Objects.requireNonNull(schema.get("required"));
        final TreeSet<String> names = new TreeSet<>();
        required.forEach(name -> names.add((String) name));
        object.keySet().forEach(name -> names.add((String) name));
        for (final String name : names) {
            final String inner = place + "." + name;
            if (!object.containsKey(name)) {
                found.add(inner + ": missing");
            } else if (properties.get(name) instanceof Map<?, ?> property) {
                check(property, object.get(name), inner, found);
            } else {
                found.add(inner + ": not in the schema");
            }
        }
    }

    private static boolean isA(final Object type, final @Nullable Object value) {
        return switch ((String) type) {
            case "object" -> value instanceof Map;
            case "array" -> value instanceof List;
            case "string" -> value instanceof String;
            case "integer" -> value instanceof Integer || value instanceof Long;
            case "boolean" -> value instanceof Boolean;
            case "number" -> value instanceof Number;
            default -> throw new IllegalArgumentException("the schema has type " + type);
        };
    }
}
