package org.amverdict.json;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Holds documents against the schemas that the program publishes, draft 2020-12. */
public final class JsonSchemas {
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    private JsonSchemas() {}

    /**
     * Everything that is not as the schema says, sorted.
     *
     * @param resource path of the schema on the class path
     */
    public static List<String> problems(final String resource, final String json) throws IOException {
        try (InputStream in = JsonSchemas.class.getResourceAsStream(resource)) {
            return problemsBy(
                    new String(Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8), json);
        }
    }

    /** The same, by the text of a schema. */
    public static List<String> problemsBy(final String schemaText, final String json) {
        final JsonSchema schema = FACTORY.getSchema(schemaText);
        return schema
                .validate(
                        json,
                        InputFormat.JSON,
                        context -> context.getExecutionConfig().setFormatAssertionsEnabled(true))
                .stream()
                .map(problem -> problem.getInstanceLocation() + ": " + problem.getMessage())
                .sorted()
                .toList();
    }
}
