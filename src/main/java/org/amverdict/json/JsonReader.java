package org.amverdict.json;

import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one JSON object (RFC 8259) that this program has written: JSON is a subset of YAML 1.2, and a YAML parser is on
 * the class path. Not for hostile text. Any thread.
 */
public final class JsonReader {
    private JsonReader() {}

    /**
     * Reads it.
     *
     * @return keys in their order; values are {@link Map}, {@link java.util.List}, String, Integer, Long, Double,
     *     Boolean or null
     * @throws IllegalArgumentException if the text is not one object
     */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> object(final String json) {
        final Object read;
        try {
            read = new Load(LoadSettings.builder().build()).loadFromString(json);
        } catch (final YamlEngineException e) {
            throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
        }
        if (!(read instanceof Map)) {
            throw new IllegalArgumentException("not a JSON object: " + json);
        }
        return (Map<String, Object>) read;
    }
}
