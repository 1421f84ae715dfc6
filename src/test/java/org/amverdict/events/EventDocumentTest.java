package org.amverdict.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Reason;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.Removal;
import org.junit.jupiter.api.Test;

/** events.md and the closed lists of the schema say what the program says. */
final class EventDocumentTest {
    private static final Path PAGE = Path.of(System.getProperty("basedir", "."), "docs/events.md");

    private static Map<?, ?> definition(final String name) {
        return (Map<?, ?>) EventSchema.at(EventSchema.document(), "$defs", name);
    }

    private static List<?> values(final String name) {
        return (List<?>) EventSchema.at(definition(name), "enum");
    }

    private static void collect(final Object schema, final Set<String> names) {
        if (schema instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (key.equals("properties") && value instanceof Map<?, ?> properties) {
                    properties.keySet().forEach(name -> names.add((String) name));
                    collectTypes(properties, names);
                }
                collect(value, names);
            });
        } else if (schema instanceof List<?> list) {
            list.forEach(element -> collect(element, names));
        }
    }

    private static void collectTypes(final Map<?, ?> properties, final Set<String> names) {
        for (final String key : List.of("event_type", "action")) {
            if (properties.get(key) instanceof Map<?, ?> property) {
                if (property.get("const") instanceof String type) {
                    names.add(type);
                }
                if (property.get("enum") instanceof List<?> types) {
                    types.forEach(type -> names.add((String) type));
                }
            }
        }
    }

    @Test
    void shouldNameEveryTypeAndFieldOfTheSchemaOnThePage() throws IOException {
        final String page = Files.readString(PAGE);
        final Set<String> names = new TreeSet<>();
        collect(EventSchema.document(), names);
        // By reason, refusal, type, stream and cause: the lists are in other places.
        for (final Reason reason : Reason.values()) {
            names.remove(reason.label());
        }
        for (final Refusal refusal : Refusal.values()) {
            names.remove(refusal.label());
        }
        final Set<String> missing = new TreeSet<>();
        for (final String name : names) {
            if (!page.contains("`" + name + "`")) {
                missing.add(name);
            }
        }

        assertTrue(names.size() > 50, names.toString());
        assertEquals(Set.of(), missing);
    }

    @Test
    void shouldHaveTheClosedListsOfTheProgram() {
        assertEquals(Arrays.stream(Reason.values()).map(Reason::label).toList(), values("reason"));
        assertEquals(
                Arrays.stream(Refusal.values())
                        .filter(refusal -> refusal != Refusal.NONE)
                        .map(Refusal::label)
                        .toList(),
                values("refusal"));
        assertEquals(Arrays.stream(Removal.values()).map(Removal::label).toList(), values("removal"));
        assertEquals(Arrays.stream(StreamName.values()).map(StreamName::label).toList(), values("stream_name"));
        assertEquals(
                Arrays.stream(Service.values()).map(Service::label).toList(),
                EventSchema.at(definition("amanda"), "properties", "service", "enum"));
        final List<?> causes = (List<?>) EventSchema.at(definition("close"), "properties", "cause", "enum");
        assertEquals(
                Arrays.stream(FlowEnd.values()).map(FlowEnd::label).toList(), causes.subList(0, causes.size() - 1));
    }
}
