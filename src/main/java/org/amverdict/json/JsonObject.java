package org.amverdict.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object that {@link JsonReader} has read, with accessors by type. A field that is missing or of another type is
 * empty or 0: the writer may be an older program. Immutable if the map does not change; any thread.
 */
public final class JsonObject {
    /** One without fields. */
    public static final JsonObject EMPTY = new JsonObject(Map.of());

    private final Map<?, ?> fields;

    private JsonObject(final Map<?, ?> fields) {
        this.fields = fields;
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if it is not one object
     */
    public static JsonObject parse(final String json) {
        return new JsonObject(JsonReader.object(json));
    }

    public boolean has(final String key) {
        return fields.get(key) != null;
    }

    public String text(final String key) {
        final Object value = fields.get(key);
        return value == null || value instanceof Map || value instanceof List ? "" : value.toString();
    }

    public long number(final String key) {
        return fields.get(key) instanceof Number number ? number.longValue() : 0;
    }

    public double decimal(final String key) {
        return fields.get(key) instanceof Number number ? number.doubleValue() : 0;
    }

    public boolean flag(final String key) {
        return Boolean.TRUE.equals(fields.get(key));
    }

    public JsonObject object(final String key) {
        return of(fields.get(key));
    }

    /** The objects of an array. */
    public List<JsonObject> objects(final String key) {
        final List<JsonObject> found = new ArrayList<>();
        if (fields.get(key) instanceof List<?> list) {
            list.forEach(each -> found.add(of(each)));
        }
        return found;
    }

    /** The strings of an array. */
    public List<String> texts(final String key) {
        final List<String> found = new ArrayList<>();
        if (fields.get(key) instanceof List<?> list) {
            list.forEach(each -> found.add(String.valueOf(each)));
        }
        return found;
    }

    private static JsonObject of(final @Nullable Object value) {
        return value instanceof Map<?, ?> map ? new JsonObject(map) : EMPTY;
    }
}
