package org.amverdict.events;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.amverdict.json.JsonReader;

/** events.schema.json, for tests. */
public final class EventSchema {
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text());

    private EventSchema() {}

    private static String text() {
        try (InputStream in = EventLog.class.getResourceAsStream("events.schema.json")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is wrong with a line, sorted; empty if nothing is. */
    public static Set<String> problems(final String line) {
        final Set<String> problems = new TreeSet<>();
        SCHEMA.validate(line, InputFormat.JSON).forEach(message -> problems.add(message.getMessage()));
        return problems;
    }

    /** What is there in an object in an object. */
    public static Object at(final Map<?, ?> object, final String... path) {
        Object value = object;
        for (final String key : path) {
            value = Objects.requireNonNull(((Map<?, ?>) value).get(key), key + " in " + object);
        }
        return value;
    }

    /** A number that is there. */
    public static long number(final Map<?, ?> object, final String key) {
        return ((Number) at(object, key)).longValue();
    }

    static Map<String, Object> document() {
        return JsonReader.object(text());
    }
}
