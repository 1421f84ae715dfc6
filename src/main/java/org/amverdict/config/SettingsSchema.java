package org.amverdict.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.json.JsonLine;

/**
 * What JSON Schema, draft 2020-12, can express about amverdict.yaml: for editors. The program itself checks more.
 * Stateless.
 */
public final class SettingsSchema {
    private SettingsSchema() {}

    /**
     * Writes the schema. Run by the build.
     *
     * @param args where to
     */
    public static void main(final String[] args) throws IOException {
        Files.writeString(Path.of(args[0]), text() + "\n", StandardCharsets.US_ASCII);
    }

    /** The schema, one line of JSON. */
    public static String text() {
        final JsonLine schema = new JsonLine()
                .add("$schema", "https://json-schema.org/draft/2020-12/schema")
                .add("title", "amverdict.yaml");
        object(schema, keysIn(""));
        return schema.end();
    }

    private static List<SettingsKey<?>> keysIn(final String section) {
        return SettingsKeys.ALL.stream()
                .filter(key -> key.section().equals(section))
                .toList();
    }

    /** Adds the constraints of a mapping with these keys and no others. */
    static void object(final JsonLine schema, final List<SettingsKey<?>> keys) {
        schema.add("type", "object").add("additionalProperties", false);
        schema.add(
                "required",
                keys.stream()
                        .filter(SettingsKey::isRequired)
                        .map(SettingsKey::name)
                        .toList());
        schema.openObject("properties");
        for (final SettingsKey<?> key : keys) {
            schema.openObject(key.name()).add("description", key.explanation());
            if (key.kind() instanceof SectionKind) {
                object(schema, keysIn(key.name()));
            } else {
                key.kind().describe(schema);
            }
            schema.closeObject();
        }
        schema.closeObject();
    }
}
