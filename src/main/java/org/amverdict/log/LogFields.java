package org.amverdict.log;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a line of the log says, as fields for machines; only {@code log.format: json} writes them. A parameter of the log
 * record. Filled by one thread, then not changed.
 */
public final class LogFields {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    /** Adds a text; nothing if it is null. The names are those of the event log, and none of a line's own. */
    public LogFields with(final String name, final @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
        return this;
    }

    /** Adds a number. */
    public LogFields with(final String name, final long value) {
        fields.put(name, value);
        return this;
    }

    /** Name to text or number, in the order in which they were added. */
    Map<String, Object> all() {
        return fields;
    }
}
